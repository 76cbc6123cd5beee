// SPDX-License-Identifier: Apache-2.0
/**
 * The configuration file: TOML, every key known (config-schema.ts has them, with their defaults).
 * An unknown key is an error, because a misspelt one would otherwise silently mean "use the default".
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse, TomlError } from "smol-toml";
import type { z } from "zod";
import { ConfigError } from "../errors.ts";
import type { DeviceAddress } from "../native/binding.ts";
import type { PoolPolicy, Retention } from "../protocol/media-set.ts";
import { fileSchema, knownKeysAt } from "./config-schema.ts";
import type { FileContent } from "./config-schema.ts";
import { nearestName } from "./nearest-name.ts";

/** Who brings the next cartridge into a drive where no changer does: a person, or the loader by itself. */
export type CartridgeFeed = "hand" | "sequential";

/** Devices of the library. */
export type LibraryConfig = {
  readonly cleaning: {
    /** A drive that asks for it is cleaned as soon as it is free. */
    readonly automatic: boolean;
    /** How often a cleaning cartridge cleans, where it does not say itself. */
    readonly uses: number;
  };
  /** Drives are reserved against other hosts while they are used. */
  readonly reservations: boolean;
} & (
  | {
      readonly kind: "simulated";
      readonly folder: string;
      /** False: its drives are used as if there were no robot. */
      readonly changer: boolean;
      /** Present where there is no changer. */
      readonly feed?: CartridgeFeed;
    }
  | {
      readonly kind: "devices";
      readonly changer?: DeviceAddress;
      readonly drives: readonly DeviceAddress[];
      readonly feed?: CartridgeFeed;
    }
);

/** A configuration as the service uses it: paths absolute, sizes in bytes, times in milliseconds. */
export interface TidemarkConfig {
  /** Absolute path of the file it was read from; names it in messages. */
  readonly path: string;
  /** Jobs, temporary catalogs and the catalog store. */
  readonly stateFolder: string;
  readonly library: LibraryConfig;
  readonly tape: {
    /** Size of every data block. */
    readonly recordSizeBytes: number;
    /** A segment is closed at the first member boundary at or past this many bytes. */
    readonly segmentBytes: bigint;
    /** Blocks carry a CRC on their way to the drive and back, where the drive has it. */
    readonly blockProtection: boolean;
  };
  readonly checkpoint: {
    /** A checkpoint is made after this time or these bytes, whichever is first. */
    readonly intervalMs: number;
    readonly bytes: bigint;
  };
  readonly pipeline: {
    readonly ringBytes: number;
    /** As many as the source needs where it is not there. */
    readonly readers?: number;
  };
  readonly backup: {
    /** Pool that `backup` takes tape volumes from and `volume label` puts them in. */
    readonly pool: string;
    readonly crossMounts: boolean;
    /** Parts of a job that are written at the same time, each through a drive of its own. */
    readonly drives: number;
  };
  /** How long a job waits for a cartridge that only a person can bring. */
  readonly operator: { readonly waitMs: number };
  /** By name; see {@link poolPolicy}. */
  readonly pools: Readonly<Record<string, PoolPolicy>>;
}

/** A pool that the configuration does not name goes on with its set and keeps everything. */
export function poolPolicy(config: Pick<TidemarkConfig, "pools">, pool: string): PoolPolicy {
  const named = Object.hasOwn(config.pools, pool) ? config.pools[pool] : undefined;
  return named ?? { allocation: { kind: "continue" } };
}

const KIB = 1024;
const smallestRecordBytes = 16 * KIB;
const largestRecordBytes = 8 * KIB * KIB;
// Two records are the least a ring can turn with: one being written, one being filled.
const leastRecordsInRing = 2;

/** Where {@link findConfigFile} looks, in this order; the caller says, so that tests need no environment. */
export interface ConfigPlaces {
  /** `--config`. */
  readonly option?: string | undefined;
  /** `$TIDEMARK_CONFIG`. */
  readonly environment?: string | undefined;
  readonly workingFolder: string;
  readonly homeFolder?: string | undefined;
}

/**
 * The configuration file to use. A place that was named is taken even where nothing is there: falling through
 * to another file would run a job against a library that nobody asked for.
 * @throws ConfigError where none is named and none is found.
 */
export function findConfigFile(places: ConfigPlaces): string {
  const named = places.option ?? (places.environment === "" ? undefined : places.environment);
  if (named !== undefined) return resolve(places.workingFolder, named);
  const usual = [join(places.workingFolder, "tidemark.toml")];
  if (places.homeFolder !== undefined && places.homeFolder !== "") {
    usual.push(join(places.homeFolder, ".config", "tidemark", "tidemark.toml"));
  }
  const found = usual.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new ConfigError(
    `no configuration found (looked for ${usual.join(" and ")}): make one with "tidemark init --simulated", or name one with --config`,
  );
}

