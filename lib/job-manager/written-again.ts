// SPDX-License-Identifier: Apache-2.0
import type { Casualties } from "../protocol/catalog-manager.ts";

/** More of them are only counted: "job show" is read by people. */
const namesTold = 10;

/** A sentence that names the objects which had been written and come once more; none where there are none. */
export function writtenAgainText({ count, paths }: Casualties): string | undefined {
  if (count === 0n) return undefined;
  const names = paths.slice(0, namesTold).map((path) => `/${Buffer.from(path).toString().replace(/^\//, "")}`);
  const left = count - BigInt(names.length);
  const more = left > 0n ? ` and ${left} more` : "";
  const what =
    count === 1n ? "1 object that was written behind it is" : `${count} objects that were written behind it are`;
  return names.length === 0 ? `${what} written again` : `${what} written again: ${names.join(", ")}${more}`;
}
