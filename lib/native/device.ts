// SPDX-License-Identifier: Apache-2.0
/** What crosses between the addon's device classes and JavaScript: the structs of native/scsi and native/device. */

/** Decoded sense data (SPC-5 4.4); absent fields were not delivered by the device. */
export interface NativeSense {
  readonly deferred: boolean;
  readonly senseKey: number;
  readonly asc: number;
  readonly ascq: number;
  readonly filemark: boolean;
  readonly endOfMedium: boolean;
  readonly incorrectLength: boolean;
  /** The INFORMATION field, signed, only where the VALID bit was set. */
  readonly information?: bigint;
  readonly raw: Buffer;
}

/** What one SCSI command came to. `completed` says that the device answered, not that it succeeded. */
export interface NativeResult {
  /** Name of the command, for messages: `WRITE(6)`. */
  readonly command: string;
  readonly outcome: "completed" | "notSent" | "unknown";
  readonly scsiStatus: number;
  readonly hostStatus: number;
  readonly driverStatus: number;
  readonly errno: number;
  readonly sense?: NativeSense;
  readonly residual: number;
  readonly durationUs: number;
  /**
   * Number of the session that carried the command, counted per device: between two results with different numbers a
   * session was lost, and with it the position. 0 where the transport has no sessions.
   */
  readonly nexus: number;
  /** One sentence where the transport knows more than a number, such as which process holds the drive. */
  readonly detail?: string;
}

/** Where a device is. */
export type DeviceAddress =
  | {
      readonly kind: "simulated";
      /** Folder of the simulated library. */
      readonly folder: string;
      /** `changer`, or `drive-0`, `drive-1` ... */
      readonly unit: string;
      /**
       * A name, for drives only: who sends the commands. Several initiators of one process can have a drive at a time,
       * each with its own unit attentions, registrations and prevention of removal.
       */
      readonly initiator?: string;
    }
  | {
      readonly kind: "sg";
      /** `/dev/sg3`, `/dev/nst0`, or any link to such a node. */
      readonly path: string;
    }
  | {
      readonly kind: "iscsi";
      /**
       * `iscsi://[user%password@]host[:port]/target-name/lun`. What it does not tell of CHAP comes from the variables
       * LIBISCSI_CHAP_USERNAME and LIBISCSI_CHAP_PASSWORD; with LIBISCSI_CHAP_TARGET_USERNAME and
       * LIBISCSI_CHAP_TARGET_PASSWORD the target must prove itself too. No message and no trace has any of it.
       */
      readonly url: string;
      /** As whom to log in; without it a name made of the host name. Reservations belong to it. */
      readonly initiatorName?: string;
    }
  | {
      readonly kind: "replay";
      /** A recording: a trace that was written with `traceData`. */
      readonly path: string;
    };

/** How a device is opened. */
export interface DeviceOptions {
  /** A file that gets one line of JSON for each command; created for its owner alone, and appended to. */
  readonly tracePath?: string;
  /** Also the data of READ and WRITE: the trace is a recording, which can be replayed. */
  readonly traceData?: boolean;
  /** sg: holds the drive's tape node while open, so that no other program can use it. */
  readonly exclusive?: boolean;
  /**
   * Shortens all timeouts to this. A command that merely takes its time then ends with an unknown outcome: for tests,
   * and for emulations that never take as long as a tape drive may.
   */
  readonly timeoutLimitMs?: number;
}

/** What a command came to; `value` where it did its work and its answer could be decoded. */
export interface NativeAnswer<T> {
  readonly result: NativeResult;
  readonly value?: T;
}

/** Standard INQUIRY data and VPD page 80h (SPC-5 6.7.2, 7.7.19). */
export interface Inquiry {
  /** 1: tape drive, 8: medium changer. */
  readonly deviceType: number;
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  /** 0 connected, 1 supported but not connected, 3 no such logical unit. */
  readonly qualifier: number;
  readonly removable: boolean;
  /** 3 SPC ... 7 SPC-5; 0 claims none. */
  readonly version: number;
  /** On some tape drives: logical block protection is there. */
  readonly protect: boolean;
  readonly versionDescriptors: readonly number[];
  /** Empty where the device has no page 80h. */
  readonly serialNumber: string;
}

/** A designation descriptor of VPD page 83h (SPC-5 7.7.6.2). */
export interface Designator {
  /** 1 T10 vendor identification, 2 EUI-64, 3 NAA, 4 relative target port, 8 SCSI name. */
  readonly type: number;
  readonly codeSet: "binary" | "ascii" | "utf8" | "unknown";
  readonly association: "logicalUnit" | "targetPort" | "targetDevice" | "unknown";
  readonly protocol?: number;
  readonly value: Buffer;
}

