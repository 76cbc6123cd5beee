// SPDX-License-Identifier: Apache-2.0
/**
 * The shell commands that read a job back with GNU tar alone, without this product: the promise that a tape can be
 * read in twenty years. A closed segment is a tar archive of its own. Segments that were cut are joined by `tar -xM`.
 */
import { recordFolder } from "./segment-head.ts";

/** A segment as far as a reader needs it; in stream order. */
export interface RecipeSegment {
  readonly segment: number;
  readonly volumeTag: string;
  readonly tapeFile: number;
  /** A footer-only segment holds records of this product and nothing of the user's. */
  readonly content: "stream" | "footerOnly";
  /** Its head continues the member that the segment before it was cut in. */
  readonly continues: boolean;
  /** What is behind its head goes on exactly where the segment before it was cut, though no member is continued. */
  readonly follows?: boolean;
  /** Its head continues a member whose beginning no segment holds any more. */
  readonly continuesLost?: boolean;
  readonly end: "closed" | "cut";
  /** Records that belong to the stream, the head included. More may follow on the tape where a segment was cut. */
  readonly validRecords: bigint;
  /** The segment was cut inside a member that no other segment continues: that member was written again whole. */
  readonly endsInsideMember?: boolean;
}

/** Where the tape files come from: a drive by `mt` and `dd`, or a simulated library by `tidemark volume read`. */
export type RecipeMedium =
  | { readonly kind: "drive"; readonly device: string }
  /** `command` is the beginning of a shell command line: `tidemark --config '/etc/tidemark.toml'`. */
  | { readonly kind: "simulated"; readonly command: string };

export interface RecipeRequest {
  readonly jobId: string;
  readonly recordSizeBytes: number;
  readonly segments: readonly RecipeSegment[];
  readonly targetFolder: string;
  readonly medium: RecipeMedium;
}

/** A POSIX shell script, line by line. It needs GNU tar; as root it restores owners and devices too. */
export function recipe(request: RecipeRequest): string[] {
  const target = shellQuoted(request.targetFolder);
  const reader = tapeFileReader(request);
  const lines = [
    `# Job ${request.jobId}: ${request.segments.length} segments, in order. Run as root to restore owners and devices.`,
    "set -e",
    `mkdir -p ${target}`,
  ];
  for (const chain of chains(request.segments)) {
    const isOneArchive = chain.every((segment, index) => index === 0 || !segment.continues);
    lines.push(...(isOneArchive ? oneArchive(request, chain, reader) : joinedSegments(request, chain, reader)));
  }
  return lines;
}

/** Segments that must be read by one tar: a segment and those that go on with it. Footer-only ones are left out. */
export function chains(segments: readonly RecipeSegment[]): Chain[] {
  const found: [RecipeSegment, ...RecipeSegment[]][] = [];
  for (const segment of segments) {
    if (segment.content === "footerOnly") continue;
    const last = found.at(-1);
    const goesOn = segment.continues || segment.follows === true;
    if (goesOn && segment.continuesLost !== true && last !== undefined) last.push(segment);
    else found.push([segment]);
  }
  return found;
}

type Chain = readonly [RecipeSegment, ...RecipeSegment[]];

type Reader = (segment: RecipeSegment) => {
  readonly before: readonly string[];
  readonly command: string;
  readonly after: readonly string[];
};

/** One segment, or several that are one stream: the heads of the later ones are left out. */
function oneArchive(request: RecipeRequest, chain: Chain, reader: Reader): string[] {
  const last = chain.at(-1) ?? chain[0];
  const tar = `${tarCommand(request, "-x", chain)} -f -`;
  if (chain.length === 1) {
    const { before, command, after } = reader(last);
    return [describe(last), ...before, ...tolerant(`${command} | ${tar}`, last), ...after];
  }
  const pieces = chain.flatMap((segment) => pieceOf(segment, reader));
  return [
    `# The next ${chain.length} segments are one archive, one behind the other.`,
    "{",
    ...indented(pieces),
    ...tolerant(`} | ${tar}`, last),
  ];
}

