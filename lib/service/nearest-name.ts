// SPDX-License-Identifier: Apache-2.0
/**
 * The known name that a misspelt one most likely meant, or `undefined` where none is near: a far-fetched
 * suggestion misleads more than none.
 */
export function nearestName(misspelt: string, known: readonly string[]): string | undefined {
  const wanted = plain(misspelt);
  let best: string | undefined;
  let bestDistance = Math.floor(Math.max(wanted.length, 3) / 2) + 1;
  for (const name of known) {
    const distance = editDistance(wanted, plain(name));
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

// "record_size" and "record-size" are spellings of "recordSize", not other words.
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}

/** Levenshtein's distance with one row kept. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
