// SPDX-License-Identifier: Apache-2.0
/** I8: what is told of a tape volume and what is on the medium, object for object. */
import { nativeBinding } from "../../lib/native/binding.ts";
import type { VolumeEntry } from "../../lib/protocol/volume.ts";
import type { Image, TapeFile } from "./image.ts";
import { labelObjects, readLabel } from "./image-label.ts";
import type { ToldFinished, ToldVolume } from "./told.ts";

/** While interrupted: D <= image <= A, and D is exactly what stands before the durable position. */
export function checkDurable(
  volumes: readonly ToldVolume[],
  images: ReadonlyMap<string, Image>,
  acceptedBytes: ReadonlyMap<string, bigint>,
): readonly string[] {
  const violations = volumes.flatMap((volume) => {
    const image = images.get(volume.volumeTag);
    const problem = image === undefined ? "there is no such cartridge" : durableProblem(volume, image);
    return problem === undefined ? [] : [`volume ${volume.volumeTag}: ${problem}`];
  });
  for (const [barcode, accepted] of acceptedBytes) {
    const bytes = images.get(barcode)?.bytes ?? 0;
    if (BigInt(bytes) > accepted) violations.push(`volume ${barcode}: ${bytes} bytes on it, ${accepted} were accepted`);
  }
  return violations;
}

function durableProblem(told: ToldVolume, image: Image): string | undefined {
  const { position, durableBytes, lastDigest } = told;
  if (image.objects.length < position) return `it ends at ${image.objects.length}, durable is ${position}`;
  if (labelOf(image) !== told.volumeUuid) return "it has another label";
  let bytes = 0;
  let last: Buffer | undefined;
  for (let number = 0; number < position; number++) {
    const block = image.block(number);
    bytes += block?.length ?? 0;
    last = block ?? last;
  }
  if (bytes !== durableBytes) return `${bytes} bytes stand before ${position}, ${durableBytes} are called durable`;
  if (lastDigest === null || last === undefined) return undefined;
  const isSame = nativeBinding().xxh3_64(last) === lastDigest.readBigUInt64BE();
  return isSame ? undefined : `the last block before ${position} has another digest`;
}

function labelOf(image: Image): string | undefined {
  try {
    return readLabel(image).uuid;
  } catch {
    return undefined;
  }
}

/** Writing on it is over for good: what could not be removed stands behind what counts. */
const endedStates: ReadonlySet<VolumeEntry["state"]> = new Set(["full", "damaged", "altered"]);

/** After the job's end: volume = label + segments with their footers + void. */
export function checkWholeVolumes(told: ToldFinished, images: ReadonlyMap<string, Image>): readonly string[] {
  return told.volumes.flatMap((volume) => {
    const image = images.get(volume.volumeTag);
    if (image === undefined) return [`volume ${volume.volumeTag}: there is no such cartridge`];
    const problems = [...volumeProblems(volume, image), ...tapeFileProblems(told, volume, image)];
    return problems.map((problem) => `volume ${volume.volumeTag}: ${problem}`);
  });
}

function volumeProblems(volume: VolumeEntry, image: Image): readonly string[] {
  const problems: string[] = [];
  const { objects } = image;
  const [bytes, end] = [BigInt(image.bytes), BigInt(objects.length)];
  // What lies behind the told end of one that is not written any more is void.
  const mayBeVoid = endedStates.has(volume.state);
  if (labelOf(image) !== volume.volumeUuid) problems.push("it has another label");
  if (mayBeVoid ? bytes < volume.bytes : bytes !== volume.bytes)
    problems.push(`${bytes} bytes on it, ${volume.bytes} are told`);
  if (mayBeVoid ? end < volume.endPosition : end !== volume.endPosition)
    problems.push(`${end} objects on it, ${volume.endPosition} are told`);
  if (!mayBeVoid && objects.at(-1)?.kind !== "filemark") problems.push("it does not end with a filemark");
  return problems;
}

/** Each tape file behind the label is a segment that is told of, and holds that and nothing else. */
function tapeFileProblems(told: ToldFinished, volume: VolumeEntry, image: Image): readonly string[] {
  const problems: string[] = [];
  const known = told.tapeFiles.get(volume.volumeUuid) ?? new Set();
  const own = new Map(
    told.segments.filter(({ volumeUuid }) => volumeUuid === volume.volumeUuid).map((each) => [each.tapeFile, each]),
  );
  const lastTold = Math.max(0, ...known);
  const mayBeVoid = endedStates.has(volume.state);
  image.tapeFiles.forEach((file, number) => {
    if (number === 0) {
      if (file.firstObject + file.blocks.length + 1 !== labelObjects) problems.push("its label has other objects");
      return;
    }
    const segment = own.get(number);
    if (segment === undefined) {
      if (!known.has(number) && !(mayBeVoid && number > lastTold))
        problems.push(`tape file ${number} of ${file.blocks.length} blocks is explained by nothing`);
      return;
    }
    const problem = segmentProblem(told.recordBytes, segment, file, mayBeVoid && number === lastTold);
    if (problem !== undefined) problems.push(`tape file ${number}: ${problem}`);
  });
  for (const number of known) {
    if (image.tapeFiles[number] === undefined) problems.push(`tape file ${number} is not on it`);
  }
  return problems;
}

function segmentProblem(
  recordBytes: number,
  segment: ToldFinished["segments"][number],
  file: TapeFile,
  mayHaveVoid: boolean,
): string | undefined {
  if (file.firstObject !== segment.headBlock)
    return `it begins at object ${file.firstObject}, not ${segment.headBlock}`;
  if (file.blocks.some(({ length }) => length !== recordBytes)) return "a block of it is no full record";
  const streamBlocks = (segment.streamEnd - segment.streamStart) / recordBytes;
  const endBlock = segment.headBlock + 1 + streamBlocks;
  if (segment.ended === "cut") {
    const behind = file.blocks.length - 1 - streamBlocks;
    return behind === 0 || (mayHaveVoid && behind > 0) ? undefined : `${behind} blocks stand behind its cut`;
  }
  if (Number(segment.footerBlock) !== endBlock) return `its footer is not at object ${endBlock}`;
  if (!file.ended) return "no filemark ends it";
  const end = file.firstObject + file.blocks.length + 1;
  return Number(segment.endPosition) === end ? undefined : `it ends at ${end}, not at ${String(segment.endPosition)}`;
}
