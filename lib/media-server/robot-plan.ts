// SPDX-License-Identifier: Apache-2.0
/** One piece of work with the robot: looked at, planned, carried out, and planned anew where the elements had changed. */
import { DeviceError, HardwareError, messageOf } from "../errors.ts";
import type { Element } from "../native/binding.ts";
import type { DriveHandles } from "./drive-handles.ts";
import { noteHealthAtParting } from "./drive-health.ts";
import type { DriveQueueEntry } from "./drive-queue.ts";
import { placeDrives } from "./drive-places.ts";
import { allowRemoval, letGo } from "./drive-readiness.ts";
import type { LibraryEnvironment } from "./library-environment.ts";
import { cartridgeText, tagOf } from "./library-model.ts";
import type { LibraryModel } from "./library-model.ts";
import { askToLook, askToRemove, closeRequests } from "./requests.ts";
import type { Robot } from "./robot.ts";
import { LibraryFaultError, isHeldByDrive, isPlanStale } from "./robot-fault.ts";

/** After so many plans the operator is asked: something else moves cartridges here (fault catalogue, C1). */
const plansMax = 3;

export class RobotPlan {
  readonly #environment: LibraryEnvironment;
  readonly #robot: Robot;
  readonly #handles: DriveHandles;

  constructor(environment: LibraryEnvironment, robot: Robot, handles: DriveHandles) {
    this.#environment = environment;
    this.#robot = robot;
    this.#handles = handles;
  }

  /** Carries `work` out while nobody else moves cartridges. It may be begun anew: it must ask where everything is. */
  async run<T>(work: (robot: RobotWork) => Promise<T>): Promise<T> {
    return this.#environment.queue.withRobot(async () => {
      for (let plan = 1; ; plan++) {
        try {
          const model = await this.#robot.look();
          await this.#handles.learnSerials(model.elements);
          const places = placeDrives(model.elements, this.#handles.names, this.#environment.drives);
          return await work(new RobotWork(this.#environment, this.#robot, this.#handles, model, places));
        } catch (error) {
          if (!isPlanStale(error)) throw error;
          if (plan === plansMax) throw this.#givenUp(error);
        }
      }
    });
  }

  #givenUp(cause: unknown): LibraryFaultError {
    const why = messageOf(cause);
    const text = `look at ${this.#robot.name}: its elements are not as it tells, or somebody else moves cartridges (${why})`;
    askToLook(this.#environment, this.#robot.name, text);
    return new LibraryFaultError(text, { cause });
  }
}

/** The robot, with what it found when it last looked. */
export class RobotWork {
  readonly #environment: LibraryEnvironment;
  readonly #robot: Robot;
  readonly #handles: DriveHandles;
  readonly model: LibraryModel;
  readonly #places: ReadonlyMap<number, number>;

  constructor(
    environment: LibraryEnvironment,
    robot: Robot,
    handles: DriveHandles,
    model: LibraryModel,
    places: ReadonlyMap<number, number>,
  ) {
    this.#environment = environment;
    this.#robot = robot;
    this.#handles = handles;
    this.model = model;
    this.#places = places;
  }

  get changerName(): string {
    return this.#robot.name;
  }

  /** @throws DeviceError where the changer has no such drive */
  bayOf(drive: number): Element {
    const address = this.#places.get(drive);
    const bay = address === undefined ? undefined : this.model.at(address);
    if (bay !== undefined) return bay;
    const { serialNumber } = this.#handles.entry(drive);
    throw new DeviceError(
      `${this.#handles.name(drive)} (serial number ${serialNumber ?? "unknown"}) stands in no element of ${this.#robot.name}: see "tidemark library status" for the serial numbers of its drives`,
      { code: "ERR_TAPE_DEVICE_UNKNOWN" },
    );
  }

  /** Moves a cartridge; one in a drive must have been let go of. */
  async carry(from: Element, to: number): Promise<void> {
    try {
      await this.#robot.move(this.model, from, to);
    } catch (error) {
      if (!isHeldByDrive(error) || from.type !== "dataTransfer") throw error;
      await this.#free(from);
      await this.#robot.move(this.model, from, to);
    }
    this.#moved(tagOf(from));
  }