/** Answer to REQUEST SENSE (SPC-5 4.4). */
export interface SenseData {
  readonly deferred: boolean;
  readonly senseKey: number;
  readonly asc: number;
  readonly ascq: number;
  readonly filemark: boolean;
  readonly endOfMedium: boolean;
  readonly incorrectLength: boolean;
  readonly information?: bigint;
  /** Done so far, of 65536. */
  readonly progress?: number;
}

/** SEND DIAGNOSTIC (SPC-5 6.42). */
export type SelfTest =
  "default" | "backgroundShort" | "backgroundExtended" | "abortBackground" | "foregroundShort" | "foregroundExtended";

/** One command of REPORT SUPPORTED OPERATION CODES (SPC-5 6.35). */
export interface SupportedOperation {
  readonly operationCode: number;
  readonly serviceAction?: number;
  readonly cdbBytes: number;
  /** Seconds; 0: the device does not say. */
  readonly timeouts?: { readonly nominalSeconds: number; readonly recommendedSeconds: number };
}

/** What MODE SENSE asks for (SPC-5 6.14). */
export interface ModeSense {
  readonly page: number;
  readonly subpage?: number;
  readonly control?: ModePageControl;
  readonly disableBlockDescriptors?: boolean;
}
/** PAGE CONTROL of MODE SENSE (SPC-5 6.14.1). `changeable`: ones where MODE SELECT may change a bit. */
export type ModePageControl = "current" | "changeable" | "default" | "saved";

/** Header, block descriptor and pages of MODE SENSE (SPC-5 7.5). */
export interface ModeParameters {
  readonly mediumType: number;
  readonly writeProtected: boolean;
  /** 0 none, 1 buffered, 2 buffered for each initiator. */
  readonly bufferedMode: number;
  readonly speed: number;
  readonly block?: { readonly density: number; readonly blocks: bigint; readonly blockBytes: number };
  /** As they came, each with its header. */
  readonly pages: Buffer;
}

/** One page of MODE SENSE (SPC-5 7.5.7). */
export interface ModePage {
  readonly code: number;
  readonly subpage: number;
  readonly saveable: boolean;
  /** The whole page with its header. */
  readonly bytes: Buffer;
}

/** What LOG SENSE asks for (SPC-5 6.8). */
export interface LogSense {
  readonly page: number;
  readonly subpage?: number;
  readonly control?: "threshold" | "cumulative" | "defaultThreshold" | "defaultCumulative";
  readonly firstParameter?: number;
}

/** One entry of log page 00h (SPC-5 7.3.18). */
export interface LogPageCode {
  readonly page: number;
  readonly subpage: number;
}

/** A log page (SPC-5 7.3.2); `lib/device/log-pages.ts` gives its parameters names and units. */
export interface LogPage {
  readonly page: number;
  readonly subpage: number;
  readonly parameters: readonly {
    readonly code: number;
    /** The parameter control byte. */
    readonly control: number;
    readonly value: Buffer;
  }[];
}

/** An attribute of the medium auxiliary memory (SPC-5 7.4). */
export interface Attribute {
  readonly id: number;
  readonly format: "binary" | "ascii" | "text" | "unknown";
  readonly value: Buffer;
  readonly readOnly: boolean;
}

/** An attribute to write; an empty value deletes it. */
export interface AttributeToWrite {
  readonly id: number;
  readonly format?: "binary" | "ascii" | "text";
  readonly value: Uint8Array;
}

/** TYPE of a persistent reservation (SPC-5 6.16.3.4). */
export type ReservationType =
  | "writeExclusive"
  | "exclusiveAccess"
  | "writeExclusiveRegistrantsOnly"
  | "exclusiveAccessRegistrantsOnly"
  | "writeExclusiveAllRegistrants"
  | "exclusiveAccessAllRegistrants";

/** Service actions of PERSISTENT RESERVE OUT (SPC-5 6.17). */
export type ReserveOutAction =
  "register" | "reserve" | "release" | "clear" | "preempt" | "preemptAndAbort" | "registerAndIgnoreExistingKey";

/** READ KEYS (SPC-5 6.16.2). */
export interface ReservationKeys {
  /** Counts changes of the registrations. */
  readonly generation: number;
  readonly keys: readonly bigint[];
}

/** READ RESERVATION (SPC-5 6.16.3); without a holder there is none. */
export interface Reservation {
  readonly generation: number;
  readonly holder?: { readonly key: bigint; readonly scope: number; readonly type: ReservationType | "unknown" };
}

