// SPDX-License-Identifier: Apache-2.0
/** Names and units of log parameters: SSC-4 8.3, and for pages 30h to 32h what LTO drives of the first eight kinds do. */

/**
 * How a value is to be read. "bytes8": a count of bytes; "bytes": raw, shown in hexadecimal; "ratio": hundredths;
 * "partitions": a record each.
 */
export type LogParameterKind =
  | "count"
  | "bytes8"
  | "MB"
  | "MiB"
  | "signed bytes"
  | "hours"
  | "ms"
  | "metres"
  | "percent"
  | "degrees"
  | "ratio"
  | "flag"
  | "text"
  | "bytes"
  | "partitions"
  | "partitions MB";

export type LogParameterTable = Readonly<Record<number, readonly [name: string, kind: LogParameterKind]>>;

export const logPageNames: Readonly<Record<number, string>> = {
  0x00: "list of pages",
  0x01: "buffer overruns and underruns",
  0x02: "write errors",
  0x03: "read errors",
  0x06: "non-medium errors",
  0x07: "last error events",
  0x0b: "last deferred errors",
  0x0c: "sequential access",
  0x0d: "temperature",
  0x0e: "start-stop cycles",
  0x10: "self-test results",
  0x11: "drive status",
  0x12: "TapeAlert response",
  0x13: "requested recovery",
  0x14: "device statistics",
  0x15: "service buffers",
  0x16: "tape diagnostics",
  0x17: "volume statistics",
  0x18: "protocol-specific port",
  0x1b: "data compression",
  0x2d: "current service information",
  0x2e: "TapeAlert",
  0x2f: "informational exceptions",
  0x30: "tape usage",
  0x31: "tape capacity",
  0x32: "data compression (older drives)",
};

const errorCounters: LogParameterTable = {
  0: ["corrected without delay", "count"],
  1: ["corrected with delay", "count"],
  2: ["retries", "count"],
  3: ["corrected in total", "count"],
  4: ["correction algorithm runs", "count"],
  // The unit is the vendor's: bytes with some, data sets with others.
  5: ["processed", "count"],
  6: ["uncorrected", "count"],
};

const sequentialAccess: LogParameterTable = {
  0x00: ["received by writes, before compression", "bytes8"],
  0x01: ["written to medium, after compression", "bytes8"],
  0x02: ["read from medium, before decompression", "bytes8"],
  0x03: ["sent by reads, after decompression", "bytes8"],
  0x04: ["native capacity from beginning to end of data", "MB"],
  0x05: ["native capacity from beginning to early warning", "MB"],
  0x06: ["least capacity from early warning to end of partition", "MB"],
  0x07: ["native capacity from beginning to present position", "MB"],
  0x08: ["most that the buffer can hold", "MB"],
  0x100: ["cleaning needed", "flag"],
};

const deviceStatistics: LogParameterTable = {
  0x00: ["loads in the drive's life", "count"],
  0x01: ["cleanings in the drive's life", "count"],
  0x02: ["power-on time", "hours"],
  0x03: ["tape motion time", "hours"],
  0x04: ["tape moved", "metres"],
  0x05: ["tape motion time when last incompatible", "hours"],
  0x08: ["tape motion time since last cleaning", "hours"],
  0x09: ["tape motion time since second last cleaning", "hours"],
  0x0a: ["tape motion time since third last cleaning", "hours"],
  0x0c: ["power cycles", "count"],
  0x0d: ["loads since last reset", "count"],
  0x0e: ["hard write errors", "count"],
  0x0f: ["hard read errors", "count"],
  0x10: ["duty cycle sample time", "ms"],
  0x11: ["read duty cycle", "percent"],
  0x12: ["write duty cycle", "percent"],
  0x13: ["activity duty cycle", "percent"],
  0x14: ["not ready duty cycle", "percent"],
  0x40: ["drive manufacturer's serial number", "text"],
  0x41: ["drive serial number", "text"],
  0x80: ["removal prevented", "flag"],
  0x81: ["temperature exceeded", "flag"],
};

