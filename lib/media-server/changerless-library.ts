// SPDX-License-Identifier: Apache-2.0
/** What libraries without a changer have in common: a cartridge is known once its label was read in a drive. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { DeviceError } from "../errors.ts";
import { DriveHandles } from "./drive-handles.ts";
import { noteHealthAtParting } from "./drive-health.ts";
import { isWanted, lookAtLabel, noteSeen } from "./label-look.ts";
import type { CartridgeSeen } from "./label-look.ts";
import type { Library, LibraryInventory } from "./library.ts";
import type { LibraryEnvironment } from "./library-environment.ts";
import { askToLoad, closeRequests } from "./requests.ts";

/** A drive as this process last saw it; forgotten when the drive tells that its cartridge was changed. */
export interface DriveSight {
  /** Absent: nobody has looked since the drive became ready. */
  seen?: CartridgeSeen;
  /** The drive was told to unload, and has not been ready since. */
  isUnloaded: boolean;
}

/** Element addresses are places in the configuration here: there are no others. */
export abstract class ChangerlessLibrary implements Library {
  readonly isFedAtDrive = true;
  protected readonly environment: LibraryEnvironment;
  protected readonly handles: DriveHandles;
  readonly #sights = new Map<number, DriveSight>();

  constructor(environment: LibraryEnvironment) {
    this.environment = environment;
    this.handles = new DriveHandles(environment);
  }

  get driveNames(): readonly string[] {
    return this.handles.names;
  }

  /** By what was last seen: a status call opens no drive that somebody may be using. */
  inventory(): Promise<LibraryInventory> {
    const inDrive = new Map<number, string>();
    for (const { volumeTag, location } of this.environment.cartridges.list()) {
      if (location.kind === "library" && location.elementAddress !== undefined)
        inDrive.set(location.elementAddress, volumeTag);
    }
    const elements = this.driveNames.map((_, drive) => {
      const volumeTag = inDrive.get(drive);
      const { serialNumber } = this.handles.entry(drive);
      return {
        address: drive,
        type: "dataTransfer" as const,
        full: volumeTag !== undefined,
        drive,
        ...(volumeTag === undefined ? {} : { volumeTag }),
        ...(serialNumber === undefined ? {} : { driveSerialNumber: serialNumber }),
      };
    });
    return Promise.resolve({ elements });
  }

  /** All that are known and not in a vault: whoever is there can put them in. */
  presentTags(): Promise<ReadonlySet<string>> {
    const present = this.environment.cartridges
      .list()
      .filter(({ kind, location }) => kind !== "cleaning" && location.kind !== "vault");
    return Promise.resolve(new Set(present.map(({ volumeTag }) => volumeTag)));
  }

  drivesFor(volumeTag?: string): Promise<readonly number[]> {
    const usable = [...this.driveNames.keys()].filter((drive) => this.handles.entry(drive).state === "inService");
    if (usable.length === 0) {
      throw new DeviceError(`no drive is in service, of ${this.driveNames.join(", ")}: put one into service`, {
        code: "ERR_TAPE_DEVICE_UNKNOWN",
      });
    }
    const known = volumeTag === undefined ? undefined : this.environment.cartridges.get(volumeTag);
    const holder = known?.location.kind === "library" ? known.location.elementAddress : undefined;
    return Promise.resolve(usable.sort((left, right) => Number(right === holder) - Number(left === holder)));
  }

  abstract mount(drive: number, volumeTag: string, options?: { readonly jobId?: string }): Promise<TapeDrive>;