/** REPORT CAPABILITIES (SPC-5 6.16.4). */
export interface ReservationCapabilities {
  readonly replaceLost: boolean;
  readonly compatibleReservationHandling: boolean;
  readonly specifyInitiatorPorts: boolean;
  readonly allTargetPorts: boolean;
  readonly persistCapable: boolean;
  readonly persistActive: boolean;
  readonly allowCommands: number;
  readonly types?: readonly ReservationType[];
}

/** READ FULL STATUS (SPC-5 6.16.5). */
export interface FullReservationStatus {
  readonly generation: number;
  readonly registrations: readonly {
    readonly key: bigint;
    readonly holder: boolean;
    readonly allTargetPorts: boolean;
    readonly scope: number;
    readonly type: number;
    readonly relativeTargetPort: number;
    readonly transportId: Buffer;
  }[];
}

/** The parameter list of PERSISTENT RESERVE OUT (SPC-5 6.17.3). */
export interface ReserveOutParameters {
  readonly ownKey?: bigint;
  /** The new key of a registration, the victim's of a preemption. */
  readonly actionKey?: bigint;
  readonly allTargetPorts?: boolean;
  /** Keep it through power loss. */
  readonly persist?: boolean;
}

/** What drives and changers both understand. */
export interface NativeDevice {
  /** The most bytes that one command carries on this way; opens the device, sends nothing. */
  transferLimit(): Promise<number | undefined>;
  inquiry(): Promise<NativeAnswer<Inquiry>>;
  supportedVitalPages(): Promise<NativeAnswer<readonly number[]>>;
  identification(): Promise<NativeAnswer<readonly Designator[]>>;
  vitalPage(page: number): Promise<NativeAnswer<Buffer>>;
  testUnitReady(): Promise<NativeResult>;
  requestSense(): Promise<NativeAnswer<SenseData>>;
  selfTest(test: SelfTest): Promise<NativeResult>;
  preventRemoval(prevent: boolean): Promise<NativeResult>;
  logicalUnits(): Promise<NativeAnswer<readonly bigint[]>>;
  /** All commands that the device has; the timeouts that it recommends are used from then on. */
  supportedOperations(): Promise<NativeAnswer<readonly SupportedOperation[]>>;
  /** MODE SENSE(10), or (6) where the device has no other. */
  modeSense(wanted: ModeSense): Promise<NativeAnswer<ModeParameters>>;
  modePages(control: ModePageControl): Promise<NativeAnswer<readonly ModePage[]>>;
  supportedLogPages(): Promise<NativeAnswer<readonly LogPageCode[]>>;
  logPage(wanted: LogSense): Promise<NativeAnswer<LogPage>>;
  /** LOG SELECT with PCR; page 0: all pages. */
  resetLog(page: number, subpage: number): Promise<NativeResult>;
  attributeList(partition: number): Promise<NativeAnswer<readonly number[]>>;
  attributes(partition: number): Promise<NativeAnswer<readonly Attribute[]>>;
  readAttribute(id: number): Promise<NativeAnswer<Buffer>>;
  writeAttributes(partition: number, attributes: readonly AttributeToWrite[]): Promise<NativeResult>;
  reservationKeys(): Promise<NativeAnswer<ReservationKeys>>;
  reservation(): Promise<NativeAnswer<Reservation>>;
  reservationCapabilities(): Promise<NativeAnswer<ReservationCapabilities>>;
  fullReservationStatus(): Promise<NativeAnswer<FullReservationStatus>>;
  reserveOut(action: ReserveOutAction, type: ReservationType, parameters: ReserveOutParameters): Promise<NativeResult>;
  /** Waits for the queue and ends the thread. */
  close(): Promise<void>;
}

/** READ BLOCK LIMITS (SSC-5 7.5). Bytes; block lengths are multiples of 2 to the power of `granularity`. */
export interface BlockLimits {
  readonly maximumBytes: number;
  readonly minimumBytes: number;
  readonly granularity: number;
}

/** Header and block descriptor of MODE SENSE, and WORMM of page 1Dh (SSC-5 8.3). */
export interface ModeStatus {
  readonly writeProtected: boolean;
  readonly bufferedMode: number;
  /** 0: variable. */
  readonly blockBytes: number;
  readonly density: number;
  readonly mediumType: number;
  readonly worm: boolean;
}