const volumeStatistics: LogParameterTable = {
  0x00: ["page valid", "flag"],
  0x01: ["mounts", "count"],
  0x02: ["data sets written", "count"],
  0x03: ["recovered write errors", "count"],
  0x04: ["unrecovered write errors", "count"],
  0x05: ["write servo errors", "count"],
  0x06: ["unrecovered write servo errors", "count"],
  0x07: ["data sets read", "count"],
  0x08: ["recovered read errors", "count"],
  0x09: ["unrecovered read errors", "count"],
  0x0c: ["unrecovered write errors of last mount", "count"],
  0x0d: ["unrecovered read errors of last mount", "count"],
  0x0e: ["written in last mount", "MB"],
  0x0f: ["read in last mount", "MB"],
  0x10: ["written in the volume's life", "MB"],
  0x11: ["read in the volume's life", "MB"],
  0x12: ["last load's write compression ratio", "ratio"],
  0x13: ["last load's read compression ratio", "ratio"],
  0x14: ["mounted time", "ms"],
  0x15: ["ready time", "ms"],
  0x16: ["native capacity", "MB"],
  0x17: ["used native capacity", "MB"],
  0x18: ["design capacity", "MB"],
  0x19: ["life left", "percent"],
  0x40: ["volume serial number", "text"],
  0x41: ["tape lot identifier", "text"],
  0x42: ["barcode", "text"],
  0x43: ["manufacturer", "text"],
  0x44: ["licence code", "text"],
  0x45: ["personality", "text"],
  0x80: ["write protected", "flag"],
  0x81: ["write-once (WORM)", "flag"],
  0x82: ["temperature exceeded", "flag"],
  0x101: ["passes over the beginning of the medium", "count"],
  0x102: ["passes over the middle of the tape", "count"],
  0x200: ["first encrypted object", "partitions"],
  0x201: ["first unencrypted object behind it", "partitions"],
  0x202: ["native capacity of partition", "partitions MB"],
  0x203: ["used native capacity of partition", "partitions MB"],
  0x204: ["remaining native capacity of partition", "partitions MB"],
};

const dataCompression: LogParameterTable = {
  0x00: ["read compression ratio", "ratio"],
  0x01: ["write compression ratio", "ratio"],
  0x02: ["to host", "MB"],
  0x03: ["to host, rest", "signed bytes"],
  0x04: ["from tape", "MB"],
  0x05: ["from tape, rest", "signed bytes"],
  0x06: ["from host", "MB"],
  0x07: ["from host, rest", "signed bytes"],
  0x08: ["to tape", "MB"],
  0x09: ["to tape, rest", "signed bytes"],
  0x100: ["compression enabled", "flag"],
};

const tapeUsage: LogParameterTable = {
  0x01: ["mounts", "count"],
  0x02: ["data sets written", "count"],
  0x03: ["write retries", "count"],
  0x04: ["unrecovered write errors", "count"],
  0x05: ["suspended writes", "count"],
  0x06: ["fatal suspended writes", "count"],
  0x07: ["data sets read", "count"],
  0x08: ["read retries", "count"],
  0x09: ["unrecovered read errors", "count"],
  0x0a: ["suspended reads", "count"],
  0x0b: ["fatal suspended reads", "count"],
};

const tapeCapacity: LogParameterTable = {
  0x01: ["remaining capacity of partition 0", "MiB"],
  0x02: ["remaining capacity of partition 1", "MiB"],
  0x03: ["maximum capacity of partition 0", "MiB"],
  0x04: ["maximum capacity of partition 1", "MiB"],
};

const tapeAlert: LogParameterTable = Object.fromEntries(
  Array.from({ length: 64 }, (_, index) => [index + 1, [`flag ${index + 1}`, "flag"] as const]),
);

export const logPageTables: Readonly<Record<number, LogParameterTable>> = {
  0x02: errorCounters,
  0x03: errorCounters,
  0x06: { 0: ["errors", "count"] },
  0x0c: sequentialAccess,
  0x0d: { 0: ["temperature", "degrees"], 1: ["reference temperature", "degrees"] },
  0x11: { 0: ["drive status", "bytes"] },
  0x12: { 0: ["TapeAlert flags", "bytes"] },
  0x14: deviceStatistics,
  0x17: volumeStatistics,
  0x1b: dataCompression,
  0x2e: tapeAlert,
  0x30: tapeUsage,
  0x31: tapeCapacity,
  0x32: dataCompression,
};
