// SPDX-License-Identifier: Apache-2.0
/**
 * JSON as the command line prints it. A bigint becomes a number where every reader can hold it exactly, else a
 * decimal string; bytes become a string where they are UTF-8, else `{"base64": ...}`; absent fields stay away.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(plain(value));
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return bigintValue(value);
  if (value instanceof Uint8Array) return bytesValue(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  }
  return value;
}

function bigintValue(value: bigint): number | string {
  const isSafe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
  return isSafe ? Number(value) : value.toString();
}

function bytesValue(bytes: Buffer): string | { readonly base64: string } {
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : { base64: bytes.toString("base64") };
}
