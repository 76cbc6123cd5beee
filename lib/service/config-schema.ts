// SPDX-License-Identifier: Apache-2.0
/** What may stand in the configuration file: every key, its form and its default. */
import { z } from "zod";
import { parseDeviceAddress } from "../device/address.ts";
import type { DeviceAddress } from "../native/binding.ts";
import type { AllocationPolicy } from "../protocol/media-set.ts";
import { parseByteSize, parseDurationMs } from "./quantity.ts";

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

const cleaningSection = z.strictObject({
  automatic: z.boolean().default(true),
  uses: z.number().int().min(1, "must be 1 or more").max(10_000, "must be at most 10000").default(50),
});
/** Drives are reserved against other hosts while they are used. */
const reservations = z.boolean("must be true or false").default(true);
/** Without a changer: who brings the next cartridge. */
const feed = z.enum(["hand", "sequential"], 'must be "hand" or "sequential"').optional();
const simulatedSection = z.strictObject({
  kind: z.literal("simulated"),
  folder,
  changer: z.boolean("must be true or false").default(true),
  feed,
  reservations,
  cleaning: cleaningSection.prefault({}),
});
const devicesSection = z.strictObject({
  kind: z.literal("devices"),
  changer: deviceAddress.optional(),
  drives: z.array(deviceAddress).min(1, "must name at least one drive"),
  feed,
  reservations,
  cleaning: cleaningSection.prefault({}),
});
const librarySection = z.discriminatedUnion("kind", [simulatedSection, devicesSection], {
  error: (issue) => (issue.code === "invalid_union" ? 'must be "simulated" or "devices"' : undefined),
});

const tapeSection = z.strictObject({
  recordSize: byteSize("512 KiB"),
  segmentSize: byteSize("32 GiB"),
  blockProtection: z.boolean("must be true or false").default(false),
});
const checkpointSection = z.strictObject({ interval: duration("120 s"), size: byteSize("32 GiB") });
const readersRule = 'must be "auto" or a number from 1 to 64';
const pipelineSection = z.strictObject({
  ringSize: byteSize("256 MiB"),
  readers: z
    .union(
      [z.literal("auto"), z.number(readersRule).int(readersRule).min(1, readersRule).max(64, readersRule)],
      readersRule,
    )
    .default("auto"),
});
const backupSection = z.strictObject({
  pool: poolName.default("default"),
  crossMounts: z.boolean().default(false),
  drives: z.number().int().min(1, "must be 1 or more").max(64, "must be at most 64").default(1),
});
const operatorSection = z.strictObject({ wait: duration("0 s") });

const allocation = z
  .string()
  .default("continue")
  .transform((text, context): AllocationPolicy => {
    if (text === "continue") return { kind: "continue" };
    if (text === "new set") return { kind: "newSet" };
    const periodMs = parseDurationMs(text);
    if (periodMs !== undefined && periodMs > 0) return { kind: "period", periodMs };
    context.addIssue({ code: "custom", message: 'must be "continue", "new set" or a time such as "7 days"' });
    return z.NEVER;
  });
// Nought would keep nothing by a rule that looks as if it kept something.
const keep = z.number("must be a whole number").int("must be a whole number").min(1, "must be 1 or more").optional();
const retentionSection = z
  .strictObject({ keepLast: keep, keepDaily: keep, keepWeekly: keep, keepMonthly: keep, keepYearly: keep })
  .refine((retention) => Object.keys(retention).length > 0, "must keep something: leave it out to keep everything");
const poolSection = z.strictObject({ allocation, retention: retentionSection.optional() });

export const fileSchema = z.strictObject({
  stateFolder: folder,
  library: librarySection,
  tape: tapeSection.prefault({}),
  checkpoint: checkpointSection.prefault({}),
  pipeline: pipelineSection.prefault({}),
  backup: backupSection.prefault({}),
  operator: operatorSection.prefault({}),
  pools: z.record(poolName, poolSection).default({}),
});

export type FileContent = z.output<typeof fileSchema>;

const knownKeys: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(fileSchema.shape),
  library: [...new Set([...Object.keys(simulatedSection.shape), ...Object.keys(devicesSection.shape)])],
  "library.cleaning": Object.keys(cleaningSection.shape),
  tape: Object.keys(tapeSection.shape),
  checkpoint: Object.keys(checkpointSection.shape),
  pipeline: Object.keys(pipelineSection.shape),
  backup: Object.keys(backupSection.shape),
  operator: Object.keys(operatorSection.shape),
  "pools.*": Object.keys(poolSection.shape),
  "pools.*.retention": Object.keys(retentionSection.shape),
};

/** The keys of the table at a path. A pool's name may be any, dots included. */
export function knownKeysAt(path: readonly PropertyKey[]): readonly string[] {
  const [section, , ...rest] = path.map(String);
  const place = section === "pools" && path.length > 1 ? ["pools", "*", ...rest] : path.map(String);
  return knownKeys[place.join(".")] ?? [];
}