  async loadedTag(drive: number): Promise<string | undefined> {
    const opened = await this.handles.open(drive);
    if (!(await this.attend(drive, opened)).ready) return undefined;
    return (await this.#look(drive, opened)).volumeTag;
  }

  async openDrive(drive: number, options: { readonly jobId?: string } = {}): Promise<TapeDrive> {
    return this.handles.open(drive, options.jobId);
  }

  async unmount(drive: number): Promise<void> {
    const opened = await this.handles.open(drive);
    const { ready } = await this.attend(drive, opened);
    if (ready) await this.unload(drive, opened);
  }

  async closeDrive(drive: number): Promise<void> {
    const { seen } = this.sight(drive);
    if (seen !== undefined && this.handles.isOpen(drive))
      await this.#noteHealth(drive, await this.handles.open(drive), seen.volumeTag);
    // The next one who has it may change its cartridge.
    this.#sights.delete(drive);
    await this.handles.close(drive);
  }

  async close(): Promise<void> {
    this.#sights.clear();
    await this.handles.closeAll();
  }

  protected sight(drive: number): DriveSight {
    const sight = this.#sights.get(drive) ?? { isUnloaded: false };
    this.#sights.set(drive, sight);
    return sight;
  }

  /** TEST UNIT READY: all that a call costs while nothing has changed. */
  protected async attend(drive: number, opened: TapeDrive): ReturnType<TapeDrive["attend"]> {
    const attendance = await opened.attend();
    const sight = this.sight(drive);
    if (attendance.attentions.length > 0 || !attendance.ready) delete sight.seen;
    if (attendance.ready) sight.isUnloaded = false;
    return attendance;
  }

  /** Reads the label unless it was read since the cartridge came in. Says whether it is the wanted one. */
  protected async holds(drive: number, opened: TapeDrive, volumeTag: string): Promise<boolean> {
    const { cartridges } = this.environment;
    const seen = await this.#look(drive, opened);
    if (!isWanted(seen, volumeTag, cartridges.get(volumeTag))) return false;
    if (seen.volumeTag === undefined) this.#noteInDrive(drive, { volumeTag, kind: seen.kind });
    // What it is called it will carry as its label: it is looked at again when it has come back.
    this.sight(drive).seen = { ...seen, volumeTag };
    return true;
  }

  async #look(drive: number, opened: TapeDrive): Promise<CartridgeSeen> {
    const sight = this.sight(drive);
    if (sight.seen !== undefined) return sight.seen;
    this.#forgetPlaces(drive);
    const seen = await lookAtLabel(opened);
    sight.seen = seen;
    if (seen.volumeTag !== undefined) this.#noteInDrive(drive, { volumeTag: seen.volumeTag, kind: "data" });
    return seen;
  }

  protected async unload(drive: number, opened: TapeDrive): Promise<void> {
    const sight = this.sight(drive);
    await this.#noteHealth(drive, opened, sight.seen?.volumeTag);
    await opened.unload();
    delete sight.seen;
    sight.isUnloaded = true;
    this.#forgetPlaces(drive);
  }

  protected mounted(drive: number, volumeTag: string, options: { readonly jobId?: string }): void {
    closeRequests(this.environment, { kind: "load", volumeTag, ...options });
    closeRequests(this.environment, { kind: "look", device: this.handles.name(drive) });
  }

  /** Only a person can clean it here: they are asked for as long as the drive asks. */
  async #noteHealth(drive: number, opened: TapeDrive, volumeTag: string | undefined): Promise<void> {
    const device = this.handles.name(drive);
    await noteHealthAtParting(this.environment, device, opened, volumeTag, true);
    if (this.handles.entry(drive).cleaning === "notNeeded") {
      closeRequests(this.environment, { kind: "load", device, ofNoCartridge: true });
    } else {
      askToLoad(this.environment, {
        volumeTags: [],
        what: `${device} must be cleaned: load a cleaning cartridge`,
        place: `into ${device}`,
        device,
      });
    }
  }

  #noteInDrive(drive: number, seen: { readonly volumeTag: string; readonly kind: CartridgeSeen["kind"] }): void {
    noteSeen(this.environment.cartridges, seen, { kind: "library", elementAddress: drive });
  }

  /** What was in the drive is with the person now. */
  #forgetPlaces(drive: number): void {
    const { cartridges } = this.environment;
    for (const { volumeTag } of cartridges.list()) {
      cartridges.change(volumeTag, (cartridge) => {
        const { location } = cartridge;
        const isThere = location.kind === "library" && location.elementAddress === drive;
        return isThere ? { ...cartridge, location: { kind: "outside" } } : undefined;
      });
    }
  }
}