  async exchange(drive: number, source: Element, bay: Element, second: number): Promise<void> {
    try {
      await this.#robot.exchange(this.model, source, bay, second);
    } catch (error) {
      if (!isHeldByDrive(error)) throw error;
      await allowRemoval(await this.#handles.open(drive));
      await this.#robot.exchange(this.model, source, bay, second);
    }
    this.#moved(tagOf(source));
    this.#moved(tagOf(bay));
  }

  /** Unloads a drive and puts its cartridge away: to the slot that it came from, else to any that is free. */
  async putAway(drive: number): Promise<void> {
    const bay = this.bayOf(drive);
    if (!bay.full) return;
    await this.unload(drive, bay);
    await this.carry(bay, this.homeOf(bay).address);
  }

  /** Makes a drive let go of its cartridge, and writes down how both are. */
  async unload(drive: number, bay: Element): Promise<void> {
    const opened = await this.#handles.open(drive);
    await noteHealthAtParting(this.#environment, this.#handles.name(drive), opened, tagOf(bay));
    await letGo(opened);
  }

  /** Makes the drive in an element, which is not the caller's, let go of its cartridge: nobody may be using it. */
  async release(bay: Element): Promise<void> {
    const drive = [...this.#places].find(([, address]) => address === bay.address)?.[0];
    if (drive === undefined) {
      this.#refuseUnplaced(bay);
      throw new DeviceError(
        `${cartridgeText(bay)} is in the drive in element ${bay.address} of ${this.#robot.name}, which is none of those in the configuration: add it to library.drives`,
        { code: "ERR_TAPE_DEVICE_UNKNOWN" },
      );
    }
    const holder = this.#holderOf(drive);
    if (holder !== undefined) {
      const job = holder.jobId === undefined ? "" : ` for job ${holder.jobId}`;
      throw new DeviceError(
        `${cartridgeText(bay)} is in ${this.#handles.name(drive)}, which process ${holder.processId} uses${job}: wait for it`,
        { code: "ERR_TAPE_DEVICE_LOCKED" },
      );
    }
    // It stays open here only where this process had it open already.
    const wasOpen = this.#handles.isOpen(drive);
    try {
      await this.unload(drive, bay);
    } catch (error) {
      if (!(error instanceof HardwareError)) throw error;
      const text = `look at ${this.#handles.name(drive)}: ${cartridgeText(bay)} is stuck in it (${error.message})`;
      askToLook(this.#environment, this.#handles.name(drive), text, tagOf(bay));
      throw new LibraryFaultError(text, { cause: error });
    } finally {
      if (!wasOpen) await this.#closeUnlessHeld(drive);
    }
  }

  #holderOf(drive: number): DriveQueueEntry | undefined {
    return this.#environment.queue.list().find(({ state, drives }) => state === "holding" && drives.includes(drive));
  }

  /** Another session of this process may have been given it meanwhile, and uses the same handle. */
  async #closeUnlessHeld(drive: number): Promise<void> {
    if (this.#holderOf(drive) === undefined) await this.#handles.close(drive);
  }

  /** It may be one that nobody could ask for its serial number yet: a job, or another program, has it. */
  #refuseUnplaced(bay: Element): void {
    const isUnplaced = (drive: number): boolean => !this.#places.has(drive);
    const holder = this.#environment.queue
      .list()
      .find(({ state, drives }) => state === "holding" && drives.some(isUnplaced));
    const unasked = [...this.#handles.names.keys()].filter(
      (drive) => isUnplaced(drive) && this.#handles.entry(drive).serialNumber === undefined,
    );
    const drives = holder?.drives ?? unasked;
    if (drives.length === 0) return;
    const names = drives.map((drive) => this.#handles.name(drive)).join(", ");
    const why =
      holder === undefined
        ? "which could not be asked for its serial number: another program may have it"
        : `which process ${holder.processId} uses: wait for it`;
    throw new DeviceError(`${cartridgeText(bay)} is in element ${bay.address}, perhaps in ${names}, ${why}`, {
      code: "ERR_TAPE_DEVICE_LOCKED",
    });
  }

  /** @throws OperatorError where no slot is free */
  homeOf(bay: Element): Element {
    const home = this.model.home(bay);
    if (home !== undefined) {
      closeRequests(this.#environment, { kind: "remove", device: this.#robot.name, ofNoCartridge: true });
      return home;
    }
    const text = `no slot of ${this.#robot.name} is free for ${cartridgeText(bay)}: take a cartridge out of the library`;
    askToRemove(this.#environment, this.#robot.name, text, []);
    throw new LibraryFaultError(text);
  }

  /** Opens the drive in an element for as long as it takes to let go of its cartridge (C2). */
  async #free(bay: Element): Promise<void> {
    const drive = [...this.#places].find(([, address]) => address === bay.address)?.[0];
    if (drive === undefined) return;
    const wasOpen = this.#handles.isOpen(drive);
    try {
      await allowRemoval(await this.#handles.open(drive));
    } finally {
      if (!wasOpen) await this.#closeUnlessHeld(drive);
    }
  }

  /** The robot has shown that it works, and where this cartridge is. */
  #moved(volumeTag: string | undefined): void {
    if (volumeTag !== undefined)
      closeRequests(this.#environment, { kind: "look", volumeTag, device: this.#robot.name });
  }
}
