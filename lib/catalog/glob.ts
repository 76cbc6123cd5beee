// SPDX-License-Identifier: Apache-2.0
/**
 * Shell patterns over bytes: `*` any bytes, slashes included, `?` one character, `[a-z]` and `[!a-z]` one byte of a
 * set, `\` takes the next byte as it is. Matching takes at most pattern times path steps, whatever the pattern.
 */

interface Token {
  readonly matches: (byte: number) => boolean;
  /** One UTF-8 character instead of one byte. */
  readonly character?: boolean;
}

export type PathMatcher = (path: Buffer) => boolean;

const star = "star";

export function globMatcher(glob: Uint8Array): PathMatcher {
  const tokens = parse(glob);
  return (path) => matchesAll(tokens, path);
}

function matchesAll(tokens: readonly (Token | typeof star)[], path: Buffer): boolean {
  let token = 0;
  let at = 0;
  let retryToken = -1;
  let retryAt = 0;
  while (at < path.length) {
    const current = tokens[token];
    if (current === star) {
      // Only the last star ever needs to give way: what an earlier one could take, it can take as well.
      token += 1;
      retryToken = token;
      retryAt = at;
    } else if (current?.matches(path[at] ?? 0) === true) {
      at += current.character === true ? characterBytes(path, at) : 1;
      token += 1;
    } else if (retryToken >= 0) {
      retryAt += 1;
      token = retryToken;
      at = retryAt;
    } else {
      return false;
    }
  }
  while (tokens[token] === star) token += 1;
  return token === tokens.length;
}

/** A byte that does not begin a UTF-8 character counts as one of its own. */
function characterBytes(path: Buffer, at: number): number {
  const first = path[at] ?? 0;
  const wanted = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  for (let index = 1; index < wanted; index += 1) if (((path[at + index] ?? 0) & 0xc0) !== 0x80) return 1;
  return wanted;
}

function parse(glob: Uint8Array): readonly (Token | typeof star)[] {
  const tokens: (Token | typeof star)[] = [];
  for (let at = 0; at < glob.length;) {
    const byte = glob[at] ?? 0;
    const set = byte === 0x5b ? parseSet(glob, at) : undefined;
    if (byte === 0x2a) tokens.push(star);
    else if (byte === 0x3f) tokens.push({ matches: () => true, character: true });
    else if (set !== undefined) tokens.push(set.token);
    else {
      const literal = byte === 0x5c ? (glob[at + 1] ?? byte) : byte;
      tokens.push({ matches: (candidate) => candidate === literal });
    }
    at = set?.end ?? at + (byte === 0x5c && at + 1 < glob.length ? 2 : 1);
  }
  return tokens;
}

/** @returns undefined where the bracket is not closed: it then stands for itself. */
function parseSet(glob: Uint8Array, start: number): { readonly token: Token; readonly end: number } | undefined {
  const negated = glob[start + 1] === 0x21 || glob[start + 1] === 0x5e;
  const first = start + (negated ? 2 : 1);
  // A bracket right behind the opening is a member of the set.
  const close = glob.indexOf(0x5d, first + 1);
  if (close < 0) return undefined;
  const ranges: (readonly [number, number])[] = [];
  for (let at = first; at < close;) {
    const low = glob[at] ?? 0;
    const isRange = glob[at + 1] === 0x2d && at + 2 < close;
    ranges.push([low, isRange ? (glob[at + 2] ?? low) : low]);
    at += isRange ? 3 : 1;
  }
  const matches = (byte: number): boolean => ranges.some(([low, high]) => low <= byte && byte <= high) !== negated;
  return { token: { matches }, end: close + 1 };
}
