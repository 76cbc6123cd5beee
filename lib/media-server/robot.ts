// SPDX-License-Identifier: Apache-2.0
/**
 * The changer, used so that no cartridge is ever lost: every move is in the journal before the command is sent, and a
 * move whose outcome is not known is looked at before anything else is done. Everything but {@link Robot.read} belongs
 * inside DriveQueue.withRobot: an open entry of the journal is then one of a process that died.
 */
import { resultError } from "../device/check-result.ts";
import type { MediumChanger } from "../device/medium-changer.ts";
import { HardwareError, UnitAttentionError, messageOf } from "../errors.ts";
import type { ChangerCapabilities, Element, NativeResult } from "../native/binding.ts";
import type { MoveEntry } from "../protocol/library-state.ts";
import { noteLocation, reconcile } from "./inventory.ts";
import { pause } from "./library-environment.ts";
import type { LibraryEnvironment } from "./library-environment.ts";
import { LibraryModel, tagOf } from "./library-model.ts";
import { legOutcome, legsOf, moveOutcome } from "./move-outcome.ts";
import type { MoveOutcome } from "./move-outcome.ts";
import { askToLook, closeRequests } from "./requests.ts";
import { LibraryFaultError, PlanStaleError, isNotCarriedOut, isNotOffered, isWorthRepeating } from "./robot-fault.ts";

/** A library that scans itself after its door was closed may take an hour (fault catalogue, C9). */
const scanLimitMs = 90 * 60 * 1000;
const pollMs = 1000;
/** Attentions that come in between two reads of the elements; more of them mean a broken changer. */
const readAttempts = 8;

type Move = Omit<MoveEntry, "id" | "startedAtMs">;

export class Robot {
  readonly #environment: LibraryEnvironment;
  #changer: MediumChanger | undefined;
  #capabilities: ChangerCapabilities | undefined;
  /** The changer has refused EXCHANGE MEDIUM. */
  #hasNoExchange = false;

  constructor(environment: LibraryEnvironment) {
    this.#environment = environment;
  }

  get changer(): MediumChanger {
    this.#changer ??= this.#environment.access.openChanger();
    return this.#changer;
  }

  get name(): string {
    return this.changer.name;
  }

  async close(): Promise<void> {
    await this.#changer?.close();
    this.#changer = undefined;
  }

  /** READ ELEMENT STATUS; moves nothing. Where no move is under way, the register of cartridges is put right by it. */
  async read(): Promise<LibraryModel> {
    const model = await this.#asked(() => this.#elements());
    if (this.#environment.journal.open().length === 0 && model.full("transport").length === 0) this.#reconcile(model);
    return model;
  }

  /** Where everything is; what a dead process left in mid-move is put right first. */
  look(): Promise<LibraryModel> {
    return this.#asked(() => this.#look());
  }

  async #look(): Promise<LibraryModel> {
    await this.#attend();
    let model = await this.#elements();
    const open = this.#environment.journal.open();
    if (open.length > 0 || model.full("transport").length > 0) model = await this.#recover(model, open);
    this.#reconcile(model);
    return model;
  }

  /** @throws the changer's error where it did not move, PlanStaleError where the plan no longer fits */
  async move(model: LibraryModel, from: Element, to: number): Promise<void> {
    const volumeTag = tagOf(from);
    const move = { ...(volumeTag === undefined ? {} : { volumeTag }), fromAddress: from.address, toAddress: to };
    await this.#asked(() => this.#carryOut(move, () => this.changer.move(from.address, to)));
    model.moved(from.address, to);
    this.#note(volumeTag, to);
  }

  /** What is in `source` goes to `first`, and what is there to `second`. */
  async exchange(model: LibraryModel, source: Element, first: Element, second: number): Promise<void> {
    const [volumeTag, secondVolumeTag] = [tagOf(source), tagOf(first)];
    const move = {
      ...(volumeTag === undefined ? {} : { volumeTag }),
      fromAddress: source.address,
      toAddress: first.address,
      secondAddress: second,
      ...(secondVolumeTag === undefined ? {} : { secondVolumeTag }),
    };
    const places = { source: source.address, firstDestination: first.address, secondDestination: second };
    try {
      await this.#asked(() => this.#carryOut(move, () => this.changer.exchange(places)));
    } catch (error) {
      if (!isNotOffered(error)) throw error;
      this.#hasNoExchange = true;
      throw new PlanStaleError(`${this.name} does not exchange: it is done by two moves`, { cause: error });
    }
    model.exchanged(source.address, first.address, second);
    this.#note(volumeTag, first.address);
    this.#note(secondVolumeTag, second);
  }

