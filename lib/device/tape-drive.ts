// SPDX-License-Identifier: Apache-2.0
import { nativeBinding } from "../native/binding.ts";
import type {
  AccessOrder,
  BlockLimits,
  ControlDataProtection,
  DataCompression,
  DensityDescriptor,
  DeviceAddress,
  DeviceConfiguration,
  DeviceConfigurationExtension,
  DeviceOptions,
  DriveStatus,
  EncryptionCapabilities,
  EncryptionSettings,
  EncryptionStatus,
  FormatMedium,
  LoadUnload,
  LocateTarget,
  MediumConfiguration,
  MediumPartitions,
  MediumTypeDescriptor,
  ModeStatus,
  NativeBlockScan,
  NativeBlocksRead,
  NativeReadOutcome,
  NativeResult,
  NativeSampleRun,
  NativeTapeDrive,
  NativeWriteOutcome,
  NextBlockEncryption,
  Position,
  SampleData,
  SpaceCode,
  UserDataSegment,
} from "../native/binding.ts";
import { DeviceError, UnitAttentionError } from "../errors.ts";
import { deviceName } from "./device-name.ts";
import { probeDrive } from "./capabilities.ts";
import type { DriveCapabilities } from "./capabilities.ts";
import { checkResult, payload, readError, writeError } from "./check-result.ts";
import { Device } from "./device.ts";
import type { Attendance } from "./device.ts";
import { isUnitAttention, isUnknownCommand } from "./result-kind.ts";
import { TapePlace } from "./tape-place.ts";
import { provedPositionForm, readPosition } from "./tape-position.ts";
import type { PositionSource } from "./tape-position.ts";

/** Blocks passed in one command to the device's thread. */
const walkBlocks = 4096;
/** Largest block that is passed over by reading, unless {@link TapeDrive.expectBlocks} says otherwise. */
const walkBlockBytes = 262_144;

/**
 * A tape drive (SSC-5). Expected tape events (filemark, end of data, early warning) are results; a command that did not
 * do its work throws a class of `lib/errors.ts`.
 *
 * The drive's word on its position is believed only once it was proved ({@link TapeDrive.provePosition}); where it
 * cannot tell, or tells wrong, or has no LOCATE, the own count of objects takes its place.
 * @example
 * const drive = TapeDrive.open({ kind: "simulated", folder: "library", unit: "drive-0" });
 * await drive.attend();
 * await drive.rewind();
 * const first = await drive.read(65536);
 * await drive.close();
 */
export class TapeDrive extends Device<NativeTapeDrive> {
  readonly #place = new TapePlace();
  /** Until it is proved, the drive is asked and believed as far as it says that it knows. */
  #positionSource: PositionSource | undefined;
  #hasNoLocate = false;
  #walkBlockBytes = walkBlockBytes;

  /** Opens a drive; nothing is sent to it yet. */
  static open(address: DeviceAddress, options: DeviceOptions = {}): TapeDrive {
    return new TapeDrive(deviceName(address), new (nativeBinding().TapeDrive)(address, options));
  }

  /**
   * As with every device (TEST UNIT READY, SPC-5 6.47). Any unit attention makes the count of the position void:
   * another tape may be in the drive.
   */
  override async attend(): Promise<Attendance> {
    const attendance = await super.attend();
    // Another tape may be in it, or this one may have been rewound.
    if (attendance.attentions.length > 0) this.#place.forget();
    return attendance;
  }

  // What it can do, and how it is set.

  /** Block lengths that the drive takes, in bytes (SSC-5 7.5). The transport may take less. */
  async blockLimits(): Promise<BlockLimits> {
    return this.need(await this.native.readBlockLimits(), "read block limits");
  }

  /** The largest object number that LOCATE takes (SSC-5 7.5.3). */
  async maximumObjectNumber(): Promise<bigint | undefined> {
    return this.maybe(this.native.maximumObjectNumber(), "read block limits");
  }