/** READ POSITION (SSC-5 7.7). */
export interface Position {
  /** False where the drive says that it does not know (LOLU, LONU): then no number means anything. */
  readonly known: boolean;
  readonly partition: number;
  /** Number of the next logical object (block or filemark), from the beginning of the partition. */
  readonly objectNumber: bigint;
  /** Filemarks before here; long form only. */
  readonly fileNumber?: bigint;
  readonly beginningOfPartition: boolean;
  /** Between early warning and the end of the partition. */
  readonly endOfPartition: boolean;
  readonly beyondProgrammableEarlyWarning: boolean;
  /** Present where the drive reported its buffer and did not set LOCU/BYCU. A hint, never a claim. */
  readonly bytesInBuffer?: bigint;
}
/** The three answers of READ POSITION (SSC-5 7.7). `short` counts objects in 32 bits. */
export type PositionForm = "short" | "long" | "extended";

/** Mode page 0Fh (SSC-5 8.3.2). */
export interface DataCompression {
  readonly compress: boolean;
  readonly capable: boolean;
  readonly decompress: boolean;
  readonly reportException: number;
  readonly compressionAlgorithm: number;
  readonly decompressionAlgorithm: number;
}

/** Mode page 10h (SSC-5 8.3.3). */
export interface DeviceConfiguration {
  readonly activePartition: number;
  /** In units of 100 ms; 0: for ever. */
  readonly writeDelayTime: number;
  readonly objectIdentifiers: boolean;
  readonly reportEarlyWarning: boolean;
  readonly synchronizeAtEarlyWarning: boolean;
  readonly softwareWriteProtect: boolean;
  /** Bytes. */
  readonly bufferSizeAtEarlyWarning: number;
  readonly selectCompression: number;
  readonly onlyIfReserved: boolean;
  /** 0 as the vendor likes, 1 yes, 2 no. */
  readonly rewindOnReset: number;
  readonly associatedWriteProtect: boolean;
  readonly persistentWriteProtect: boolean;
  readonly permanentWriteProtect: boolean;
}

/** Mode page 10h, subpage 01h (SSC-5 8.3.8). */
export interface DeviceConfigurationExtension {
  /** 0 overwriting allowed, 1 append only. */
  readonly writeMode: number;
  readonly shortEraseMode: number;
  readonly programmableEarlyWarningMegabytes: number;
  readonly encryptedVolumeRequiresEncryption: boolean;
}

/** Mode page 1Dh (SSC-5 8.3.7). */
export interface MediumConfiguration {
  readonly worm: boolean;
  readonly wormLabelRestrictions: number;
  readonly wormFilemarkRestrictions: number;
}

/** Mode page 11h (SSC-5 8.3.4). */
export interface MediumPartitions {
  readonly maximumAdditional: number;
  /** Beside partition 0. */
  readonly additional: number;
  readonly fixed: boolean;
  readonly selected: boolean;
  readonly initiatorDefined: boolean;
  /** Of `sizes`; `byExponent`: 10 to the power of `sizeExponent` bytes. */
  readonly unit: "bytes" | "kilobytes" | "megabytes" | "byExponent";
  readonly onFormatMedium: boolean;
  readonly formatRecognition: number;
  readonly partitioningType: number;
  readonly sizeExponent: number;
  /** One a partition; 65535: all that is left. */
  readonly sizes: readonly number[];
}

/** Mode page 0Ah, subpage F0h (SSC-5 8.3.9). */
export interface ControlDataProtection {
  readonly method: "none" | "reedSolomon" | "crc32c" | "unknown";
  readonly informationBytes: number;
  readonly onWrite: boolean;
  readonly onRead: boolean;
  readonly onRecover: boolean;
}

/** REPORT DENSITY SUPPORT (SSC-5 7.8.3). */
export interface DensityDescriptor {
  readonly primary: number;
  readonly secondary: number;
  readonly writable: boolean;
  readonly duplicate: boolean;
  readonly isDefault: boolean;
  readonly bitsPerMm: number;
  /** In units of 0.1 mm. */
  readonly width: number;
  readonly tracks: number;
  /** 10^6 bytes. */
  readonly capacityMegabytes: number;
  readonly organization: string;
  readonly name: string;
  readonly description: string;
}

/** REPORT DENSITY SUPPORT with MEDIUM TYPE (SSC-5 7.8.4). */
export interface MediumTypeDescriptor {
  readonly mediumType: number;
  /** Primary density codes. */
  readonly densities: Buffer;
  readonly width: number;
  readonly lengthMetres: number;
  readonly organization: string;
  readonly name: string;
  readonly description: string;
}

