// SPDX-License-Identifier: Apache-2.0
/** A text as one word of a POSIX shell command. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
