// SPDX-License-Identifier: Apache-2.0
/**
 * A library with a robot. Whoever calls mount, unmount, cleanDrive, openDrive or closeDrive holds the drive's lease; all
 * that moves cartridges happens inside DriveQueue.withRobot. Waiting for a drive happens outside of it: others move
 * their cartridges meanwhile.
 */
import type { TapeDrive } from "../device/tape-drive.ts";
import { DeviceError, OperatorError } from "../errors.ts";
import type { Element } from "../native/binding.ts";
import { cleanDrive } from "./drive-cleaning.ts";
import { DriveHandles } from "./drive-handles.ts";
import { noteHealthAtParting } from "./drive-health.ts";
import { placeDrives } from "./drive-places.ts";
import { waitUntilLoaded } from "./drive-readiness.ts";
import { isOnItsWayOut, libraryElement } from "./inventory.ts";
import type { Library, LibraryInventory } from "./library.ts";
import type { LibraryEnvironment } from "./library-environment.ts";
import { cartridgeText, isCleaningCartridge, tagOf } from "./library-model.ts";
import type { LibraryModel } from "./library-model.ts";
import { MailSlots } from "./mail-slots.ts";
import type { ExportOutcome, ImportOutcome } from "./mail-slots.ts";
import { askToLoad, askToLook, closeRequests } from "./requests.ts";
import { Robot } from "./robot.ts";
import { LibraryFaultError } from "./robot-fault.ts";
import { RobotPlan } from "./robot-plan.ts";
import type { RobotWork } from "./robot-plan.ts";

/** A drive for which there was no cleaning cartridge is not tried again at every mount. */
const cleaningRetryMs = 10 * 60 * 1000;

export class ChangerLibrary implements Library {
  readonly isFedAtDrive = false;
  readonly #environment: LibraryEnvironment;
  readonly #handles: DriveHandles;
  readonly #robot: Robot;
  readonly #plan: RobotPlan;
  /** By drive, what was mounted since it was opened. */
  readonly #mounted = new Map<number, string>();
  readonly #cleaningFailedAtMs = new Map<number, number>();

  constructor(environment: LibraryEnvironment) {
    this.#environment = environment;
    this.#handles = new DriveHandles(environment);
    this.#robot = new Robot(environment);
    this.#plan = new RobotPlan(environment, this.#robot, this.#handles);
  }

  get driveNames(): readonly string[] {
    return this.#handles.names;
  }

  async inventory(): Promise<LibraryInventory> {
    const { vendor, product, serialNumber } = await this.#robot.changer.inquiry();
    const { model, places } = await this.#read();
    const byElement = new Map([...places].map(([drive, address]) => [address, drive]));
    return {
      changer: { vendor, product, serialNumber },
      elements: model.elements.map((element) => libraryElement(element, byElement.get(element.address))),
    };
  }

  async presentTags(): Promise<ReadonlySet<string>> {
    const { cartridges } = this.#environment;
    const { model } = await this.#read();
    const present = model.elements.filter((element) => {
      const known = cartridges.get(tagOf(element) ?? "");
      return element.full && (known === undefined || !isOnItsWayOut(element, known)) && isReachable(element);
    });
    return new Set(present.flatMap((element) => tagOf(element) ?? []));
  }

