// SPDX-License-Identifier: Apache-2.0
/**
 * A folder under a path that is the same in every process, whatever the folder is called: what a product says of its files
 * goes into its records, and must not tell one simulated course from its repetition in another process.
 */
import { closeSync, openSync } from "node:fs";

export interface SamePath {
  readonly path: string;
  close(): void;
}

/** Above what a process has open by itself; those of one process that are open at a time have different ones. */
const firstDescriptor = 300;

/** The kernel shows a process each of its open folders by the number that it is open as. */
export function openSamePath(folder: string): SamePath {
  const others: number[] = [];
  let descriptor = openSync(folder, "r");
  while (descriptor < firstDescriptor) {
    others.push(descriptor);
    descriptor = openSync(folder, "r");
  }
  for (const other of others) closeSync(other);
  return { path: `/proc/self/fd/${descriptor}`, close: () => closeSync(descriptor) };
}
