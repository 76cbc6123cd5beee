// SPDX-License-Identifier: Apache-2.0
/** The version of the tape format; it stands in the volume header and in the head of every segment. */
import { FormatError } from "../errors.ts";

/**
 * 1.1: footers may hold the description of a media set, and a segment may end `givenUp`. Readers of 1.0 look into no
 * footer.
 */
export const formatVersion = "1.1";

const majorVersion = 1;

/**
 * A newer minor version only adds what an older reader may ignore; a newer major version is refused.
 * @param where What carries the version, for the message: `volume TM0001L9`.
 */
export function checkFormatVersion(version: string, where: string): void {
  const match = /^([0-9]{1,4})\.[0-9]{1,4}$/.exec(version);
  if (match === null) throw new FormatError(`${where} has a format version that cannot be read: "${version}"`);
  if (Number(match[1]) > majorVersion) {
    throw new FormatError(
      `${where} is in tape format ${version}, this version of Tidemark reads up to ${majorVersion}.x: use a newer Tidemark`,
      { code: "ERR_TAPE_FORMAT_NEWER" },
    );
  }
}