/** Very high frequency data of log page 11h (SSC-5 8.2.5). */
export interface DriveStatus {
  readonly prevented: boolean;
  readonly hostInitiatedUnload: boolean;
  readonly mediumAuxiliaryMemoryAccessible: boolean;
  readonly compression: boolean;
  readonly writeProtected: boolean;
  readonly cleaningRequested: boolean;
  readonly cleaningRequired: boolean;
  /** The other fields mean something only then. */
  readonly initialized: boolean;
  readonly inTransition: boolean;
  readonly roboticAccessAllowed: boolean;
  readonly mediumPresent: boolean;
  readonly mediumSeated: boolean;
  readonly mediumThreaded: boolean;
  readonly mediumMounted: boolean;
  /** DT DEVICE ACTIVITY; `lib/device/device-status.ts` has the names. */
  readonly activity: number;
  readonly diagnosticDataCreated: boolean;
  readonly encryptionParametersPresent: boolean;
  readonly encryptionServiceRequest: boolean;
  readonly recoveryRequested: boolean;
  readonly interfaceChanged: boolean;
  readonly tapeAlertChanged: boolean;
}

/** An algorithm of the data encryption capabilities page (SSC-5 8.5.2.4). */
export interface EncryptionAlgorithm {
  readonly index: number;
  readonly validForVolume: boolean;
  readonly supplementalKeys: boolean;
  readonly authenticationCode: boolean;
  readonly distinguishesBlocks: boolean;
  /** 0 none, 1 software, 2 hardware, 3 with external control. */
  readonly decrypt: number;
  readonly encrypt: number;
  readonly unauthenticatedKadBytes: number;
  readonly authenticatedKadBytes: number;
  readonly keyBytes: number;
  /** SECURITY ALGORITHM CODE; 00010014h: AES-256-GCM. */
  readonly algorithm: number;
}

/** The data encryption capabilities page (SSC-5 8.5.2.4). */
export interface EncryptionCapabilities {
  readonly externalControl: number;
  readonly configurationPrevented: number;
  readonly algorithms: readonly EncryptionAlgorithm[];
}

/** Key-associated data: in the clear beside each block (SSC-5 8.5.4). */
export interface KeyAssociatedData {
  /** 0 unauthenticated, 1 authenticated, 2 nonce, 3 metadata. */
  readonly type: number;
  readonly authenticated?: number;
  readonly value: Uint8Array;
}

/** How the drive writes (SSC-5 8.5.3.2). `external`: blocks are encrypted already. */
export type EncryptionMode = "off" | "external" | "encrypt";
/** How it reads (SSC-5 8.5.3.2). `raw`: as it is on tape; `mixed`: with the key where a block is encrypted. */
export type DecryptionMode = "off" | "raw" | "decrypt" | "mixed";

/** The data encryption status page (SSC-5 8.5.2.7). */
export interface EncryptionStatus {
  readonly nexusScope: number;
  readonly keyScope: number;
  readonly encryption: EncryptionMode | "unknown";
  readonly decryption: DecryptionMode | "unknown";
  readonly algorithmIndex: number;
  /** Counts changes of the key. */
  readonly keyInstanceCounter: number;
  readonly parametersControl: number;
  readonly volumeHasEncryptedBlocks: boolean;
  readonly kadFormat: number;
  readonly supplementalKeys: number;
  readonly kad: readonly KeyAssociatedData[];
}

/** The next block encryption status page (SSC-5 8.5.2.8). */
export interface NextBlockEncryption {
  readonly objectNumber: bigint;
  readonly compression: number;
  readonly state:
    | "cannotTell"
    | "notReadYet"
    | "notABlock"
    | "notEncrypted"
    | "unknownAlgorithm"
    | "readable"
    | "otherKey"
    | "unknown";
  readonly algorithmIndex: number;
  readonly kadFormat: number;
  readonly kad: readonly KeyAssociatedData[];
}

/** The set data encryption page (SSC-5 8.5.3.2). The key is copied once, into memory that is wiped. */
export interface EncryptionSettings {
  /** For whom: everybody, this initiator alone, or all nexuses of this initiator. Default: `allNexuses`. */
  readonly scope?: "shared" | "local" | "allNexuses";
  readonly lock?: boolean;
  readonly clearOnDemount?: boolean;
  readonly encryption: EncryptionMode;
  readonly decryption: DecryptionMode;
  readonly algorithmIndex?: number;
  readonly rawDecryptionControl?: number;
  readonly kadFormat?: number;
  readonly kad?: readonly KeyAssociatedData[];
  readonly key?: Uint8Array;
}

/** What SPACE counts (SSC-5 7.15). `sequentialFilemarks`: so many in a row. */
export type SpaceCode = "blocks" | "filemarks" | "sequentialFilemarks" | "endOfData";

