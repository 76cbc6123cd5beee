// SPDX-License-Identifier: Apache-2.0
import type {
  Attribute,
  AttributeToWrite,
  Designator,
  FullReservationStatus,
  Inquiry,
  LogPage,
  LogPageCode,
  ModePage,
  ModePageControl,
  NativeAnswer,
  NativeDevice,
  NativeResult,
  Reservation,
  ReservationCapabilities,
  ReservationKeys,
  ReservationType,
  SelfTest,
  SenseData,
  SupportedOperation,
} from "../native/binding.ts";
import { checkResult, payload } from "./check-result.ts";
import { isRejected, isUnitAttention } from "./result-kind.ts";

/** More unit attentions than this in a row mean a broken device, not news. */
const unitAttentionsMax = 32;
const notReadyKey = 2;

/** What {@link Device.attend} found. */
export interface Attendance {
  /** A medium is loaded and ready (a changer: it can move cartridges). */
  readonly ready: boolean;
  /** All unit attentions that were waiting, oldest first. */
  readonly attentions: readonly NativeResult[];
  /** Why it is not ready. */
  readonly notReady?: NativeResult;
}

/** How {@link Device.waitUntilReady} waits. */
export interface WaitOptions {
  /** Resolves after a while: `setTimeout` of `node:timers/promises`, or a test's own clock. */
  readonly pause: (durationMs: number) => Promise<unknown>;
  /** Milliseconds between two questions. Default: 1000. */
  readonly pollMs?: number;
  /** Stops the waiting, between two questions; the device goes on with what it does. */
  readonly signal?: AbortSignal;
  /** Called with each refusal: `NOT READY` may come with progress. */
  readonly onWait?: (result: NativeResult) => void;
}

/**
 * What drives and changers have in common (SPC-5).
 *
 * Every method sends one command, or a short fixed sequence, in the order of the calls. A device that did not do its
 * work throws a class of `lib/errors.ts` that names device and command; `undefined` stands for what a device has not.
 */
export class Device<Native extends NativeDevice> {
  /** For messages: the unit, path or target that was opened. */
  readonly name: string;
  /** The addon's own object, for pipelines that stay native. */
  readonly native: Native;

  protected constructor(name: string, native: Native) {
    this.name = name;
    this.native = native;
  }

  /**
   * INQUIRY and VPD page 80h (SPC-5 6.7). Needs no medium, disturbs nobody, and takes no unit attention.
   * @throws TransportError, DeviceError
   */
  async inquiry(): Promise<Inquiry> {
    return this.need(await this.native.inquiry(), "inquiry");
  }

  /**
   * The most bytes that one command can carry on the way to the device: what the host adapter and its driver take.
   * `undefined` where the way knows no limit of its own, as with iSCSI, or cannot be opened. The device may take less
   * ({@link TapeDrive.blockLimits}, SSC-5 7.5). Sends no command, and opens the device where that was not yet done.
   */
  async transferLimit(): Promise<number | undefined> {
    return this.native.transferLimit();
  }

  /** Codes of the vital product data pages (SPC-5 7.7.16); empty where the device has none. */
  async vitalPageCodes(): Promise<readonly number[]> {
    return (await this.maybe(this.native.supportedVitalPages(), "vital product data page 00h")) ?? [];
  }

  /**
   * One page of vital product data (SPC-5 7.7) as it came, with its header; `undefined` where the device has it not.
   */
  async vitalPage(page: number): Promise<Buffer | undefined> {
    return this.maybe(this.native.vitalPage(page), `vital product data page ${hex(page)}`);
  }

  /** Designators of VPD page 83h (SPC-5 7.7.6). Some emulations give every device the same. */
  async identification(): Promise<readonly Designator[]> {
    return (await this.maybe(this.native.identification(), "vital product data page 83h")) ?? [];
  }

