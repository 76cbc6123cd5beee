// SPDX-License-Identifier: Apache-2.0
/** The programs beside ours, each asked for what Tidemark archives too. */
import { isInstalled, quoted } from "./shell.ts";

export interface Archiver {
  readonly name: string;
  /** Writes a source to its standard output. */
  readonly create: (source: string) => string;
}

const recordKib = 512;

export const gnuTar: Archiver = {
  name: "tar",
  create: (source) => `tar -c --format=posix --acls --xattrs -b ${recordKib * 2} -f - -C ${quoted(source)} .`,
};

const bsdTar: Archiver = {
  name: "bsdtar",
  create: (source) => `bsdtar -c --format=pax -b ${recordKib * 2} -f - -C ${quoted(source)} .`,
};

/** GNU tar first: it is what goals are ratios to. */
export function archivers(isShort: boolean, notMeasured: string[]): readonly Archiver[] {
  if (isShort) return [gnuTar];
  if (isInstalled("bsdtar")) return [gnuTar, bsdTar];
  notMeasured.push("bsdtar, which is not installed (libarchive-tools)");
  return [gnuTar];
}

/** Into a file, in blocks as a tape would get them. */
export function intoFile(path: string): string {
  return `dd of=${quoted(path)} bs=${recordKib}K iflag=fullblock status=none`;
}

export function fromFile(path: string): string {
  return `dd if=${quoted(path)} bs=${recordKib}K status=none`;
}

/** All of a source is in the page cache afterwards. GNU tar does not read the files where it writes to /dev/null. */
export function warmUp(source: string): string {
  return `${gnuTar.create(source)} | cat >/dev/null`;
}