/** LOCATE (SSC-5 7.3, 7.4). `file`: where exactly it stops differs between vendors. */
export interface LocateTarget {
  readonly destination?: "object" | "file" | "endOfData";
  readonly number?: bigint;
  /** Change to this partition first. */
  readonly partition?: number;
}

/** LOAD UNLOAD (SSC-5 7.2). */
export interface LoadUnload {
  readonly load: boolean;
  readonly retension?: boolean;
  readonly endOfTape?: boolean;
  /** With `load`: only so far that the cartridge memory can be read. */
  readonly hold?: boolean;
  readonly immediate?: boolean;
}

/** FORMAT MEDIUM (SSC-5 7.1), at the beginning of partition 0 only. */
export interface FormatMedium {
  readonly layout: "singlePartition" | "byMediumPartitionPage" | "both";
  readonly verify?: boolean;
  readonly immediate?: boolean;
}

/** A stretch of objects to be read, for the recommended access order (SSC-5 7.13). */
export interface UserDataSegment {
  /** Ten bytes of the caller's own. */
  readonly name: string;
  readonly partition: number;
  readonly firstObject: bigint;
  readonly lastObject: bigint;
}

/** The answer of RECEIVE RECOMMENDED ACCESS ORDER (SSC-5 7.14); the segments in the order in which to read them. */
export interface AccessOrder {
  readonly process: "none" | "estimateInOrder" | "reorder" | "estimateFromBeginning" | "unknown";
  readonly status: number;
  readonly segments: readonly UserDataSegment[];
}

/** What READ of one block met (SSC-5 6.4). All but `failed` are what a tape may hold. */
export type NativeReadOutcome =
  | { readonly kind: "block"; readonly data: Buffer; readonly result: NativeResult }
  | { readonly kind: "filemark" | "endOfData" | "endOfMedium"; readonly result: NativeResult }
  /** The block is longer than the buffer; the tape stands behind it. */
  | { readonly kind: "tooLong"; readonly blockBytes: number; readonly result: NativeResult }
  /** The block arrived, and its protection information says that it is not what was written. */
  | { readonly kind: "damaged"; readonly result: NativeResult }
  | { readonly kind: "failed"; readonly result: NativeResult };

/** Fixed-block mode: what ended the read, and the bytes of the whole blocks before that. */
export interface NativeBlocksRead {
  readonly kind: "block" | "filemark" | "endOfData" | "endOfMedium" | "wrongLength" | "damaged" | "failed";
  readonly data: Buffer;
  readonly result: NativeResult;
}

/** What WRITE or WRITE FILEMARKS came to (SSC-5 6.8, 6.9). */
export interface NativeWriteOutcome {
  readonly kind: "written" | "failed" | "unknown";
  /** Bytes accepted: the length less the valid residue. Filemarks, blocks in fixed-block mode: their number. */
  readonly accepted: number;
  readonly earlyWarning: boolean;
  /** Told once, on entering the zone. */
  readonly programmableEarlyWarning: boolean;
  readonly result: NativeResult;
}

/** Why a series of reads ended. `wrongLength`: a block is there that is none of those wanted; `damaged`: on its way here. */
export type ReadStop = "count" | "filemark" | "endOfData" | "endOfMedium" | "wrongLength" | "damaged" | "failed";

/** One entry per object met by {@link NativeTapeDrive.digestBlocks}. */
export interface NativeBlockScan {
  /** XXH3-64 of each block read, big-endian, 8 bytes each, in order. */
  readonly digests: Buffer;
  /** Length of each block, u32 big-endian, in order. */
  readonly lengths: Buffer;
  /** What ended the scan. */
  readonly stoppedAt: ReadStop;
  readonly result: NativeResult;
}

/** What blocks to measure with are made of; `compressible`: to about a half. */
export type SampleData = "incompressible" | "compressible";

/** What {@link NativeTapeDrive.writeSamples} did; the outcome is that of the last WRITE. */
export interface NativeSampleRun extends NativeWriteOutcome {
  /** Written whole. */
  readonly blocks: number;
  /** What the transport says that each WRITE took, the last one included: microseconds, u32 big-endian, in order. */
  readonly durationsUs: Buffer;
}

/**
 * A tape drive. Every call is queued to the device's own thread and resolves, never rejects, when the
 * command has ended; rejection means wrong arguments or a closed device.
 */