/** Reads and checks a configuration file. @throws ConfigError with one sentence. */
export function loadConfig(path: string): TidemarkConfig {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "it does not exist" : (cause as Error).message;
    throw new ConfigError(
      `cannot read the configuration ${path}: ${reason}; make one with "tidemark init", or name another with --config`,
      { cause },
    );
  }
  return parseConfig(text, path);
}

/** Checks the text of a configuration file; `path` names it in messages and anchors relative paths. */
export function parseConfig(text: string, path: string): TidemarkConfig {
  const result = fileSchema.safeParse(parseToml(text, path));
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new ConfigError(`configuration ${path}: ${issue === undefined ? "is not valid" : describe(issue)}`);
  }
  return checkTogether(fromFile(result.data, path));
}

function parseToml(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const reason = (cause.message.split("\n")[0] ?? "").replace(/^Invalid TOML document: /, "");
    throw new ConfigError(`configuration ${path} line ${cause.line}, column ${cause.column}: ${reason}`, { cause });
  }
}

function describe(issue: z.core.$ZodIssue): string {
  const key = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const unknown = issue.keys[0] ?? "";
    const known = knownKeysAt(issue.path);
    const nearest = nearestName(unknown, known);
    const full = key === "" ? unknown : `${key}.${unknown}`;
    const hint = nearest === undefined ? `known keys here: ${known.join(", ")}` : `did you mean "${nearest}"?`;
    return `unknown key "${full}"; ${hint}`;
  }
  // A table's name that is none: what its form must be says the issue inside.
  if (issue.code === "invalid_key") return `the name "${key}" ${issue.issues[0]?.message ?? "is wrong"}`;
  if (issue.code === "invalid_type" && issue.message.includes("undefined")) return `the key "${key}" is missing`;
  const reason =
    issue.code === "custom" || issue.message.startsWith("must ") ? issue.message : `is wrong: ${issue.message}`;
  return `the key "${key}" ${reason}`;
}

function fromFile(content: FileContent, path: string): TidemarkConfig {
  const absolute = resolve(path);
  const anchor = dirname(absolute);
  return {
    path: absolute,
    stateFolder: resolve(anchor, content.stateFolder),
    library: libraryOf(content.library, anchor),
    tape: {
      recordSizeBytes: Number(content.tape.recordSize),
      segmentBytes: content.tape.segmentSize,
      blockProtection: content.tape.blockProtection,
    },
    checkpoint: { intervalMs: content.checkpoint.interval, bytes: content.checkpoint.size },
    pipeline: pipeline(content.pipeline),
    backup: content.backup,
    operator: { waitMs: content.operator.wait },
    pools: Object.fromEntries(
      Object.entries(content.pools).map(([name, { allocation, retention }]) => [
        name,
        // Absent keys are left out by the schema, never undefined.
        { allocation, ...(retention === undefined ? {} : { retention: retention as Retention }) },
      ]),
    ),
  };
}

function pipeline({ readers, ringSize }: FileContent["pipeline"]): TidemarkConfig["pipeline"] {
  return { ringBytes: Number(ringSize), ...(readers === "auto" ? {} : { readers }) };
}

function libraryOf(library: FileContent["library"], anchor: string): LibraryConfig {
  const { cleaning, reservations } = library;
  const hasChanger = library.changer !== undefined && library.changer !== false;
  const feed = hasChanger && library.feed === undefined ? {} : { feed: library.feed ?? ("hand" as const) };
  if (library.kind === "simulated") {
    return {
      kind: library.kind,
      folder: resolve(anchor, library.folder),
      changer: library.changer,
      cleaning,
      reservations,
      ...feed,
    };
  }
  const changer = library.changer === undefined ? {} : { changer: library.changer };
  return { kind: library.kind, ...changer, drives: library.drives, cleaning, reservations, ...feed };
}

/** Limits that tie keys to one another or to the tape format; each is named by its key. */
function checkTogether(config: TidemarkConfig): TidemarkConfig {
  const refuse = (key: string, reason: string): never => {
    throw new ConfigError(`configuration ${config.path}: the key "${key}" ${reason}`);
  };
  const { library } = config;
  if (library.feed !== undefined && library.changer !== undefined && library.changer !== false) {
    refuse("library.feed", "is for drives without a changer: leave library.changer or library.feed out");
  }
  const record = config.tape.recordSizeBytes;
  if (record % 512 !== 0) refuse("tape.recordSize", "must be a multiple of 512 bytes, the unit of a tar archive");
  if (record < smallestRecordBytes || record > largestRecordBytes) {
    refuse("tape.recordSize", "must lie between 16 KiB and 8 MiB");
  }
  if (config.tape.segmentBytes < BigInt(record)) refuse("tape.segmentSize", "must be at least one record");
  if (config.checkpoint.bytes < BigInt(record)) refuse("checkpoint.size", "must be at least one record");
  if (config.checkpoint.intervalMs < 1) refuse("checkpoint.interval", "must be longer than nothing");
  if (config.pipeline.ringBytes < leastRecordsInRing * record) {
    refuse("pipeline.ringSize", `must hold at least ${leastRecordsInRing} records`);
  }
  return config;
}
