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
    lines.push(...(chain.length === 1 ? oneSegment(request, chain, reader) : joinedSegments(request, chain, reader)));
  }
  return lines;
}

/** Segments that must be read by one tar: a segment and those that continue it. Footer-only ones are left out. */
export function chains(segments: readonly RecipeSegment[]): (readonly [RecipeSegment, ...RecipeSegment[]])[] {
  const found: [RecipeSegment, ...RecipeSegment[]][] = [];
  for (const segment of segments) {
    if (segment.content === "footerOnly") continue;
    const last = found.at(-1);
    if (segment.continues && last !== undefined) last.push(segment);
    else found.push([segment]);
  }
  return found;
}

type Reader = (segment: RecipeSegment) => {
  readonly before: readonly string[];
  readonly command: string;
  readonly after: readonly string[];
};

function oneSegment(
  request: RecipeRequest,
  [segment]: readonly [RecipeSegment, ...RecipeSegment[]],
  reader: Reader,
): string[] {
  const { before, command, after } = reader(segment);
  const line = `${command} | ${tarCommand(request, "-x")} -f -`;
  return [describe(segment), ...before, ...tolerant(line, segment), ...after];
}

function joinedSegments(
  request: RecipeRequest,
  chain: readonly [RecipeSegment, ...RecipeSegment[]],
  reader: Reader,
): string[] {
  const lines = [
    `# The next ${chain.length} segments are parts of one archive: tar joins them, each through a pipe of its own.`,
  ];
  // Tar opens part after part. A drive reads one tape file at a time, so what fills the pipes does so in turn.
  lines.push(`parts=$(mktemp -d ${shellQuoted(`${request.targetFolder}.parts.XXXXXX`)})`);
  const names = chain.map((segment) => `"$parts"/${segment.segment}`);
  lines.push(`mkfifo ${names.join(" ")}`, "{");
  chain.forEach((segment, index) => {
    const { before, command, after } = reader(segment);
    const isLast = index === chain.length - 1;
    // Without an end of archive tar would ask for one more volume.
    const end =
      isLast && segment.end === "cut" ? `; dd if=/dev/zero bs=${request.recordSizeBytes} count=1 status=none` : "";
    lines.push(
      ...[describe(segment), ...before, `{ ${command}${end}; } > ${names[index] ?? ""}`, ...after].map(
        (line) => `  ${line}`,
      ),
    );
  });
  lines.push("} &");
  const last = chain.at(-1) ?? chain[0];
  const line = `${tarCommand(request, "-x -M")} ${names.map((name) => `-f ${name}`).join(" ")} < /dev/null`;
  // Tar may leave the last zeros unread, which ends the reader by a signal; that all came, tar has judged already.
  return [...lines, ...tolerant(line, last), "wait $! || true", 'rm -r "$parts"'];
}

/** The flags that bring back everything: permissions, owners by number, ACLs, extended attributes. */
function tarCommand(request: RecipeRequest, verb: string): string {
  const exclude = shellQuoted(recordFolder(request.jobId));
  return (
    `LC_ALL=C tar ${verb} -p --numeric-owner --acls --xattrs --xattrs-include='*' --warning=no-unknown-keyword ` +
    // Directories are not walked depth first: without the first, tar sets a directory's time too early. Without -P it
    // makes links that lead outside last of all, which changes their directory's time again; names are relative anyway.
    `--delay-directory-restore -P --anchored --exclude=${exclude} -b ${request.recordSizeBytes / 512} -C ${shellQuoted(request.targetFolder)}`
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
      const take = `dd bs=${recordSizeBytes} count=${segment.validRecords} iflag=fullblock status=none`;
      return { before: [], command: segment.end === "cut" ? `${read} | ${take}` : read, after: [] };
    };
  }
  return driveReader(shellQuoted(medium.device), recordSizeBytes);
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
    const count = segment.end === "cut" ? ` count=${segment.validRecords}` : "";
    const command = `dd if=${device} bs=${recordSizeBytes}${count} status=none`;
    return { before, command, after: segment.end === "cut" ? [`mt -f ${device} fsf 1`] : [] };
  };
}

export function shellQuoted(text: string): string {
  return /^[A-Za-z0-9_./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