export interface NativeTapeDrive extends NativeDevice {
  readBlockLimits(): Promise<NativeAnswer<BlockLimits>>;
  maximumObjectNumber(): Promise<NativeAnswer<bigint>>;
  modeStatus(): Promise<NativeAnswer<ModeStatus>>;
  /** Buffered mode, and blocks of this length; 0: variable. */
  setBlockBytes(bytes: number): Promise<NativeResult>;
  compression(): Promise<NativeAnswer<DataCompression>>;
  setCompression(on: boolean): Promise<NativeResult>;
  deviceConfiguration(): Promise<NativeAnswer<DeviceConfiguration>>;
  deviceConfigurationExtension(): Promise<NativeAnswer<DeviceConfigurationExtension>>;
  setAppendOnly(on: boolean): Promise<NativeResult>;
  setProgrammableEarlyWarning(megabytes: number): Promise<NativeResult>;
  mediumConfiguration(): Promise<NativeAnswer<MediumConfiguration>>;
  partitions(): Promise<NativeAnswer<MediumPartitions>>;
  setPartitions(partitions: MediumPartitions): Promise<NativeResult>;
  blockProtection(): Promise<NativeAnswer<ControlDataProtection>>;
  setBlockProtection(on: boolean): Promise<NativeResult>;
  densities(currentMedium: boolean): Promise<NativeAnswer<readonly DensityDescriptor[]>>;
  mediumTypes(currentMedium: boolean): Promise<NativeAnswer<readonly MediumTypeDescriptor[]>>;
  driveStatus(): Promise<NativeAnswer<DriveStatus>>;
  /** Log page 17h parameter 203h; no value where the drive does not tell. */
  endOfDataValid(): Promise<NativeAnswer<boolean>>;
  /** Flags 1..64 that are set, log page 2Eh: reading clears them. */
  tapeAlerts(): Promise<NativeAnswer<readonly number[]>>;
  /** The same from page 12h, which clears nothing. */
  tapeAlertResponse(): Promise<NativeAnswer<readonly number[]>>;
  position(): Promise<NativeAnswer<Position>>;
  positionForm(form: PositionForm): Promise<NativeAnswer<Position>>;
  encryptionCapabilities(): Promise<NativeAnswer<EncryptionCapabilities>>;
  encryptionStatus(): Promise<NativeAnswer<EncryptionStatus>>;
  nextBlockEncryption(): Promise<NativeAnswer<NextBlockEncryption>>;
  setEncryption(parameters: EncryptionSettings): Promise<NativeResult>;
  rewind(immediate: boolean): Promise<NativeResult>;
  locate(target: LocateTarget): Promise<NativeResult>;
  /** Negative counts go back. */
  space(code: SpaceCode, count: bigint): Promise<NativeResult>;
  loadUnload(wanted: LoadUnload): Promise<NativeResult>;
  recommendedAccessOrder(segments: readonly UserDataSegment[]): Promise<NativeAnswer<AccessOrder>>;
  accessOrderLimits(): Promise<
    NativeAnswer<{ readonly maximumSegments: number; readonly maximumDescriptorBytes: number }>
  >;
  erase(entire: boolean, immediate: boolean): Promise<NativeResult>;
  formatMedium(wanted: FormatMedium): Promise<NativeResult>;
  setCapacity(proportion: number): Promise<NativeResult>;
  allowOverwrite(objectNumber: bigint): Promise<NativeResult>;
  verify(bytes: number): Promise<NativeResult>;
  readBlock(maximumBytes: number): Promise<NativeReadOutcome>;
  writeBlock(data: Uint8Array): Promise<NativeWriteOutcome>;
  readBlocks(count: number, blockBytes: number): Promise<NativeBlocksRead>;
  writeBlocks(data: Uint8Array, blockBytes: number): Promise<NativeWriteOutcome>;
  /**
   * Writes up to `count` blocks that say nothing, to measure with; ends early where the drive warns of the end of the
   * tape or does not write a block. `first`: the number of the first of them, which decides what is in them.
   */
  writeSamples(data: SampleData, first: bigint, count: number, blockBytes: number): Promise<NativeSampleRun>;
  /** `immediate: false` synchronises; count 0 only synchronises. */
  writeFilemarks(count: number, immediate: boolean): Promise<NativeWriteOutcome>;
  /** Reads up to `count` blocks from here, without handing their bytes to JavaScript. */
  digestBlocks(count: number, maximumBytes: number): Promise<NativeBlockScan>;
  /**
   * Digest (XXH3-128) of `bytes` bytes that start `skip` bytes into the block here and run on through
   * the following blocks: a cut extent as it stands on tape.
   */
  digestBytes(skip: number, bytes: bigint, maximumBytes: number): Promise<NativeAnswer<Buffer>>;
  /** Streams blocks from here to a file descriptor until a filemark or the end of data. */
  copyTapeFile(
    fd: number,
    maximumBytes: number,
  ): Promise<{
    readonly result: NativeResult;
    readonly bytes: bigint;
    readonly blocks: bigint;
    readonly stoppedAt: ReadStop;
    readonly writeErrno?: number;
  }>;
}

