// SPDX-License-Identifier: Apache-2.0
/** A resume plan, written for people: what will happen, and why. */
import type { ResumePlan } from "../service/api.ts";
import { fieldsText, tableText } from "./table.ts";
import { countText, pathText, sizeText } from "./text.ts";

const relations = {
  behind: "the tape ends before the last durable mark: it was altered or damaged",
  equal: "the tape ends at the last durable mark",
  ahead: "the tape goes on behind the last durable mark",
} as const;

export function planText(plan: ResumePlan): string {
  const parts = [`plan to resume job ${plan.jobId} as epoch ${plan.epoch}; nothing has been done`, sourcesText(plan)];
  if (plan.partialSourceVolume !== undefined) {
    const { path, why } = plan.partialSourceVolume;
    parts.push(`first comes ${pathText(path)}: ${why}`);
  }
  parts.push(fieldsText([["tape volumes wanted", plan.tapeVolumesWanted.join(" ") || "-"], ...tapeFields(plan)]));
  const bytes: Fields = [
    ["bytes saved", sizeText(plan.bytesSaved)],
    ["bytes written again", countText(plan.bytesRepeated)],
  ];
  parts.push(fieldsText([...objectFields(plan), ...bytes]));
  if (plan.reasons.length > 0) parts.push(["because:", ...plan.reasons.map((reason) => `  ${reason}`)].join("\n"));
  return parts.join("\n\n");
}

function sourcesText(plan: ResumePlan): string {
  const names = { complete: "complete", partial: "partial", notStarted: "not started" };
  return tableText(
    [{ title: "STILL NEEDS BACKUP" }, { title: "STATUS" }, { title: "OBJECTS SO FAR", align: "right" }],
    plan.sourceVolumes.map((source) => [pathText(source.path), names[source.status], countText(source.objects)]),
  );
}

type Fields = (readonly [name: string, value: string])[];

function tapeFields({ tape }: ResumePlan): Fields {
  if (tape === undefined) return [];
  return [
    ["tape", `${tape.volumeTag}: ${relations[tape.relation]}`],
    ["durable position", countText(tape.durablePosition)],
    ["end of data", countText(tape.endOfData)],
    ["blocks adopted", countText(tape.adoptedBlocks)],
    ["blocks discarded", countText(tape.discardedBlocks)],
    ["goes on at block", countText(tape.boundaryBlock)],
    ["goes on at stream offset", countText(tape.streamOffset)],
  ];
}

function objectFields(plan: ResumePlan): Fields {
  const fields: Fields = [];
  if (plan.continued !== undefined) {
    const { path, fromByte, archivedBytes } = plan.continued;
    fields.push(["continued", `${pathText(path)} from byte ${countText(fromByte)} of ${countText(archivedBytes)}`]);
  }
  if (plan.restarted !== undefined) {
    fields.push(["written again", `${pathText(plan.restarted.path)}: ${plan.restarted.reason}`]);
  }
  fields.push(["directories complete", countText(plan.containersComplete)]);
  fields.push(["directories partial", countText(plan.containersPartial)]);
  fields.push(["objects durable", countText(plan.objectsDurable)]);
  return fields;
}
