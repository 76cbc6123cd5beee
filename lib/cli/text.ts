// SPDX-License-Identifier: Apache-2.0
/** How quantities, paths and places on tape are written for people; `--json` has the exact ones. */
import type { UnreadableBlocks } from "../service/api.ts";

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] as const;

/** `0 B`, `1.5 KiB`, `512.0 MiB`: one decimal, cut and never rounded up, so that nothing looks more than it is. */
export function sizeText(bytes: bigint): string {
  let unit = 0;
  let divisor = 1n;
  while (unit < units.length - 1 && bytes >= divisor * 1024n) {
    divisor *= 1024n;
    unit++;
  }
  if (unit === 0) return `${bytes} B`;
  const tenths = (bytes * 10n) / divisor;
  return `${tenths / 10n}.${tenths % 10n} ${units[unit] ?? ""}`;
}

/** `12,345`. */
export function countText(count: bigint | number): string {
  return count.toString().replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

/** Files, bytes: `1 file`, `2 files`. */
export function plural(count: bigint, noun: string): string {
  return `${countText(count)} ${noun}${count === 1n ? "" : "s"}`;
}

export function rateText(bytesPerSecond: number): string {
  return `${sizeText(BigInt(Math.max(0, Math.floor(bytesPerSecond))))}/s`;
}

/** `2026-11-23 06:28:11Z`. */
export function timeText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace("T", " ")}Z`;
}

/** Nanoseconds since 1970, to the second. */
export function timeTextNs(timeNs: bigint): string {
  return timeText(Number(timeNs / 1_000_000n));
}

/**
 * A path on one line of a terminal: what is not UTF-8 as `\xNN`, and control characters likewise, for a file's
 * name must not be able to command the reader's terminal.
 */
export function pathText(path: Uint8Array): string {
  const bytes = Buffer.from(path.buffer, path.byteOffset, path.byteLength);
  const text = bytes.toString("utf8");
  const isUtf8 = Buffer.from(text, "utf8").equals(bytes);
  const source = isUtf8 ? text : bytes.toString("latin1");
  let printed = "";
  for (const character of source) {
    const code = character.codePointAt(0) ?? 0;
    const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029;
    if (character === "\\") printed += "\\\\";
    else if (isControl || (!isUtf8 && code >= 0x80)) printed += escaped(code);
    else printed += character;
  }
  return printed;
}

/** One line of a list. */
export function unreadableText({ volumeTag, firstBlock, blocks, reason }: UnreadableBlocks): string {
  const last = blocks > 1n ? ` to ${firstBlock + blocks - 1n}` : "";
  return `  block ${firstBlock}${last} of ${volumeTag}: ${reason}`;
}

function escaped(code: number): string {
  if (code === 0x0a) return "\\n";
  if (code === 0x09) return "\\t";
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}

/** `-rw-r--r--`-like permissions of a catalog entry. */
export function modeText(kind: string, mode: number): string {
  const type = { directory: "d", symlink: "l", fifo: "p", characterDevice: "c", blockDevice: "b" }[kind] ?? "-";
  let text = type;
  for (let shift = 6; shift >= 0; shift -= 3) {
    const bits = (mode >> shift) & 7;
    text += (bits & 4 ? "r" : "-") + (bits & 2 ? "w" : "-") + (bits & 1 ? "x" : "-");
  }
  return text;
}
