// SPDX-License-Identifier: Apache-2.0
/** The library as an operator handles it: which cartridge is where, and bringing one into a drive. */
import type { MediumChanger } from "../device/medium-changer.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import { DeviceError, OperatorError } from "../errors.ts";
import type { Element } from "../native/binding.ts";
import { standDrives } from "./drive-bays.ts";
import type { DriveBays } from "./drive-bays.ts";
import type { LibraryAccess } from "./environment.ts";

export interface MountedCartridge {
  readonly drive: TapeDrive;
  readonly volumeTag: string;
}

/** Not ready this often after a load is not "becoming ready" any more; the drive's own load waits. */
const readyAttempts = 8;

export class TapeLibrary {
  readonly #access: LibraryAccess;
  /** Opened when one is first needed; by address of the data transfer element that each stands in. */
  #drives: Promise<DriveBays> | undefined;
  #changer: MediumChanger | undefined;

  constructor(access: LibraryAccess) {
    this.#access = access;
  }

  get changer(): MediumChanger {
    this.#changer ??= this.#access.openChanger();
    return this.#changer;
  }

  /** READ ELEMENT STATUS; moves nothing. */
  async elements(): Promise<readonly Element[]> {
    await this.changer.attend();
    return this.changer.elements();
  }

  async presentTags(): Promise<ReadonlySet<string>> {
    const elements = await this.elements();
    return new Set(elements.flatMap((element) => (element.volumeTag === undefined ? [] : [element.volumeTag])));
  }

  /**
   * Brings a cartridge into a drive that no other process uses, and waits until it is ready.
   * @throws OperatorError where the cartridge is not in the library; DeviceError where no drive is free
   */
  async mount(volumeTag: string): Promise<MountedCartridge> {
    const elements = await this.elements();
    const place = elements.find((element) => element.volumeTag === volumeTag);
    if (place === undefined) {
      throw new OperatorError(`cartridge ${volumeTag} is not in the library: put it into a slot, then try again`, {
        code: "ERR_TAPE_CARTRIDGE_MISSING",
      });
    }
    const bays = elements.filter((element) => element.type === "dataTransfer");
    if (place.type === "dataTransfer") {
      const drive = await this.#drive(place, bays);
      await ready(drive, volumeTag);
      return { drive, volumeTag };
    }
    const { drive, bay } = await this.#freeDrive(bays, elements);
    await this.changer.move(place.address, bay.address);
    await ready(drive, volumeTag);
    return { drive, volumeTag };
  }

  async close(): Promise<void> {
    const bays = await this.#drives?.catch(() => undefined);
    for (const drive of bays?.drives ?? []) await drive.close();
    this.#drives = undefined;
    await this.#changer?.close();
    this.#changer = undefined;
  }

  /** The first drive that is empty, else the first whose cartridge can go back; never one in use elsewhere. */
  async #freeDrive(
    bays: readonly Element[],
    elements: readonly Element[],
  ): Promise<{ readonly drive: TapeDrive; readonly bay: Element }> {
    const order = [...bays.filter((bay) => !bay.full), ...bays.filter((bay) => bay.full)];
    let refused: unknown = new DeviceError("the library has no drive", { code: "ERR_TAPE_DEVICE_UNKNOWN" });
    for (const bay of order) {
      try {
        const drive = await this.#drive(bay, bays);
        await drive.attend();
        if (bay.full) await this.#putBack(drive, bay, elements);
        return { drive, bay };
      } catch (error) {
        // A drive in use, or one of another host.
        const isAnothers =
          error instanceof DeviceError &&
          (error.code === "ERR_TAPE_DEVICE_LOCKED" || error.code === "ERR_TAPE_DEVICE_UNKNOWN");
        if (!isAnothers) throw error;
        refused = error;
      }
    }
    throw refused;
  }

  async #putBack(drive: TapeDrive, bay: Element, elements: readonly Element[]): Promise<void> {
    const isFree = (address: number): boolean =>
      elements.some((element) => element.address === address && element.type === "storage" && !element.full);
    const home = bay.sourceAddress;
    const target =
      home !== undefined && isFree(home)
        ? home
        : elements.find((each) => each.type === "storage" && !each.full)?.address;
    if (target === undefined) {
      throw new OperatorError(
        `no slot is free for ${bay.volumeTag ?? "the cartridge"} in ${drive.name}: take a cartridge out of the library`,
      );
    }
    await drive.unload();
    await this.changer.move(bay.address, target);
  }

  async #drive(bay: Element, bays: readonly Element[]): Promise<TapeDrive> {
    this.#drives ??= standDrives(bays, this.#access.openDrives());
    const drive = (await this.#drives).byElement.get(bay.address);
    if (drive === undefined) {
      const serial = bay.driveSerialNumber === undefined ? "" : ` (serial number ${bay.driveSerialNumber})`;
      throw new DeviceError(
        `the drive in element ${bay.address}${serial} is none of those in the configuration: add it to library.drives`,
        { code: "ERR_TAPE_DEVICE_UNKNOWN" },
      );
    }
    return drive;
  }
}

async function ready(drive: TapeDrive, volumeTag: string): Promise<void> {
  for (let attempt = 0; attempt < readyAttempts; attempt++) {
    if ((await drive.attend()).ready) return;
    await drive.load();
  }
  throw new OperatorError(`${drive.name} does not become ready with ${volumeTag}: look at the drive's display`);
}
