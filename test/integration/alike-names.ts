// SPDX-License-Identifier: Apache-2.0
/** Whether two names may be of one thing: they share a word, or what stands for it elsewhere, and no two contradict. */

const synonyms: Readonly<Record<string, string>> = {
  media: "medium",
  megabytes: "mb",
  mounts: "thread",
  rewrites: "retries",
  server: "host",
  transferred: "sent",
};

/** Where one name has the one and the other has the other, they are of two things. */
const opposites: readonly (readonly [string, string])[] = [
  ["read", "writ"],
  ["host", "tape"],
  ["curr", "prev"],
  ["curr", "tota"],
  ["prev", "tota"],
  ["rema", "maxi"],
  ["reco", "unre"],
  ["used", "rema"],
];

function words(text: string): ReadonlySet<string> {
  const all = text.toLowerCase().split(/[^a-z0-9]+/);
  return new Set(all.filter((word) => word.length > 2).map((word) => (synonyms[word] ?? word).slice(0, 4)));
}

export function isAlike(one: string, other: string): boolean {
  const [ours, theirs] = [words(one), words(other)];
  const hasOnly = (all: ReadonlySet<string>, wanted: string, unwanted: string): boolean =>
    all.has(wanted) && !all.has(unwanted);
  const contradicts = opposites.some(
    ([left, right]) =>
      (hasOnly(ours, left, right) && hasOnly(theirs, right, left)) ||
      (hasOnly(ours, right, left) && hasOnly(theirs, left, right)),
  );
  return !contradicts && [...ours].some((word) => theirs.has(word));
}
