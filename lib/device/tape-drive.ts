// SPDX-License-Identifier: Apache-2.0
import { nativeBinding } from "../native/binding.ts";
import type {
  DeviceAddress,
  DeviceOptions,
  NativeBlockScan,
  NativeInquiry,
  NativePosition,
  NativeReadOutcome,
  NativeResult,
  NativeTapeDrive,
  NativeWriteOutcome,
} from "../native/binding.ts";
import { UnitAttentionError } from "../errors.ts";
import { checkResult, payload, resultError } from "./check-result.ts";
import { deviceName } from "./device-name.ts";

/** More unit attentions than this in a row mean a broken device, not news. */
const unitAttentionsMax = 32;

/**
 * A tape drive (SSC-4). Expected tape events are results; a command that did not do its work throws a class
 * of `lib/errors.ts`.
 * @example
 * const drive = TapeDrive.open({ kind: "simulated", folder: "library", unit: "drive-0" });
 * await drive.rewind();
 * const first = await drive.read(65536);
 */
export class TapeDrive {
  readonly name: string;
  /** The addon's own object, for the write and restore pipelines. */
  readonly native: NativeTapeDrive;

  private constructor(name: string, native: NativeTapeDrive) {
    this.name = name;
    this.native = native;
  }

  /** Sends nothing yet: a device that cannot be reached shows itself with the first command. */
  static open(address: DeviceAddress, options: DeviceOptions = {}): TapeDrive {
    return new TapeDrive(deviceName(address), new (nativeBinding().TapeDrive)(address, options));
  }

  /** INQUIRY and VPD page 80h. Needs no medium and disturbs nobody. */
  async inquiry(): Promise<NativeInquiry> {
    const { result, value } = await this.native.inquiry();
    return payload(value, result, `inquiry of ${this.name}`);
  }

  /**
   * TEST UNIT READY until no unit attention is left: all of them are collected before anything is decided.
   * @returns whether a medium is loaded and ready, and the unit attentions met
   */
  async attend(): Promise<{ readonly ready: boolean; readonly attentions: readonly NativeResult[] }> {
    const attentions: NativeResult[] = [];
    for (;;) {
      const result = await this.native.testUnitReady();
      if (result.sense?.senseKey === 6 && attentions.length < unitAttentionsMax) {
        attentions.push(result);
        continue;
      }
      if (result.sense?.senseKey === 2) return { ready: false, attentions };
      checkResult(result, `test unit ready of ${this.name}`);
      return { ready: true, attentions };
    }
  }

  async modeStatus(): Promise<{ readonly writeProtected: boolean; readonly worm: boolean }> {
    const { result, value } = await this.native.modeStatus();
    return payload(value, result, `mode sense of ${this.name}`);
  }

  async setVariableBlocks(): Promise<void> {
    checkResult(await this.native.setVariableBlocks(), `mode select of ${this.name}`);
  }

  async blockLimits(): Promise<{ readonly maximumBytes: number; readonly minimumBytes: number }> {
    const { result, value } = await this.native.readBlockLimits();
    return payload(value, result, `read block limits of ${this.name}`);
  }

  /** Medium serial number (MAM 0401h); undefined where the drive or the medium has none. */
  async mediumSerial(): Promise<string | undefined> {
    const { result, value } = await this.native.readAttribute(0x0401);
    if (result.outcome !== "completed" || value === undefined) return undefined;
    const text = value.toString("latin1").replace(/[\0 ]+$/, "");
    return text === "" ? undefined : text;
  }

  /** @throws where the drive does not know where it is. */
  async position(): Promise<NativePosition> {
    const { result, value } = await this.native.position();
    return payload(value, result, `read position of ${this.name}`);
  }

  async rewind(): Promise<void> {
    checkResult(await this.native.rewind(), `rewind of ${this.name}`);
  }

  async locate(objectNumber: bigint): Promise<void> {
    checkResult(await this.native.locate(objectNumber), `locate of object ${objectNumber} on ${this.name}`);
  }

  async spaceFilemarks(count: number): Promise<void> {
    checkResult(await this.native.spaceFilemarks(count), `space over ${count} filemarks on ${this.name}`);
  }

  /** Goes to the end of data; meeting it is success (key 0 or 8). */
  async spaceToEndOfData(): Promise<void> {
    const result = await this.native.spaceToEndOfData();
    if (result.sense?.senseKey === 8 && !result.sense.deferred) return;
    checkResult(result, `space to end of data on ${this.name}`);
  }

  async load(): Promise<void> {
    await this.#pastAttention(() => this.native.load(), `load of ${this.name}`);
  }

  async unload(): Promise<void> {
    await this.#pastAttention(() => this.native.unload(), `unload of ${this.name}`);
  }

  async read(maximumBytes: number): Promise<NativeReadOutcome> {
    return this.native.readBlock(maximumBytes);
  }

  async digestBlocks(count: number, maximumBytes: number): Promise<NativeBlockScan> {
    return this.native.digestBlocks(count, maximumBytes);
  }

  /** Writes one block. An early warning is a result; a block that was not written throws. */
  async write(data: Buffer, what: string): Promise<NativeWriteOutcome> {
    const outcome = await this.native.writeBlock(data);
    if (outcome.kind !== "written") throw resultError(outcome.result, `write of ${what} (${this.name})`);
    return outcome;
  }

  /** Writes filemarks and waits until everything before is on the medium; count 0 only waits. */
  async synchronise(filemarks: number): Promise<NativeWriteOutcome> {
    const outcome = await this.native.writeFilemarks(filemarks, false);
    if (outcome.kind !== "written") throw resultError(outcome.result, `synchronising ${this.name}`);
    return outcome;
  }

  async allowOverwrite(objectNumber: bigint): Promise<void> {
    checkResult(await this.native.allowOverwrite(objectNumber), `allow overwrite on ${this.name}`);
  }

  async close(): Promise<void> {
    await this.native.close();
  }

  /** Loading and unloading may be repeated: a unit attention says that they were not carried out. */
  async #pastAttention(command: () => Promise<NativeResult>, attempt: string): Promise<void> {
    for (let met = 0; met < unitAttentionsMax; met++) {
      const result = await command();
      if (result.sense?.senseKey !== 6) {
        checkResult(result, attempt);
        return;
      }
    }
    throw new UnitAttentionError(`${attempt} failed: unit attentions without end`, {
      senseKey: 6,
      asc: 0,
      ascq: 0,
      deferred: false,
    });
  }
}