  /** Write protection, block length, density, WORM (SSC-5 8.3). */
  async modeStatus(): Promise<ModeStatus> {
    return this.need(await this.native.modeStatus(), "mode sense");
  }

  /** Variable blocks, buffered mode: block length 0 in the block descriptor (SSC-5 8.3). */
  async setVariableBlocks(): Promise<void> {
    await this.setBlockBytes(0);
  }

  /**
   * Fixed blocks of this length in bytes, or 0 for variable ones; buffered mode (block descriptor, SSC-5 8.3).
   * @throws IllegalRequestError where the drive has no such length, see {@link blockLimits}
   */
  async setBlockBytes(bytes: number): Promise<void> {
    this.check(await this.native.setBlockBytes(bytes), "setting the block length");
  }

  /** Compression by the drive, mode page 0Fh (SSC-5 8.3.2); `undefined` where it has none. */
  async compression(): Promise<DataCompression | undefined> {
    return this.maybe(this.native.compression(), "mode page 0Fh");
  }

  /**
   * Compression of what is written from here on, mode page 0Fh (SSC-5 8.3.2). What is on tape is read either way.
   * @throws IllegalRequestError where the drive has none
   */
  async setCompression(on: boolean): Promise<void> {
    this.check(await this.native.setCompression(on), "setting compression");
  }

  /**
   * Partition, write delay, early warning and write protection, mode page 10h (SSC-5 8.3.3); `undefined` where the
   * drive has no such page.
   */
  async deviceConfiguration(): Promise<DeviceConfiguration | undefined> {
    return this.maybe(this.native.deviceConfiguration(), "mode page 10h");
  }

  /**
   * Append-only mode and programmable early warning, mode page 10h/01h (SSC-5 8.3.8); `undefined` where the drive has
   * no such subpage.
   */
  async deviceConfigurationExtension(): Promise<DeviceConfigurationExtension | undefined> {
    return this.maybe(this.native.deviceConfigurationExtension(), "mode page 10h/01h");
  }

  /** Append-only mode: what is on tape can then be overwritten only after ALLOW OVERWRITE (SSC-5 4.2.21). */
  async setAppendOnly(on: boolean): Promise<void> {
    this.check(await this.native.setAppendOnly(on), "setting append-only mode");
  }

  /** Programmable early warning, in 10^6 bytes before early warning; 0: none (SSC-5 4.2.6). */
  async setProgrammableEarlyWarning(megabytes: number): Promise<void> {
    this.check(await this.native.setProgrammableEarlyWarning(megabytes), "setting programmable early warning");
  }

  /** Whether the medium is WORM and what may still be overwritten on it, mode page 1Dh (SSC-5 8.3.7). */
  async mediumConfiguration(): Promise<MediumConfiguration | undefined> {
    return this.maybe(this.native.mediumConfiguration(), "mode page 1Dh");
  }

  /**
   * Partitions of the medium and how many it could have, mode page 11h (SSC-5 8.3.4). Sizes are in the unit that it
   * names.
   */
  async partitions(): Promise<MediumPartitions | undefined> {
    return this.maybe(this.native.partitions(), "mode page 11h");
  }

  /** Logical block protection, mode page 0Ah/F0h (SSC-5 4.2.29). */
  async blockProtection(): Promise<ControlDataProtection | undefined> {
    return this.maybe(this.native.blockProtection(), "mode page 0Ah/F0h");
  }

  /** CRC32C behind each block on the wire (SSC-5 4.2.29), made and checked here; blocks are handed over without it. */
  async setBlockProtection(on: boolean): Promise<void> {
    this.check(await this.native.setBlockProtection(on), "setting logical block protection");
  }

  /** Densities of the medium in the drive, or of the drive (SSC-5 7.8). */
  async densities(of: "medium" | "drive"): Promise<readonly DensityDescriptor[] | undefined> {
    return this.maybe(this.native.densities(of === "medium"), "report density support");
  }

