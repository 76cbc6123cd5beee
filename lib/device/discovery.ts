// SPDX-License-Identifier: Apache-2.0
/**
 * Which drives and changers this machine has, told apart by serial number: the kernel numbers its nodes anew at each
 * start, so a number names nothing. Everything is read from sysfs and from links; no device is opened, so that
 * looking disturbs nobody and takes no unit attention from anybody.
 */
import type { DeviceAddress } from "../native/binding.ts";

/** What discovery needs of a file system; the module `node:fs/promises` is one. */
export interface DiscoveryFileSystem {
  readdir(path: string): Promise<string[]>;
  readFile(path: string): Promise<Buffer>;
  realpath(path: string): Promise<string>;
}

/** Where {@link discoverDevices} looks. */
export interface DiscoveryOptions {
  readonly fileSystem: DiscoveryFileSystem;
  /** Where `/sys` and `/dev` are found; `/` unless it is a test's tree or another machine's. */
  readonly root?: string;
}

/** A drive or changer of this machine. */
export interface DiscoveredDevice {
  readonly kind: "drive" | "changer";
  /** `/dev/sg3`: how it is opened. */
  readonly sgPath: string;
  /** Drives that the kernel's tape driver has taken: `/dev/nst0`. */
  readonly nstPath?: string;
  /** Changers that the kernel's changer driver has taken: `/dev/sch0`. */
  readonly schPath?: string;
  /** A link that is the same after the next start, where udev made one. */
  readonly byIdPath?: string;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  /** INQUIRY VPD page 80h; absent where the device has none. */
  readonly serialNumber?: string;
  /** Host, channel, target and logical unit, as the kernel counts them: `3:0:1:0`. */
  readonly scsiAddress: string;
  readonly address: DeviceAddress;
}

/** Peripheral device types (SPC-5 table 150) that are asked for here. */
const kinds: Readonly<Record<string, DiscoveredDevice["kind"]>> = { "1": "drive", "8": "changer" };

const linkFolders = ["dev/tape/by-id", "dev/changer", "dev/changer/by-id"];

/**
 * Drives and changers of this machine, in the order of their sg numbers.
 * @example
 * import * as fileSystem from "node:fs/promises";
 * for (const device of await discoverDevices({ fileSystem })) console.log(device.sgPath, device.serialNumber);
 */
export async function discoverDevices(options: DiscoveryOptions): Promise<readonly DiscoveredDevice[]> {
  const tree = new Tree(options);
  const links = await linksByNode(tree);
  const nodes = (await tree.list("sys/class/scsi_generic")).filter((name) => /^sg\d+$/.test(name));
  nodes.sort((left, right) => Number(left.slice(2)) - Number(right.slice(2)));
  const devices: DiscoveredDevice[] = [];
  for (const node of nodes) {
    const device = await describeNode(tree, node, links);
    if (device !== undefined) devices.push(device);
  }
  return devices;
}

/** Nothing here fails: a device that goes away while it is looked at is not there. */
class Tree {
  readonly #fileSystem: DiscoveryFileSystem;
  readonly #root: string;

  constructor({ fileSystem, root = "/" }: DiscoveryOptions) {
    this.#fileSystem = fileSystem;
    this.#root = root.replace(/\/*$/, "/");
  }

  async list(folder: string): Promise<readonly string[]> {
    return (await absentAsUndefined(this.#fileSystem.readdir(this.#root + folder))) ?? [];
  }

  async bytes(path: string): Promise<Buffer | undefined> {
    return absentAsUndefined(this.#fileSystem.readFile(this.#root + path));
  }

  async text(path: string): Promise<string> {
    return printable((await this.bytes(path)) ?? Buffer.alloc(0));
  }

  /** Last part of what a path is in the end, links followed. */
  async realName(path: string): Promise<string | undefined> {
    const real = await absentAsUndefined(this.#fileSystem.realpath(this.#root + path));
    return real?.slice(real.lastIndexOf("/") + 1);
  }
}

async function absentAsUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch {
    return undefined;
  }
}

async function describeNode(
  tree: Tree,
  node: string,
  links: ReadonlyMap<string, string>,
): Promise<DiscoveredDevice | undefined> {
  const folder = `sys/class/scsi_generic/${node}/device`;
  const kind = kinds[await tree.text(`${folder}/type`)];
  if (kind === undefined) return undefined;
  // st makes eight nodes a drive; the plain one does not rewind and has the driver's first mode.
  const nst = (await tree.list(`${folder}/scsi_tape`)).find((name) => /^nst\d+$/.test(name));
  const sch = (await tree.list(`${folder}/scsi_changer`)).find((name) => /^sch\d+$/.test(name));
  const nodesOfDevice = [nst, sch, node, nst?.slice(1)].filter((name) => name !== undefined);
  const byId = nodesOfDevice.map((name) => links.get(name)).find((link) => link !== undefined);
  const serialNumber = unitSerialNumber(await tree.bytes(`${folder}/vpd_pg80`));
  const sgPath = `/dev/${node}`;
  return {
    kind,
    sgPath,
    ...(nst === undefined ? {} : { nstPath: `/dev/${nst}` }),
    ...(sch === undefined ? {} : { schPath: `/dev/${sch}` }),
    ...(byId === undefined ? {} : { byIdPath: `/${byId}` }),
    vendor: await tree.text(`${folder}/vendor`),
    product: await tree.text(`${folder}/model`),
    revision: await tree.text(`${folder}/rev`),
    ...(serialNumber === undefined ? {} : { serialNumber }),
    scsiAddress: (await tree.realName(folder)) ?? "",
    address: { kind: "sg", path: sgPath },
  };
}

/** Name of a node to a link that leads to it; of several, the first by name, so that it is always the same. */
async function linksByNode(tree: Tree): Promise<ReadonlyMap<string, string>> {
  const links = new Map<string, string>();
  const add = async (path: string): Promise<void> => {
    const node = await tree.realName(path);
    if (node !== undefined && !links.has(node)) links.set(node, path);
  };
  for (const folder of linkFolders) {
    for (const name of [...(await tree.list(folder))].sort()) await add(`${folder}/${name}`);
  }
  // Old rules make one link and no folder.
  await add("dev/changer");
  return links;
}

/**
 * The serial number in VPD page 80h (SPC-5 7.7.17): right-aligned, padded with spaces, or with zeros by some.
 * Clamped to what was received, whatever the page's length field says.
 */
export function unitSerialNumber(page: Uint8Array | undefined): string | undefined {
  if (page === undefined || page.length < 4 || page[1] !== 0x80) return undefined;
  const bytes = Buffer.from(page.buffer, page.byteOffset, page.byteLength);
  const text = printable(bytes.subarray(4, 4 + bytes.readUInt16BE(2)));
  return text === "" ? undefined : text;
}

/** Without padding; what is not printable ASCII becomes `?`, so that a device cannot command a terminal. */
function printable(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .replaceAll(/^[\0\s]+|[\0\s]+$/g, "")
    .replaceAll(/[^\x20-\x7e]/g, "?");
}