function pieceOf(segment: RecipeSegment, reader: Reader): readonly string[] {
  const { before, command, after } = reader(segment);
  return [describe(segment), ...before, command, ...after];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

function joinedSegments(request: RecipeRequest, chain: Chain, reader: Reader): string[] {
  const lines = [
    `# The next ${chain.length} segments are parts of one archive: tar joins them, each through a pipe of its own.`,
  ];
  const parts = partsOf(chain);
  // Tar opens part after part. A drive reads one tape file at a time, so what fills the pipes does so in turn.
  lines.push(`parts=$(mktemp -d ${shellQuoted(`${request.targetFolder}.parts.XXXXXX`)})`);
  const names = parts.map(([first]) => `"$parts"/${first.segment}`);
  lines.push(`mkfifo ${names.join(" ")}`, "{");
  parts.forEach((part, index) => {
    const isLast = index === parts.length - 1 && part.at(-1)?.end === "cut";
    // Without an end of archive tar would ask for one more volume.
    const end = isLast ? [`dd if=/dev/zero bs=${request.recordSizeBytes} count=1 status=none`] : [];
    lines.push(...indented(fillPipe(part, reader, end, names[index] ?? "")));
  });
  lines.push("} &");
  const last = chain.at(-1) ?? chain[0];
  const line = `${tarCommand(request, "-x -M", chain)} ${names.map((name) => `-f ${name}`).join(" ")} < /dev/null`;
  // What fills a pipe that tar does not open any more would wait for ever, and hold whoever called the script.
  const giveUp = "{ code=$?; kill $!; exit $code; }";
  const [remark, tolerated] = tolerant(line, last);
  const command = tolerated === undefined ? [`${line} || ${giveUp}`] : [remark ?? "", `${tolerated} || ${giveUp}`];
  // Tar may leave the last zeros unread, which ends the reader by a signal; that all came, tar has judged already.
  return [...lines, ...command, "wait $! || true", 'rm -r "$parts"'];
}

/** Volumes as tar sees them: each but the first continues a member, and what merely follows belongs to it. */
function partsOf([first, ...others]: Chain): readonly Chain[] {
  const parts: [RecipeSegment, ...RecipeSegment[]][] = [[first]];
  for (const segment of others) {
    if (segment.continues) parts.push([segment]);
    else parts.at(-1)?.push(segment);
  }
  return parts;
}

function fillPipe(part: Chain, reader: Reader, end: readonly string[], pipe: string): readonly string[] {
  if (part.length > 1)
    return ["{", ...indented([...part.flatMap((segment) => pieceOf(segment, reader)), ...end]), `} > ${pipe}`];
  const { before, command, after } = reader(part[0]);
  return [describe(part[0]), ...before, `{ ${[command, ...end].join("; ")}; } > ${pipe}`, ...after];
}

/** The flags that bring back everything: permissions, owners by number, ACLs, extended attributes. */
function tarCommand(request: RecipeRequest, verb: string, [first]: Chain): string {
  const exclude = shellQuoted(recordFolder(request.jobId));
  // A part without its beginning would be taken for a file of its own.
  const part = first.continuesLost === true ? ` --no-anchored --exclude='GNUFileParts/*'` : "";
  return (
    `LC_ALL=C tar ${verb} -p --numeric-owner --acls --xattrs --xattrs-include='*' --warning=no-unknown-keyword ` +
    // Directories are not walked depth first: without the first, tar sets a directory's time too early. Without -P it
    // makes links that lead outside last of all, which changes their directory's time again; names are relative anyway.
    `--delay-directory-restore -P --anchored --exclude=${exclude} -b ${request.recordSizeBytes / 512} -C ${shellQuoted(request.targetFolder)}${part}`
  );
}

/** Tar ends with 2 where the last member is incomplete; that member comes again later, whole. */
function tolerant(line: string, last: RecipeSegment): string[] {
  if (last.endsInsideMember !== true) return [line];
  return [
    "# Its last member is incomplete (tar will say so and end with 2) and stands again, whole, in a later segment.",
    `${line} || [ $? -eq 2 ]`,
  ];
}

function describe(segment: RecipeSegment): string {
  const how = segment.end === "closed" ? "closed" : `cut behind ${segment.validRecords} records`;
  return `# Segment ${segment.segment}: volume ${segment.volumeTag}, tape file ${segment.tapeFile}, ${how}`;
}

function tapeFileReader(request: RecipeRequest): Reader {
  const { medium, recordSizeBytes } = request;
  if (medium.kind === "simulated") {
    return (segment) => {
      const read = `${medium.command} volume read ${segment.volumeTag} ${segment.tapeFile}`;
      // A pipe gives short reads: dd must be told to fill its blocks.
      const skip = segment.follows === true ? " skip=1" : "";
      const count = segment.end === "cut" ? ` count=${dataRecords(segment)}` : "";
      const take = `dd bs=${recordSizeBytes}${skip}${count} iflag=fullblock status=none`;
      return { before: [], command: skip === "" && count === "" ? read : `${read} | ${take}`, after: [] };
    };
  }
  return driveReader(shellQuoted(medium.device), recordSizeBytes);
}

/** Records that are to be read, the head among them unless it is passed over. */
function dataRecords({ follows, validRecords }: RecipeSegment): bigint {
  return follows === true ? validRecords - 1n : validRecords;
}

/** Keeps track of the tape file that the drive stands at: dd leaves it behind the filemark it read up to. */
function driveReader(device: string, recordSizeBytes: number): Reader {
  let loaded: string | undefined;
  let tapeFile = 0;
  return (segment) => {
    const before: string[] = [];
    if (loaded !== segment.volumeTag) {
      before.push(
        `printf 'Load volume %s into ${device.replaceAll("'", "")}, then press return: ' ${segment.volumeTag}; read -r answer < /dev/tty`,
      );
      before.push(`mt -f ${device} setblk 0`, `mt -f ${device} rewind`);
      loaded = segment.volumeTag;
      tapeFile = 0;
    }
    if (segment.tapeFile > tapeFile) before.push(`mt -f ${device} fsf ${segment.tapeFile - tapeFile}`);
    else if (segment.tapeFile < tapeFile)
      before.push(`mt -f ${device} rewind`, `mt -f ${device} fsf ${segment.tapeFile}`);
    tapeFile = segment.tapeFile + 1;
    if (segment.follows === true) before.push(`mt -f ${device} fsr 1`);
    const count = segment.end === "cut" ? ` count=${dataRecords(segment)}` : "";
    const command = `dd if=${device} bs=${recordSizeBytes}${count} status=none`;
    return { before, command, after: segment.end === "cut" ? [`mt -f ${device} fsf 1`] : [] };
  };
}

export function shellQuoted(text: string): string {
  return /^[A-Za-z0-9_./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