  /**
   * Medium types that the drive takes, or that of the medium in it, each with its densities (SSC-5 7.8.4); `undefined`
   * where the drive tells densities alone.
   */
  async mediumTypes(of: "medium" | "drive"): Promise<readonly MediumTypeDescriptor[] | undefined> {
    return this.maybe(this.native.mediumTypes(of === "medium"), "report density support");
  }

  // How it is.

  /** Very high frequency data: what the drive does just now (SSC-5 8.2.5). */
  async driveStatus(): Promise<DriveStatus | undefined> {
    return this.maybe(this.native.driveStatus(), "log page 11h");
  }

  /**
   * Whether the end of data of partition 0 is valid: not, after an unclean unload (log page 17h parameter 203h, SSC-4
   * table 107). `undefined`: it does not tell.
   */
  async endOfDataValid(): Promise<boolean | undefined> {
    return this.maybe(this.native.endOfDataValid(), "log page 17h");
  }

  /** TapeAlert flags that are set (SSC-5 4.2.20), from page 12h, which clears nothing, where the drive has it. */
  async tapeAlertFlags(): Promise<readonly number[] | undefined> {
    return this.maybe(this.native.tapeAlertResponse(), "log page 12h");
  }

  /** TapeAlert flags of page 2Eh (SSC-5 4.2.20); reading takes them: note what you read. */
  async takeTapeAlertFlags(): Promise<readonly number[] | undefined> {
    return this.maybe(this.native.tapeAlerts(), "log page 2Eh");
  }

  /** Medium serial number (attribute 0401h, SPC-5 7.4); `undefined` where the drive or the medium has none. */
  async mediumSerial(): Promise<string | undefined> {
    const value = await this.maybe(this.native.readAttribute(0x0401), "read attribute 0401h");
    const text = value?.toString("latin1").replaceAll(/^[\0 ]+|[\0 ]+$/g, "");
    return text === "" ? undefined : text;
  }

  // Where the tape stands.

  /**
   * The position, from the drive (READ POSITION, SSC-5 7.7) as far as it is believed, else by the own count.
   * @throws DeviceError where neither knows
   */
  async position(): Promise<Position> {
    const source = this.#positionSource;
    const own = this.#place.objectNumber;
    if (source !== "counted") {
      const { result, value } = await readPosition(this.native, source);
      const position = payload(value, result, `read position of ${this.name}`);
      // What a proved drive says takes the place of a count that was lost.
      if (position.known && own === undefined && source !== undefined) this.#place.located(position.objectNumber);
      // Nor is one contradicted that has been right before, and says that it does not know (LONU).
      if (position.known || own === undefined || source !== undefined) return position;
    }
    if (own === undefined) {
      throw new DeviceError(
        `${this.name} cannot tell its position, and the tape was moved since it was last counted: rewind it`,
      );
    }
    return {
      known: true,
      partition: 0,
      objectNumber: own,
      beginningOfPartition: own === 0n,
      endOfPartition: false,
      beyondProgrammableEarlyWarning: false,
    };
  }

  /**
   * The number of the next object (READ POSITION, SSC-5 7.7), as {@link position} has it.
   * @throws DeviceError where nobody knows it
   */
  async objectNumber(): Promise<bigint> {
    const { known, objectNumber } = await this.position();
    if (!known) throw new DeviceError(`${this.name} says that it does not know where its tape stands`);
    return objectNumber;
  }

  /**
   * Compares every form of READ POSITION (SSC-5 7.7) with the own count and believes the first that is right from then
   * on. Call it once a load, when something was read or written: at the beginning all drives say zero.
   */
  async provePosition(): Promise<PositionSource> {
    const own = this.#place.objectNumber;
    if (own === undefined || own === 0n) {
      throw new DeviceError(`the position of ${this.name} can only be proved behind objects that were counted`);
    }
    this.#positionSource = await provedPositionForm(this.native, own);
    return this.#positionSource;
  }