  /** EXCHANGE MEDIUM between elements of these types (mode page 1Fh). */
  async canExchange(source: Element["type"], first: Element["type"]): Promise<boolean> {
    if (this.#hasNoExchange) return false;
    const { exchanges } = (await this.#abilities()) ?? {};
    return exchanges !== undefined && pathsFrom(exchanges, source)[first];
  }

  /** MOVE MEDIUM between elements of these types; changers that do not tell can do what every changer must. */
  async canMove(source: Element["type"], target: Element["type"]): Promise<boolean> {
    const { moves } = (await this.#abilities()) ?? {};
    if (moves === undefined) return source === "storage" || target === "storage";
    return pathsFrom(moves, source)[target];
  }

  async #abilities(): Promise<ChangerCapabilities | undefined> {
    this.#capabilities ??= await this.#asked(() => this.changer.capabilitiesPage());
    return this.#capabilities;
  }

  #note(volumeTag: string | undefined, elementAddress: number): void {
    noteLocation(this.#environment.cartridges, volumeTag, { kind: "library", elementAddress });
  }

  #reconcile(model: LibraryModel): void {
    const { cartridges, cleaning } = this.#environment;
    const arrived = reconcile(model.elements, cartridges, cleaning.uses);
    for (const volumeTag of arrived) closeRequests(this.#environment, { kind: "look", volumeTag });
  }

  /** A hardware error of the changer ends here: further up it would be taken for one of the drive (W6). */
  async #asked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof HardwareError)) throw error;
      const text = `look at ${this.name}: it has failed (${error.message}). See its display`;
      askToLook(this.#environment, this.name, text);
      throw new LibraryFaultError(text, { cause: error });
    }
  }

  // Moving.

  async #carryOut(wanted: Move, command: () => Promise<void>): Promise<void> {
    const { journal, nowMs } = this.#environment;
    for (let attempt = 1; ; attempt++) {
      const move = journal.begin({ ...wanted, startedAtMs: nowMs() });
      let failure: unknown;
      try {
        await command();
        journal.end(move.id);
        return;
      } catch (error) {
        failure = error;
      }
      const outcome = isNotCarriedOut(failure) ? "untouched" : await this.#settle(move);
      journal.end(move.id);
      if (outcome === "done") return;
      if (outcome !== "untouched") {
        throw new PlanStaleError(`${moveText(move)} went otherwise than it was meant`, { cause: failure });
      }
      if (!isWorthRepeating(failure)) throw failure;
      if (attempt > 1) throw this.#helpless(move, failure);
    }
  }