/** Which elements there are (mode page 1Dh, SMC-3 7.3.4). */
export interface ElementRange {
  readonly first: number;
  readonly count: number;
}
/** Mode page 1Dh, element address assignment (SMC-3 7.3.4). */
export interface ElementAddresses {
  readonly transport: ElementRange;
  readonly storage: ElementRange;
  readonly importExport: ElementRange;
  readonly dataTransfer: ElementRange;
}

/** Mode page 1Fh (SMC-3 7.3.3). */
export interface ElementTypeSet {
  readonly transport: boolean;
  readonly storage: boolean;
  readonly importExport: boolean;
  readonly dataTransfer: boolean;
}
/** From which types of element to which (SMC-3 7.3.3). */
export interface ElementPaths {
  readonly fromTransport: ElementTypeSet;
  readonly fromStorage: ElementTypeSet;
  readonly fromImportExport: ElementTypeSet;
  readonly fromDataTransfer: ElementTypeSet;
}
/** Mode page 1Fh, device capabilities (SMC-3 7.3.3). */
export interface ChangerCapabilities {
  readonly stores: ElementTypeSet;
  readonly moves: ElementPaths;
  readonly exchanges: ElementPaths;
}

/** One element descriptor of READ ELEMENT STATUS (SMC-3 6.11). */
export interface Element {
  readonly address: number;
  readonly type: "transport" | "storage" | "importExport" | "dataTransfer";
  readonly full: boolean;
  readonly exception?: { readonly asc: number; readonly ascq: number };
  /** The transport may reach it. */
  readonly accessible: boolean;
  /** Import/export elements: put there by the operator. */
  readonly placedByOperator: boolean;
  /** Where the cartridge came from. */
  readonly sourceAddress?: number;
  /** Absent in an empty element; empty in a full one: a label that cannot be read. */
  readonly volumeTag?: string;
  /** The primary volume tag's 36 bytes as they came, padding included; empty where the changer sent none. */
  readonly volumeTagField: Buffer;
  /** Data transfer elements, from DVCID. */
  readonly driveSerialNumber?: string;
  readonly exportEnabled: boolean;
  readonly importEnabled: boolean;
  readonly inverted: boolean;
  readonly disabled: boolean;
  readonly mediumType: "unspecified" | "data" | "cleaning" | "diagnostic" | "worm" | "microcode" | "unknown";
  readonly alternateVolumeTag?: string;
}

/** MOVE MEDIUM (SMC-3 6.7). Element addresses; transport 0: the changer's default one. */
export interface MoveMedium {
  readonly transport?: number;
  readonly source: number;
  readonly destination: number;
  readonly invert?: boolean;
}

/** EXCHANGE MEDIUM (SMC-3 6.3): what is in `source` goes to the first, what was there to the second. */
export interface ExchangeMedium {
  readonly transport?: number;
  readonly source: number;
  readonly firstDestination: number;
  readonly secondDestination: number;
  readonly invertFirst?: boolean;
  readonly invertSecond?: boolean;
}

/** A medium changer; its calls are queued and end as those of {@link NativeTapeDrive}. */
export interface NativeMediumChanger extends NativeDevice {
  elementAddresses(): Promise<NativeAnswer<ElementAddresses>>;
  transportGeometry(): Promise<NativeAnswer<readonly { readonly rotates: boolean; readonly member: number }[]>>;
  capabilities(): Promise<NativeAnswer<ChangerCapabilities>>;
  /** Asked type by type; with volume tags, and drive serial numbers in a second pass. */
  elements(): Promise<NativeAnswer<readonly Element[]>>;
  initializeElementStatus(): Promise<NativeResult>;
  initializeElementRange(range: {
    readonly first?: number;
    readonly count?: number;
    readonly fast?: boolean;
    readonly all?: boolean;
  }): Promise<NativeResult>;
  moveMedium(move: MoveMedium): Promise<NativeResult>;
  exchangeMedium(exchange: ExchangeMedium): Promise<NativeResult>;
  positionToElement(wanted: {
    readonly transport?: number;
    readonly destination: number;
    readonly invert?: boolean;
  }): Promise<NativeResult>;
  openImportExport(element: number): Promise<NativeResult>;
  closeImportExport(element: number): Promise<NativeResult>;
  /** SEND VOLUME TAG and REQUEST VOLUME ELEMENT ADDRESS; `*` and `?` are wildcards. */
  findVolumeTag(template: string): Promise<NativeAnswer<readonly Element[]>>;
}