  /**
   * TEST UNIT READY (SPC-5 6.47) until no unit attention is left: all of them are collected before anything is decided.
   * @throws where the device fails otherwise than by not being ready
   */
  async attend(): Promise<Attendance> {
    const attentions: NativeResult[] = [];
    for (;;) {
      const result = await this.native.testUnitReady();
      if (isUnitAttention(result) && attentions.length < unitAttentionsMax) {
        attentions.push(result);
        continue;
      }
      if (result.sense?.senseKey === notReadyKey) return { ready: false, attentions, notReady: result };
      checkResult(result, `test unit ready of ${this.name}`);
      return { ready: true, attentions };
    }
  }

  /**
   * Waits until the device is ready (TEST UNIT READY, SPC-5 6.47), as long as it says that it is becoming so (2/04/01,
   * 2/04/07): an LTO-9 drive calibrates a new cartridge for up to two hours.
   * @returns whether it became ready; false where only an operator can help
   */
  async waitUntilReady(options: WaitOptions): Promise<boolean> {
    for (;;) {
      options.signal?.throwIfAborted();
      const { ready, notReady } = await this.attend();
      if (ready || notReady?.sense === undefined) return ready;
      const { asc, ascq } = notReady.sense;
      if (asc !== 0x04 || (ascq !== 0x01 && ascq !== 0x07)) return false;
      options.onWait?.(notReady);
      await options.pause(options.pollMs ?? 1000);
    }
  }

  /** REQUEST SENSE (SPC-5 6.39): takes a waiting unit attention; progress of a background operation. */
  async requestSense(): Promise<SenseData> {
    return this.need(await this.native.requestSense(), "request sense");
  }

  /** SEND DIAGNOSTIC (SPC-5 6.42). Foreground tests last as long as the command. */
  async selfTest(test: SelfTest = "default"): Promise<void> {
    this.check(await this.native.selfTest(test), "self test");
  }

  /** PREVENT ALLOW MEDIUM REMOVAL (SPC-5 6.15): for this initiator, until it allows or goes away. */
  async preventRemoval(prevent: boolean): Promise<void> {
    this.check(await this.native.preventRemoval(prevent), prevent ? "preventing removal" : "allowing removal");
  }

  /** Logical units behind the same target (SPC-5 6.33), in their 8-byte form. */
  async logicalUnits(): Promise<readonly bigint[] | undefined> {
    return this.maybe(this.native.logicalUnits(), "report LUNs");
  }

  /**
   * All commands that the device has (SPC-5 6.35); the timeouts that it recommends are used from then on.
   * `undefined` where it does not tell: then only trying shows.
   */
  async supportedOperations(): Promise<readonly SupportedOperation[] | undefined> {
    return this.maybe(this.native.supportedOperations(), "report supported operation codes");
  }

  /** Every mode page and subpage (SPC-5 6.14); empty where the device has none. */
  async modePages(control: ModePageControl = "current"): Promise<readonly ModePage[]> {
    return (await this.maybe(this.native.modePages(control), "mode sense")) ?? [];
  }

  /** Codes of the log pages (SPC-5 7.3.18); `undefined` where the device has no LOG SENSE. */
  async logPageCodes(): Promise<readonly LogPageCode[] | undefined> {
    return this.maybe(this.native.supportedLogPages(), "log page 00h");
  }

  /** One log page (SPC-5 6.8). Reading page 2Eh clears its flags for this initiator. */
  async logPage(page: number, subpage = 0): Promise<LogPage | undefined> {
    return this.maybe(this.native.logPage({ page, subpage }), `log page ${hex(page)}`);
  }

  /** LOG SELECT with PCR (SPC-5 6.7): counters back to zero; page 0: all pages. */
  async resetLog(page: number, subpage = 0): Promise<void> {
    this.check(await this.native.resetLog(page, subpage), `resetting log page ${hex(page)}`);
  }

  /** All attributes of a cartridge's memory (SPC-5 6.18); `undefined` where drive or cartridge has none. */
  async attributes(partition = 0): Promise<readonly Attribute[] | undefined> {
    return this.maybe(this.native.attributes(partition), "read attribute");
  }

  /** One attribute's value as it came (SPC-5 6.18); `undefined` where it is not set. */
  async attribute(id: number): Promise<Buffer | undefined> {
    return this.maybe(this.native.readAttribute(id), `read attribute ${hex(id, 4)}`);
  }