  /** Looks at the elements after a failed move, and empties the robot's hand. */
  async #settle(move: MoveEntry): Promise<MoveOutcome> {
    const model = await this.#elements();
    const outcome = moveOutcome(move, model.elements);
    const isHandFull = model.full("transport").length > 0;
    // What could not be put out of the hand is not tried for ever.
    const isFromHand = model.at(move.fromAddress)?.type === "transport";
    if (isFromHand || (!isHandFull && outcome !== "lost")) return outcome;
    const after = await this.#putRight(model, [move]);
    const isMissing = this.#reportLost(move, after);
    // Taken out of the mail slot as soon as it had come there.
    if (outcome === "lost" && !isMissing && moveOutcome(move, after.elements) === "lost") return "done";
    return "elsewhere";
  }

  #helpless(move: MoveEntry, cause: unknown): LibraryFaultError {
    const why = messageOf(cause);
    const text = `look at ${this.name}: ${moveText(move)} failed twice, and nothing moved (${why})`;
    askToLook(this.#environment, this.name, text, move.volumeTag);
    return new LibraryFaultError(text, { cause });
  }

  // After a crash.

  /** What dead processes have left in mid-move. */
  async #recover(found: LibraryModel, open: readonly MoveEntry[]): Promise<LibraryModel> {
    const model = await this.#putRight(found, open);
    for (const move of open) {
      this.#reportLost(move, model);
      this.#environment.journal.end(move.id);
    }
    return model;
  }

  /** The robot's hand is emptied before anything else (C4); then every cartridge that was under way is looked for. */
  async #putRight(found: LibraryModel, open: readonly MoveEntry[]): Promise<LibraryModel> {
    const model = await this.#emptyHand(found, open);
    if (!open.some((move) => moveOutcome(move, model.elements) === "lost")) return model;
    await this.#scan();
    return this.#emptyHand(await this.#elements(), open);
  }

  async #emptyHand(model: LibraryModel, open: readonly MoveEntry[]): Promise<LibraryModel> {
    for (const held of model.full("transport")) {
      const target = handTarget(held, model, open);
      if (target === undefined) {
        const text = `no slot is free for ${tagOf(held) ?? "the cartridge"} in the hand of ${this.name}: take a cartridge out of the library`;
        askToLook(this.#environment, this.name, text, tagOf(held));
        throw new LibraryFaultError(text);
      }
      await this.move(model, held, target);
    }
    return model;
  }

  /** Asks for the cartridges of a move that are in no element; says whether there are any. */
  #reportLost(move: MoveEntry, model: LibraryModel): boolean {
    const { cartridges, nowMs } = this.#environment;
    const lost = legsOf(move).filter((leg) => {
      // Out of the mail slot somebody may have taken it.
      return legOutcome(leg, model.elements) === "lost" && model.at(leg.to)?.type !== "importExport";
    });
    for (const { volumeTag, from, to } of lost) {
      const name = volumeTag ?? "a cartridge without a barcode";
      const text = `look for ${name}: it was on its way from element ${from} to element ${to} of ${this.name} and is in no element now`;
      askToLook(this.#environment, this.name, text, volumeTag);
      if (volumeTag === undefined) continue;
      const lastError = { atMs: nowMs(), text };
      cartridges.change(volumeTag, (known) => ({ ...known, location: { kind: "outside" }, lastError }));
    }
    return lost.length > 0;
  }

  // Asking.

  /** Waits while the changer becomes ready, and lets it look at its elements where it has lost them (C9). */
  async #attend(): Promise<void> {
    const { nowMs } = this.#environment;
    const since = nowMs();
    let hasScanned = false;
    for (;;) {
      const { ready, notReady } = await this.changer.attend();
      if (ready || notReady?.sense === undefined) break;
      const { asc, ascq } = notReady.sense;
      if (asc !== 0x04 || nowMs() - since > scanLimitMs) throw this.#closed(notReady);
      if (ascq === 0x02 && !hasScanned) {
        hasScanned = true;
        await this.#scan();
      } else if (ascq === 0x00 || ascq === 0x01 || ascq === 0x07) {
        await pause(this.#environment, pollMs);
      } else {
        throw this.#closed(notReady);
      }
    }
    closeRequests(this.#environment, { kind: "look", device: this.name, ofNoCartridge: true });
  }

  /** A door or a mail slot is open, or the robot has stopped: only a person can go on (C3). */
  #closed(result: NativeResult): LibraryFaultError {
    const cause = resultError(result, `test unit ready of ${this.name}`);
    const text = `look at ${this.name}: it moves nothing (${cause.message}). Close its door and mail slots, and see its display`;
    askToLook(this.#environment, this.name, text);
    return new LibraryFaultError(text, { cause });
  }

  async #scan(): Promise<void> {
    try {
      await this.changer.initializeElementStatus();
    } catch (error) {
      if (!isNotOffered(error)) throw error;
    }
  }

  async #elements(): Promise<LibraryModel> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.changer.attend();
        return new LibraryModel(await this.changer.elements());
      } catch (error) {
        if (!(error instanceof UnitAttentionError) || attempt === readAttempts) throw error;
      }
    }
  }
}

/** Its own slot, else where the move was to end or began, else any free slot. */
function handTarget(held: Element, model: LibraryModel, open: readonly MoveEntry[]): number | undefined {
  const legs = open
    .flatMap(legsOf)
    .filter(({ volumeTag }) => volumeTag === undefined || tagOf(held) === undefined || volumeTag === tagOf(held));
  const free = new Set(model.freeSlots().map(({ address }) => address));
  const wished = [held.sourceAddress, ...legs.flatMap(({ from, to }) => [to, from])];
  const slot = wished.find((address) => address !== undefined && free.has(address)) ?? model.freeSlots()[0]?.address;
  if (slot !== undefined) return slot;
  // A library without a free slot: back into the drive, or the mail slot, that it came from.
  return legs.map(({ from }) => from).find((address) => model.at(address)?.full === false);
}

function pathsFrom(paths: ChangerCapabilities["moves"], source: Element["type"]): ChangerCapabilities["stores"] {
  switch (source) {
    case "transport":
      return paths.fromTransport;
    case "storage":
      return paths.fromStorage;
    case "importExport":
      return paths.fromImportExport;
    case "dataTransfer":
      return paths.fromDataTransfer;
  }
}

function moveText(move: MoveEntry): string {
  const name = move.volumeTag ?? "the cartridge without a barcode";
  const second = move.secondAddress === undefined ? "" : `, in exchange for ${move.secondVolumeTag ?? "what is there"}`;
  return `the move of ${name} from element ${move.fromAddress} to element ${move.toAddress}${second}`;
}