  /** What the position comes from; `undefined` before it was proved. */
  get positionSource(): PositionSource | undefined {
    return this.#positionSource;
  }

  /** The own count of objects before the tape's place; `undefined` where it was lost. */
  get countedPosition(): bigint | undefined {
    return this.#place.objectNumber;
  }

  /** What the drive has (SPC-5 6.35, or by trying); see {@link probeDrive}. Moves and changes nothing. */
  async capabilities(): Promise<DriveCapabilities> {
    return probeDrive(this);
  }

  /** The catalog knows that a tape file begins at this object: what makes long ways short on drives without LOCATE. */
  landmark(tapeFile: number, objectNumber: bigint): void {
    this.#place.landmark(tapeFile, objectNumber);
  }

  /** The tape's blocks are at most this long, in bytes. */
  expectBlocks(maximumBytes: number): void {
    this.#walkBlockBytes = maximumBytes;
  }

  /** A native pipeline has written this many blocks here. */
  advanced(blocks: bigint): void {
    this.#place.passedBlocks(blocks);
    if (blocks > 0n) this.#place.truncated();
  }

  /** A native pipeline has moved the tape without counting, or failed. */
  forgetPlace(): void {
    this.#place.lose();
  }

  // Motion.

  /** REWIND (SSC-5 7.9): all that was written is on the medium then. */
  async rewind(): Promise<void> {
    await this.#motion(() => this.native.rewind(false), "rewind");
    this.#place.rewound();
  }

  /**
   * LOCATE (SSC-5 7.3); where the drive has none, or cannot be believed where it is: REWIND, SPACE and reading.
   * @throws BlankCheckError, DeviceError where the tape ends before
   */
  async locate(objectNumber: bigint): Promise<void> {
    if (!this.#hasNoLocate && this.#positionSource !== "counted") {
      const result = await this.native.locate({ number: objectNumber });
      this.#hasNoLocate = isUnknownCommand(result);
      if (!this.#hasNoLocate) {
        this.#place.lose();
        this.check(result, `locate of object ${objectNumber}`);
        this.#place.located(objectNumber);
        return;
      }
    }
    const reached = await this.walkTo(objectNumber);
    if (reached !== objectNumber) {
      throw new DeviceError(`${this.name}: the tape ends at object ${reached}, before object ${objectNumber}`);
    }
  }

  /** LOCATE to a partition, a file or the end of data (SSC-5 7.4). Check where it stopped: vendors differ on files. */
  async locateTo(target: LocateTarget): Promise<void> {
    this.#place.lose();
    this.check(await this.native.locate(target), "locate");
  }

