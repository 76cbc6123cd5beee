// SPDX-License-Identifier: Apache-2.0
/**
 * The configuration file: TOML, every key known, every default written here and nowhere else.
 * An unknown key is an error, because a misspelt one would otherwise silently mean "use the default".
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse, TomlError } from "smol-toml";
import { z } from "zod";
import { parseDeviceAddress } from "../device/address.ts";
import { ConfigError } from "../errors.ts";
import type { DeviceAddress } from "../native/binding.ts";
import { nearestName } from "./nearest-name.ts";
import { parseByteSize, parseDurationMs } from "./quantity.ts";

/** A configuration as the service uses it: paths absolute, sizes in bytes, times in milliseconds. */
export interface TidemarkConfig {
  /** Absolute path of the file it was read from; names it in messages. */
  readonly path: string;
  /** Jobs, temporary catalogs and the catalog store. */
  readonly stateFolder: string;
  readonly library:
    | { readonly kind: "simulated"; readonly folder: string }
    | { readonly kind: "devices"; readonly changer: DeviceAddress; readonly drives: readonly DeviceAddress[] };
  readonly tape: {
    /** Size of every data block. */
    readonly recordSizeBytes: number;
    /** A segment is closed at the first member boundary at or past this many bytes. */
    readonly segmentBytes: bigint;
  };
  readonly checkpoint: {
    /** A checkpoint is made after this time or these bytes, whichever is first. */
    readonly intervalMs: number;
    readonly bytes: bigint;
  };
  readonly pipeline: { readonly ringBytes: number; readonly readers: number };
  readonly backup: {
    /** Pool that `backup` takes tape volumes from and `volume label` puts them in. */
    readonly pool: string;
    readonly crossMounts: boolean;
  };
}

const KIB = 1024;
const smallestRecordBytes = 16 * KIB;
const largestRecordBytes = 8 * KIB * KIB;
// Two records are the least a ring can turn with: one being written, one being filled.
const leastRecordsInRing = 2;

const quantity = <T>(read: (text: string) => T | undefined, what: string, fallback: string) =>
  z
    .union([z.string(), z.number().int().nonnegative()])
    .default(fallback)
    .transform((value, context): T => {
      const parsed = read(String(value));
      if (parsed !== undefined) return parsed;
      context.addIssue({ code: "custom", message: `must be ${what}` });
      return z.NEVER;
    });
const byteSize = (fallback: string) => quantity(parseByteSize, 'a size such as "512 KiB" or "32 GiB"', fallback);
const duration = (fallback: string) => quantity(parseDurationMs, 'a time such as "120 s" or "5 min"', fallback);

const folder = z.string().min(1, "must name a folder");
const poolName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "must be 1 to 64 letters, digits, dots, dashes or underscores");

const deviceAddress = z.string().transform((text, context): DeviceAddress => {
  try {
    return parseDeviceAddress(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: `is no device: ${error instanceof Error ? error.message : text}` });
    return z.NEVER;
  }
});
const simulatedSection = z.strictObject({ kind: z.literal("simulated"), folder });
const devicesSection = z.strictObject({
  kind: z.literal("devices"),
  changer: deviceAddress,
  drives: z.array(deviceAddress).min(1, "must name at least one drive"),
});
const librarySection = z.discriminatedUnion("kind", [simulatedSection, devicesSection], {
  error: (issue) => (issue.code === "invalid_union" ? 'must be "simulated" or "devices"' : undefined),
});
const tapeSection = z.strictObject({ recordSize: byteSize("512 KiB"), segmentSize: byteSize("32 GiB") });
const checkpointSection = z.strictObject({ interval: duration("120 s"), size: byteSize("32 GiB") });
const pipelineSection = z.strictObject({
  ringSize: byteSize("256 MiB"),
  readers: z.number().int().min(1).max(64).default(2),
});
const backupSection = z.strictObject({ pool: poolName.default("default"), crossMounts: z.boolean().default(false) });

const fileSchema = z.strictObject({
  stateFolder: folder,
  library: librarySection,
  tape: tapeSection.prefault({}),
  checkpoint: checkpointSection.prefault({}),
  pipeline: pipelineSection.prefault({}),
  backup: backupSection.prefault({}),
});
type FileContent = z.output<typeof fileSchema>;

const knownKeys: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(fileSchema.shape),
  library: [...Object.keys(simulatedSection.shape), ...Object.keys(devicesSection.shape)],
  tape: Object.keys(tapeSection.shape),
  checkpoint: Object.keys(checkpointSection.shape),
  pipeline: Object.keys(pipelineSection.shape),
  backup: Object.keys(backupSection.shape),
};

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
    const known = knownKeys[key] ?? [];
    const nearest = nearestName(unknown, known);
    const full = key === "" ? unknown : `${key}.${unknown}`;
    const hint = nearest === undefined ? `known keys here: ${known.join(", ")}` : `did you mean "${nearest}"?`;
    return `unknown key "${full}"; ${hint}`;
  }
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
    library:
      content.library.kind === "simulated"
        ? { kind: "simulated", folder: resolve(anchor, content.library.folder) }
        : content.library,
    tape: { recordSizeBytes: Number(content.tape.recordSize), segmentBytes: content.tape.segmentSize },
    checkpoint: { intervalMs: content.checkpoint.interval, bytes: content.checkpoint.size },
    pipeline: { ringBytes: Number(content.pipeline.ringSize), readers: content.pipeline.readers },
    backup: content.backup,
  };
}

/** Limits that tie keys to one another or to the tape format; each is named by its key. */
function checkTogether(config: TidemarkConfig): TidemarkConfig {
  const refuse = (key: string, reason: string): never => {
    throw new ConfigError(`configuration ${config.path}: the key "${key}" ${reason}`);
  };
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

/** The text that `tidemark init` writes: what must be said, and the rest as comments with its defaults. */
export function configText(choice: { readonly stateFolder: string; readonly libraryFolder: string }): string {
  return `# Tidemark configuration. Relative folders start at this file's folder.

# Jobs, temporary catalogs and the catalog of finished jobs.
stateFolder = ${JSON.stringify(choice.stateFolder)}

# A real library instead, its devices named by node, or by iSCSI address; drives are matched to the changer's elements by
# serial number:
#     kind = "devices"
#     changer = "/dev/sg4"
#     drives = ["/dev/nst0", "iscsi://user%password@host/target/1"]
[library]
kind = "simulated"
folder = ${JSON.stringify(choice.libraryFolder)}

# What follows are the defaults.

[tape]
# Size of every block on tape, for volumes labelled from now on: 16 KiB to 8 MiB.
# recordSize = "512 KiB"
# A segment (one tape file) is closed at the first member boundary past this size.
# segmentSize = "32 GiB"

[checkpoint]
# All data is forced onto the tape and the catalog onto the disk after this time or size, whichever is first.
# interval = "120 s"
# size = "32 GiB"

[pipeline]
# Memory between the readers and the drive.
# ringSize = "256 MiB"
# readers = 2

[backup]
# pool = "default"
# Whether a source goes on into file systems mounted below it.
# crossMounts = false
`;
}
