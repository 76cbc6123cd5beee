// SPDX-License-Identifier: Apache-2.0
/** Which processes run, as Linux tells; one that has died and waits for its parent to notice does not run. */
import { readFileSync, readdirSync } from "node:fs";

export function runs(processId: number): boolean {
  return statOf(processId) !== undefined;
}

/** Says whether SIGSTOP has reached every thread of a process: the signal is delivered some time after it is sent. */
export function isStopped(processId: number): boolean {
  const folder = `/proc/${processId}/task`;
  return readdirSync(folder).every((thread) => statOf(Number(thread), folder)?.state === "T");
}

/** Processes of a group that run. */
export function groupMembers(groupId: number): readonly number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((processId) => Number.isInteger(processId) && statOf(processId)?.group === groupId);
}

function statOf(id: number, folder = "/proc"): { readonly state: string; readonly group: number } | undefined {
  let text: string;
  try {
    text = readFileSync(`${folder}/${id}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The name may have spaces and parentheses; state, parent and group come behind its last one.
  const [state = "", , group = ""] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return "ZX".includes(state) ? undefined : { state, group: Number(group) };
}