  /**
   * Goes to an object without LOCATE, by SPACE (SSC-5 7.15) and READ (SSC-5 6.4), counting. Returns where it got: less
   * than asked at the end of data.
   */
  async walkTo(objectNumber: bigint): Promise<bigint> {
    let here = await this.#nearestPlace(objectNumber);
    while (here < objectNumber) {
      const left = objectNumber - here;
      const count = left < BigInt(walkBlocks) ? Number(left) : walkBlocks;
      const { stoppedAt, result } = await this.digestBlocks(count, this.#walkBlockBytes);
      const now = this.#place.objectNumber;
      if (now === undefined) throw readError(result, `going to object ${objectNumber} on ${this.name}`);
      here = now;
      if (stoppedAt === "endOfData") return here;
    }
    return here;
  }

  /** SPACE (SSC-5 7.15); negative counts go back. */
  async space(code: SpaceCode, count: bigint): Promise<void> {
    const from = this.#place.objectNumber;
    this.#place.lose();
    this.check(await this.native.space(code, count), `space over ${count} ${code}`);
    if (code === "filemarks" && from === 0n && count >= 0n) this.#place.atFile(Number(count));
  }

  /** SPACE over filemarks (SSC-5 7.15); negative goes back, to before the filemark. */
  async spaceFilemarks(count: number): Promise<void> {
    await this.space("filemarks", BigInt(count));
  }

  /**
   * SPACE to the end of data (SSC-5 7.15); meeting it is success (key 0 or 8). Where positions are counted, by reading.
   */
  async spaceToEndOfData(): Promise<void> {
    if (this.#positionSource === "counted") {
      if (this.#place.objectNumber === undefined) await this.rewind();
      for (;;) {
        const { stoppedAt, result } = await this.digestBlocks(walkBlocks, this.#walkBlockBytes);
        if (stoppedAt === "endOfData") return;
        if (stoppedAt === "endOfMedium" || stoppedAt === "failed")
          throw readError(result, `going to the end of data on ${this.name}`);
      }
    }
    this.#place.lose();
    const result = await this.native.space("endOfData", 0n);
    if (isEndOfData(result)) return;
    this.check(result, "space to end of data");
  }

  /** LOAD UNLOAD (SSC-5 7.2). */
  async loadUnload(wanted: LoadUnload): Promise<void> {
    this.#place.forget();
    this.#positionSource = undefined;
    await this.#pastAttention(() => this.native.loadUnload(wanted), wanted.load ? "load" : "unload");
  }

  /**
   * LOAD UNLOAD with LOAD (SSC-5 7.2): the tape is at its beginning then. A new LTO-9 cartridge may take two hours.
   * @throws NotReadyError without a medium
   */
  async load(): Promise<void> {
    await this.loadUnload({ load: true });
  }

  /**
   * LOAD UNLOAD without LOAD (SSC-5 7.2): buffered data is written first, and a key of the drive may be lost.
   * @throws IllegalRequestError while removal is prevented
   */
  async unload(): Promise<void> {
    await this.loadUnload({ load: false });
  }

  /** The order in which the drive would read these stretches soonest (SSC-5 7.13); `undefined`: it has no idea. */
  async recommendedAccessOrder(segments: readonly UserDataSegment[]): Promise<AccessOrder | undefined> {
    return this.maybe(this.native.recommendedAccessOrder(segments), "recommended access order");
  }

  // Data.

  /** READ of one block of up to this many bytes (SSC-5 6.4). */
  async read(maximumBytes: number): Promise<NativeReadOutcome> {
    const outcome = await this.native.readBlock(maximumBytes);
    this.#passed(outcome.kind, outcome.result);
    return outcome;
  }

  /** READ of fixed-length blocks (SSC-5 6.4), after {@link setBlockBytes}. */
  async readBlocks(count: number, blockBytes: number): Promise<NativeBlocksRead> {
    const outcome = await this.native.readBlocks(count, blockBytes);
    this.#place.passedBlocks(BigInt(outcome.data.length / blockBytes));
    // Behind a damaged block the drive went on with those that are not handed over.
    if (outcome.kind === "damaged") this.#place.lose();
    else if (outcome.kind !== "block") this.#passed(outcome.kind, outcome.result);
    return outcome;
  }

  /** READ (SSC-5 6.4) for the XXH3-64 of each block from here on, until `count` of them or something else was met. */
  async digestBlocks(count: number, maximumBytes: number): Promise<NativeBlockScan> {
    const scan = await this.native.digestBlocks(count, maximumBytes);
    this.#place.passedBlocks(BigInt(scan.lengths.length / 4));
    if (scan.stoppedAt !== "count") this.#passed(scan.stoppedAt, scan.result);
    return scan;
  }

  /**
   * READ (SSC-5 6.4) for the XXH3-128 of bytes that start in the block here; `undefined` where the tape ends before.
   */
  async digestBytes(skip: number, bytes: bigint, maximumBytes: number): Promise<Buffer | undefined> {
    this.#place.lose();
    const { result, value } = await this.native.digestBytes(skip, bytes, maximumBytes);
    if (isEndOfData(result)) return undefined;
    this.check(result, "reading");
    if (value === undefined && result.sense?.filemark !== true) throw readError(result, `reading of ${this.name}`);
    return value;
  }

  /** READ (SSC-5 6.4): streams blocks from here to a file descriptor until a filemark or the end of data. */
  async copyTapeFile(fd: number, maximumBytes: number): ReturnType<NativeTapeDrive["copyTapeFile"]> {
    this.#place.lose();
    return this.native.copyTapeFile(fd, maximumBytes);
  }

  /** Writes one block (SSC-5 6.8). An early warning is a result; a block that was not written throws. */
  async write(data: Uint8Array, what: string): Promise<NativeWriteOutcome> {
    const outcome = await this.native.writeBlock(data);
    return this.#written(outcome, 1n, `write of ${what} (${this.name})`);
  }

  /** Writes fixed-length blocks (SSC-5 6.8), after {@link setBlockBytes}. `accepted` counts blocks. */
  async writeBlocks(data: Uint8Array, blockBytes: number): Promise<NativeWriteOutcome> {
    const outcome = await this.native.writeBlocks(data, blockBytes);
    return this.#written(outcome, BigInt(outcome.accepted), `write of blocks (${this.name})`);
  }

  /**
   * Writes up to `count` blocks (SSC-5 6.8) that say nothing, to measure with. An early warning ends it and is a result;
   * a block that was not written throws.
   */
  async writeSamples(data: SampleData, first: bigint, count: number, blockBytes: number): Promise<NativeSampleRun> {
    const run = await this.native.writeSamples(data, first, count, blockBytes);
    if (count === 0) return run;
    this.#place.passedBlocks(BigInt(run.blocks));
    this.#written(run, 0n, `write of a block of ${blockBytes} bytes, to measure (${this.name})`);
    return run;
  }

  /** WRITE FILEMARKS (SSC-5 6.9): waits until everything before is on the medium; count 0 only waits. */
  async synchronise(filemarks: number): Promise<NativeWriteOutcome> {
    const outcome = await this.native.writeFilemarks(filemarks, false);
    const written = this.#written(outcome, 0n, `synchronising ${this.name}`);
    this.#place.passedFilemarks(filemarks);
    return written;
  }

  /** VERIFY (SSC-5 6.7): the drive reads a block of this length and hands nothing over. Says what it met. */
  async verify(bytes: number): Promise<"block" | "wrongLength" | "filemark" | "endOfData"> {
    this.#place.lose();
    const result = await this.native.verify(bytes);
    if (isEndOfData(result)) return "endOfData";
    this.check(result, "verify");
    if (result.sense?.filemark === true) return "filemark";
    return result.sense?.incorrectLength === true ? "wrongLength" : "block";
  }

  // What destroys data, or allows to. Nothing here asks.

  /** ERASE (SSC-5 5.2): end of data here, or with `entire` all that remains, which takes hours. */
  async erase(options: { readonly entire: boolean; readonly immediate?: boolean }): Promise<void> {
    this.#place.forget();
    this.check(await this.native.erase(options.entire, options.immediate ?? false), "erase");
  }

  /** FORMAT MEDIUM (SSC-5 7.1), with partitions as given. All data is lost. */
  async formatMedium(partitions?: MediumPartitions): Promise<void> {
    this.#place.forget();
    if (partitions !== undefined) this.check(await this.native.setPartitions(partitions), "mode page 11h");
    const wanted: FormatMedium = { layout: partitions === undefined ? "singlePartition" : "byMediumPartitionPage" };
    this.check(await this.native.formatMedium(wanted), "format medium");
  }

  /** SET CAPACITY (SSC-5 7.11): uses this part of the tape, of 65535. All data is lost. */
  async setCapacity(proportion: number): Promise<void> {
    this.#place.forget();
    this.check(await this.native.setCapacity(proportion), "set capacity");
  }

  /** In append-only mode: one write sequence from here on (SSC-5 7.12). */
  async allowOverwrite(objectNumber: bigint): Promise<void> {
    this.check(await this.native.allowOverwrite(objectNumber), "allow overwrite");
  }

  // Encryption by the drive (SSC-5 8.5).

  /**
   * Algorithms that the drive has, with their lengths of keys in bytes (SSC-5 8.5.2.4); `undefined` where it has none.
   */
  async encryptionCapabilities(): Promise<EncryptionCapabilities | undefined> {
    return this.maybe(this.native.encryptionCapabilities(), "encryption capabilities");
  }

  /** How it writes and reads now, and the count of changes of the key (SSC-5 8.5.2.7); never the key itself. */
  async encryptionStatus(): Promise<EncryptionStatus | undefined> {
    return this.maybe(this.native.encryptionStatus(), "encryption status");
  }

  /**
   * Whether the block behind the tape's place is encrypted, and can be read with the key that is set (SSC-5 8.5.2.8).
   */
  async nextBlockEncryption(): Promise<NextBlockEncryption | undefined> {
    return this.maybe(this.native.nextBlockEncryption(), "next block encryption status");
  }

  /**
   * Sets or clears the key (SSC-5 8.5.3.2), and reads the status back: a drive may drop a key at any reset, unload or
   * loss of a reservation. The caller wipes its own copy of the key.
   * @throws DeviceError where the drive does not say that it took the settings
   */
  async setEncryption(settings: EncryptionSettings): Promise<EncryptionStatus> {
    this.check(await this.native.setEncryption(settings), "setting encryption");
    const status = this.need(await this.native.encryptionStatus(), "encryption status");
    if (status.encryption !== settings.encryption || status.decryption !== settings.decryption) {
      throw new DeviceError(
        `${this.name} was told encryption ${settings.encryption}, decryption ${settings.decryption}, and says ${status.encryption}, ${status.decryption}: nothing was written`,
      );
    }
    return status;
  }

  async #nearestPlace(objectNumber: bigint): Promise<bigint> {
    const start = this.#place.nearestStart(objectNumber);
    const here = this.#place.objectNumber;
    if (here !== undefined && here <= objectNumber && here >= start.objectNumber) return here;
    await this.rewind();
    if (start.file > 0) await this.spaceFilemarks(start.file);
    return start.objectNumber;
  }

  #passed(met: NativeReadOutcome["kind"] | NativeBlocksRead["kind"], result: NativeResult): void {
    switch (met) {
      case "block":
      case "tooLong":
      case "damaged":
      case "wrongLength":
        this.#place.passedBlocks(1n);
        break;
      case "filemark":
        this.#place.passedFilemarks();
        break;
      case "endOfData":
        break;
      case "endOfMedium":
      case "failed":
        this.#lost(result);
    }
  }

  #written(outcome: NativeWriteOutcome, blocks: bigint, attempt: string): NativeWriteOutcome {
    if (outcome.kind !== "written") {
      this.#lost(outcome.result);
      throw writeError(outcome.result, attempt);
    }
    this.#place.passedBlocks(blocks);
    this.#place.truncated();
    return outcome;
  }

  #lost(result: NativeResult): void {
    if (isUnitAttention(result)) this.#place.forget();
    else this.#place.lose();
  }

  async #motion(command: () => Promise<NativeResult>, attempt: string): Promise<void> {
    this.#place.lose();
    this.check(await command(), attempt);
  }

  /** Loading and unloading may be repeated: a unit attention says that they were not carried out. */
  async #pastAttention(command: () => Promise<NativeResult>, attempt: string): Promise<void> {
    for (;;) {
      const result = await command();
      try {
        checkResult(result, `${attempt} of ${this.name}`);
        return;
      } catch (error) {
        if (!(error instanceof UnitAttentionError)) throw error;
      }
    }
  }
}

/** Blank check; but 8/14/03 is not the end of data but its absence. */
function isEndOfData({ sense }: NativeResult): boolean {
  if (sense?.senseKey !== 8 || sense.deferred) return false;
  return sense.asc !== 0x14 || sense.ascq !== 0x03;
}