  async drivesFor(volumeTag?: string): Promise<readonly number[]> {
    const { model, places } = await this.#read();
    const usable = [...this.driveNames.keys()].filter((drive) => {
      const { state, serialNumber } = this.#handles.entry(drive);
      // One that nobody could ask for its serial number yet may stand in an element; one that was asked does not.
      return state === "inService" && (places.has(drive) || serialNumber === undefined);
    });
    if (usable.length === 0) {
      throw new DeviceError(
        `no drive is in service, of ${this.driveNames.join(", ")}: see "tidemark library status", and put one into service`,
        { code: "ERR_TAPE_DEVICE_UNKNOWN" },
      );
    }
    const rank = (drive: number): number => {
      const bay = model.at(places.get(drive) ?? -1);
      if (bay === undefined) return 5;
      if (volumeTag !== undefined && bay.full && bay.volumeTag === volumeTag) return 0;
      return (bay.full ? 2 : 1) + (this.#handles.entry(drive).cleaning === "now" ? 2 : 0);
    };
    return usable.sort((left, right) => rank(left) - rank(right) || left - right);
  }

  async mount(drive: number, volumeTag: string, options: { readonly jobId?: string } = {}): Promise<TapeDrive> {
    const opened = await this.#handles.open(drive, options.jobId);
    if (this.#mustBeCleaned(drive)) await this.#cleanBefore(drive, volumeTag);
    await this.#plan.run(async (work) => this.#bring(work, drive, volumeTag, options.jobId));
    await waitUntilLoaded(opened, volumeTag, this.#environment);
    closeRequests(this.#environment, { kind: "load", volumeTag, ...options });
    this.#mounted.set(drive, volumeTag);
    return opened;
  }

  async loadedTag(drive: number): Promise<string | undefined> {
    const { model, places } = await this.#read();
    const bay = model.at(places.get(drive) ?? -1);
    return bay === undefined ? undefined : tagOf(bay);
  }

  async openDrive(drive: number, options: { readonly jobId?: string } = {}): Promise<TapeDrive> {
    return this.#handles.open(drive, options.jobId);
  }

  async unmount(drive: number): Promise<void> {
    this.#mounted.delete(drive);
    const mustBeCleaned = (): boolean => this.#mustBeCleaned(drive);
    await this.#plan.run(async (work) => {
      const bay = work.bayOf(drive);
      // One that was cleaning when its process died is seen to below.
      if (!(mustBeCleaned() && isCleaningCartridge(bay))) await work.putAway(drive);
    });
    if (mustBeCleaned()) await this.#cleanByItself(drive);
  }

  async closeDrive(drive: number): Promise<void> {
    const volumeTag = this.#mounted.get(drive);
    this.#mounted.delete(drive);
    // The cartridge may stay in there for long: what the drive has to complain of is asked now.
    if (volumeTag !== undefined && this.#handles.isOpen(drive)) {
      const opened = await this.#handles.open(drive);
      await noteHealthAtParting(this.#environment, this.#handles.name(drive), opened, volumeTag);
    }
    await this.#handles.close(drive);
  }

  async close(): Promise<void> {
    await this.#handles.closeAll();
    await this.#robot.close();
  }

  /**
   * Cleans the leased drive with a cleaning cartridge that has uses left; what is in the drive is put away first.
   * @throws OperatorError ERR_TAPE_CARTRIDGE_MISSING where there is none; a request for one stands in the register then
   */
  async cleanDrive(drive: number): Promise<void> {
    await cleanDrive(this.#environment, this.#plan, this.#handles, drive);
  }

  /** Puts the cartridges of the mail slots into free slots. */
  async importCartridges(): Promise<ImportOutcome> {
    return this.#plan.run(async (work) => new MailSlots(this.#environment, work).importAll());
  }

  /**
   * Brings cartridges into the mail slots. They are then in the vault, or outside; those for which there is no room
   * stay where they are, and the operator is asked to empty the mail slots.
   */
  async exportCartridges(volumeTags: readonly string[], vault?: string): Promise<ExportOutcome> {
    return this.#plan.run(async (work) => new MailSlots(this.#environment, work).exportThese(volumeTags, vault));
  }

  /** Where everything is, without moving or waiting for the robot. */
  async #read(): Promise<{ readonly model: LibraryModel; readonly places: ReadonlyMap<number, number> }> {
    const model = await this.#robot.read();
    await this.#handles.learnSerials(model.elements);
    return { model, places: placeDrives(model.elements, this.driveNames, this.#environment.drives) };
  }

  async #bring(work: RobotWork, drive: number, volumeTag: string, jobId: string | undefined): Promise<void> {
    const found = this.#placeOf(work.model, volumeTag, jobId);
    const bay = work.bayOf(drive);
    if (found.address === bay.address) return;
    if (found.type !== "dataTransfer" && !found.accessible) throw this.#unreachable(found);
    const place = found.type === "dataTransfer" ? await this.#outOfOtherDrive(work, found) : found;
    if (!bay.full) return work.carry(place, bay.address);
    await work.unload(drive, bay);
    const second = work.model.home(bay)?.address ?? (place.type === "storage" ? place.address : undefined);
    const exchanges = second !== undefined && (await this.#robot.canExchange(place.type, "dataTransfer"));
    if (exchanges) return work.exchange(drive, place, bay, second);
    await work.carry(bay, work.homeOf(bay).address);
    return work.carry(place, bay.address);
  }

  /** Out of the hold of a drive that nobody uses; into a slot where the robot does not go from drive to drive. */
  async #outOfOtherDrive(work: RobotWork, place: Element): Promise<Element> {
    await work.release(place);
    if (await this.#robot.canMove("dataTransfer", "dataTransfer")) return place;
    const home = work.homeOf(place);
    await work.carry(place, home.address);
    return work.model.at(home.address) ?? place;
  }

  #placeOf(model: LibraryModel, volumeTag: string, jobId: string | undefined): Element {
    const places = model.withTag(volumeTag);
    const [place, another] = places;
    if (place === undefined) {
      const device = this.#robot.name;
      throw askToLoad(this.#environment, {
        volumeTags: [volumeTag],
        place: "into the library",
        device,
        ...(jobId === undefined ? {} : { jobId }),
      });
    }
    if (another !== undefined) {
      const where = places.map(({ address }) => address).join(" and ");
      const text = `look at elements ${where} of ${this.#robot.name}: the cartridges in them all carry barcode ${volumeTag}. Take out all but the right one`;
      askToLook(this.#environment, this.#robot.name, text, volumeTag);
      throw new OperatorError(text, { code: "ERR_TAPE_CARTRIDGE_WRONG" });
    }
    return place;
  }

  #unreachable(place: Element): OperatorError {
    const text = `look at element ${place.address} of ${this.#robot.name}: it says that its robot cannot reach ${cartridgeText(place)} there`;
    askToLook(this.#environment, this.#robot.name, text, tagOf(place));
    return new LibraryFaultError(text);
  }

  #mustBeCleaned(drive: number): boolean {
    return this.#environment.cleaning.automatic && this.#handles.entry(drive).cleaning !== "notNeeded";
  }

  /** Between two cartridges; a drive that is only due goes on with the one that it has. */
  async #cleanBefore(drive: number, volumeTag: string): Promise<void> {
    const holdsIt = await this.#plan.run(async (work) => work.bayOf(drive).volumeTag === volumeTag);
    if (holdsIt && this.#handles.entry(drive).cleaning !== "now") return;
    await this.unmount(drive);
  }

  /** That a drive could not be cleaned stops no backup: it stays noted, and a cartridge was asked for. */
  async #cleanByItself(drive: number): Promise<void> {
    const { nowMs } = this.#environment;
    const failedAtMs = this.#cleaningFailedAtMs.get(drive);
    if (failedAtMs !== undefined && nowMs() - failedAtMs < cleaningRetryMs) return;
    try {
      await this.cleanDrive(drive);
      this.#cleaningFailedAtMs.delete(drive);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      this.#cleaningFailedAtMs.set(drive, nowMs());
      const text = `it was to be cleaned: ${error.message}`;
      this.#handles.note(drive, { lastError: { atMs: nowMs(), text } });
    }
  }
}

/** A drive holds on to its cartridge until it is told to unload: that is no hindrance. Cleaning cartridges are no media. */
function isReachable(element: Element): boolean {
  return (element.accessible || element.type === "dataTransfer") && !isCleaningCartridge(element);
}
