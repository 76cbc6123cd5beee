// SPDX-License-Identifier: Apache-2.0
/**
 * Which device an operator means: an address (`/dev/sg3`, `iscsi://...`), a serial number, the number of a drive of
 * the configured library, or nothing, where there is only one.
 */
import * as fileSystem from "node:fs/promises";
import { resolve } from "node:path";
import { deviceAddressText, looksLikeDeviceAddress, parseDeviceAddress } from "../device/address.ts";
import { discoverDevices } from "../device/discovery.ts";
import type { DiscoveredDevice } from "../device/discovery.ts";
import type { DeviceAddress } from "../device/index.ts";
import { MediumChanger } from "../device/medium-changer.ts";
import { TapeDrive } from "../device/tape-drive.ts";
import { ConfigError, DeviceError } from "../errors.ts";
import { loadConfig } from "../service/config.ts";
import type { TidemarkConfig } from "../service/config.ts";
import { libraryAddresses } from "../service/library-access.ts";
import type { Session } from "./session.ts";
import { UsageError } from "./usage-error.ts";

export type DeviceKind = "drive" | "changer";

/** A device that can be opened. */
export interface NamedDevice {
  readonly kind: DeviceKind;
  readonly address: DeviceAddress;
  /** How it is called in messages and listings; the address as text. */
  readonly name: string;
  readonly serialNumber?: string;
  /** Of a drive of the configured library. */
  readonly number?: number;
  /** What the kernel knows of it. */
  readonly discovered?: DiscoveredDevice;
}

/** Drives or changers of this machine, and those of the configured library where there is a configuration. */
export async function knownDevices(session: Session, kind: DeviceKind): Promise<readonly NamedDevice[]> {
  const found = (await discoverDevices({ fileSystem, root: session.terminal.rootFolder }))
    .filter((device) => device.kind === kind)
    .map(fromDiscovery);
  const config = configIfAny(session);
  return config === undefined ? found : [...found, ...(await libraryDevices(config, kind))];
}

/** For JSON: what is known of it, and its name instead of its address, for an address may have a password in it. */
export function listedDevice({ name, kind, serialNumber, number, discovered }: NamedDevice): object {
  const { address: _, ...known } = discovered ?? {};
  return {
    name,
    kind,
    ...(serialNumber === undefined ? {} : { serialNumber }),
    ...(number === undefined ? {} : { number }),
    ...known,
  };
}

/** @throws DeviceError (`ERR_TAPE_DEVICE_UNKNOWN`) or UsageError that name the devices there are */
export async function findDevice(session: Session, kind: DeviceKind, given: string | undefined): Promise<NamedDevice> {
  if (given !== undefined && looksLikeDeviceAddress(given)) {
    const address = anchored(parseDeviceAddress(given), session.terminal.workingFolder);
    return { kind, address, name: deviceAddressText(address) };
  }
  const known = await knownDevices(session, kind);
  const matching = given === undefined ? known : known.filter((device) => isCalled(device, given));
  const [device, ...more] = matching;
  if (device !== undefined && more.length === 0) return device;
  const message = refusal(kind, given, known, matching);
  if (device !== undefined) throw new UsageError(message);
  throw new DeviceError(message, { code: "ERR_TAPE_DEVICE_UNKNOWN" });
}

/** A number is short and a serial number is not, but what a device itself says goes first. */
function isCalled(device: NamedDevice, given: string): boolean {
  return device.serialNumber === given || (device.number !== undefined && String(device.number) === given);
}

function refusal(
  kind: DeviceKind,
  given: string | undefined,
  known: readonly NamedDevice[],
  matching: readonly NamedDevice[],
): string {
  if (known.length === 0) {
    const advice = `connect one, name one by its address (--${kind} iscsi://...), or make a simulated library: tidemark init --simulated`;
    return given === undefined
      ? `there is no ${kind} on this machine: ${advice}`
      : `there is no ${kind} ${given}: none is known on this machine; ${advice}`;
  }
  const names = known.map((device) => device.serialNumber ?? device.name).join(", ");
  if (given === undefined) return `there are ${known.length} ${kind}s: say which one, of ${names}`;
  return matching.length === 0
    ? `there is no ${kind} ${given}; there are ${names}`
    : `${given} is the name of ${matching.length} ${kind}s: give an address, of ${matching.map(({ name }) => name).join(", ")}`;
}

function fromDiscovery(discovered: DiscoveredDevice): NamedDevice {
  const { kind, address, serialNumber } = discovered;
  return {
    kind,
    address,
    name: deviceAddressText(address),
    discovered,
    ...(serialNumber === undefined ? {} : { serialNumber }),
  };
}

/** Relative folders and files are the caller's, not those of whoever opens the device later. */
function anchored(address: DeviceAddress, workingFolder: string): DeviceAddress {
  if (address.kind === "simulated") return { ...address, folder: resolve(workingFolder, address.folder) };
  if (address.kind === "replay") return { ...address, path: resolve(workingFolder, address.path) };
  return address;
}

/** A device can be used without any configuration; one that is there and wrong is an error all the same. */
function configIfAny(session: Session): TidemarkConfig | undefined {
  let path: string;
  try {
    path = session.configPath();
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
  return loadConfig(path);
}

async function libraryDevices({ library }: TidemarkConfig, kind: DeviceKind): Promise<readonly NamedDevice[]> {
  const addresses = libraryAddresses(library);
  if (kind === "changer") {
    const { changer } = addresses;
    if (changer === undefined) return [];
    const device = MediumChanger.open(changer);
    try {
      return [await namedDevice(device, kind, changer)];
    } finally {
      await device.close();
    }
  }
  const named: NamedDevice[] = [];
  for (const [number, address] of addresses.drives.entries()) {
    const device = TapeDrive.open(address);
    try {
      named.push({ ...(await namedDevice(device, kind, address)), number });
    } finally {
      await device.close();
    }
  }
  return named;
}

async function namedDevice(
  device: MediumChanger | TapeDrive,
  kind: DeviceKind,
  address: DeviceAddress,
): Promise<NamedDevice> {
  const { serialNumber } = await device.inquiry();
  return { kind, address, name: deviceAddressText(address), serialNumber };
}