  /** WRITE ATTRIBUTE (SPC-5 6.48), through to the cartridge's memory. */
  async writeAttributes(attributes: readonly AttributeToWrite[], partition = 0): Promise<void> {
    this.check(await this.native.writeAttributes(partition, attributes), "write attribute");
  }

  /** READ RESERVATION (SPC-5 6.16.3); `undefined` where the device knows no persistent reservations. */
  async reservation(): Promise<Reservation | undefined> {
    return this.maybe(this.native.reservation(), "read reservation");
  }

  /** READ KEYS (SPC-5 6.16.2): keys of all registered initiators; `undefined` without persistent reservations. */
  async reservationKeys(): Promise<ReservationKeys | undefined> {
    return this.maybe(this.native.reservationKeys(), "read keys");
  }

  /** REPORT CAPABILITIES (SPC-5 6.16.4): which kinds of reservation there are, and whether they outlive power loss. */
  async reservationCapabilities(): Promise<ReservationCapabilities | undefined> {
    return this.maybe(this.native.reservationCapabilities(), "report reservation capabilities");
  }

  /** READ FULL STATUS (SPC-5 6.16.5): who is registered through which port; many devices have it not: `undefined`. */
  async fullReservationStatus(): Promise<FullReservationStatus | undefined> {
    return this.maybe(this.native.fullReservationStatus(), "read full reservation status");
  }

  /**
   * Registers this initiator's key and reserves the unit for it (SPC-5 5.13).
   * @throws StatusError RESERVATION CONFLICT where another initiator holds it: never fight blindly
   */
  async reserve(key: bigint, type: ReservationType = "exclusiveAccess"): Promise<void> {
    this.check(
      await this.native.reserveOut("registerAndIgnoreExistingKey", type, { actionKey: key }),
      "registering a reservation key",
    );
    this.check(await this.native.reserveOut("reserve", type, { ownKey: key }), "reserving");
  }

  /**
   * Releases the reservation and takes the key back (SPC-5 5.13). @throws StatusError where the key is not registered
   */
  async release(key: bigint, type: ReservationType = "exclusiveAccess"): Promise<void> {
    this.check(await this.native.reserveOut("release", type, { ownKey: key }), "releasing the reservation");
    this.check(
      await this.native.reserveOut("register", type, { ownKey: key, actionKey: 0n }),
      "unregistering a reservation key",
    );
  }

  /**
   * Takes the reservation from another initiator (PREEMPT, SPC-5 5.13), whose commands then end with RESERVATION
   * CONFLICT. `victim` is its key, see {@link reservation}.
   */
  async preempt(key: bigint, victim: bigint, type: ReservationType = "exclusiveAccess"): Promise<void> {
    this.check(
      await this.native.reserveOut("registerAndIgnoreExistingKey", type, { actionKey: key }),
      "registering a reservation key",
    );
    this.check(
      await this.native.reserveOut("preempt", type, { ownKey: key, actionKey: victim }),
      "preempting a reservation",
    );
  }

  /** Waits for the commands that were sent and lets the device go. */
  async close(): Promise<void> {
    await this.native.close();
  }

  /** @throws the matching error unless the command did its work */
  protected check(result: NativeResult, attempt: string): void {
    checkResult(result, `${attempt} of ${this.name}`);
  }

  protected need<T>(answer: NativeAnswer<T>, attempt: string): T {
    return payload(answer.value, answer.result, `${attempt} of ${this.name}`);
  }

  /** `undefined` where the device has no such command or page (5/20, 5/24) or gives no value; else as {@link need}. */
  protected async maybe<T>(asked: Promise<NativeAnswer<T>>, attempt: string): Promise<T | undefined> {
    const { result, value } = await asked;
    if (isRejected(result)) return undefined;
    this.check(result, attempt);
    return value;
  }
}

export function hex(value: number, digits = 2): string {
  return `${value.toString(16).toUpperCase().padStart(digits, "0")}h`;
}
