// SPDX-License-Identifier: Apache-2.0
/**
 * A course whose faults have their places by name: `small:7:c[WRITE(6) 37].power-0/d[append 3].EIO`, the 37th WRITE(6) of
 * the first process, the third append of the second one. Numbers of all commands and calls shift whenever the product
 * sends another one; these only where it sends another one of that name. So a course that once failed is kept like this.
 */
import { parseCase } from "./case.ts";
import type { SimulationCase } from "./case.ts";
import { CourseRun } from "./course.ts";
import type { Course, Proofs } from "./course.ts";
import { faultText, parseFault } from "./fault-text.ts";
import type { Fault } from "./fault.ts";
import type { SimulatedInstallation } from "./installation.ts";
import type { ProcessTrace } from "./process.ts";

type Did = readonly { readonly operation: string }[];

const namedPlace = /^([cd])\[(.+) (\d+)\]/;

export function isNamedCase(text: string): boolean {
  return text.includes("[");
}

/** @param traces - of the course's processes, in order; faults that they did not come to are left out */
export function namedCaseText(
  { faults, job, restoreFaults = [], seed }: SimulationCase,
  traces: readonly ProcessTrace[],
): string {
  const processes = traces.slice(0, faults.length).map((trace, index) => {
    const met = (faults[index] ?? []).flatMap((fault) => namedFault(fault, trace) ?? []);
    return met.join("+");
  });
  // What a restore meets has names of its own.
  const restore = restoreFaults.length === 0 ? "" : `:${restoreFaults.map(faultText).join("+")}`;
  return `${job}:${seed}:${processes.join("/")}${restore}`;
}

function namedFault(fault: Fault, trace: ProcessTrace): string | undefined {
  if (fault.at === "operation" || fault.at === "object") return faultText(fault);
  const did: Did = fault.at === "command" ? trace.commands : trace.calls;
  const operation = did[fault.number - 1]?.operation;
  if (operation === undefined) return undefined;
  const before = did.slice(0, fault.number).filter((each) => each.operation === operation);
  return faultText(fault).replace(String(fault.number), `[${operation} ${before.length}]`);
}

/**
 * Finds each place in what the process does up to there, and takes the course.
 * @throws Error where a place is not there any more, or is another one than it was
 */
export async function runNamedCase(
  installation: SimulatedInstallation,
  sources: readonly string[],
  text: string,
  proofs: Proofs = "restore",
): Promise<Course> {
  const [job = "", seed = "", processes = "", restore = ""] = text.split(":");
  const { restoreFaults = [] } = parseCase(`${job}:${seed}::${restore}`);
  await installation.reset();
  const run = new CourseRun(installation, sources, Number(seed), proofs);
  run.restoreFaults = restoreFaults;
  const faults: (readonly Fault[])[] = [];
  for (const names of processes.split("/")) {
    if (run.isComplete) throw placeLost(text, "the job is complete before it comes there");
    faults.push(await numbered(installation, run, names === "" ? [] : names.split("+")));
    await run.attempt(faults.at(-1) ?? []);
  }
  const course = await run.finish();
  const traces = course.attempts.map(({ trace }) => trace);
  const found = namedCaseText({ job, seed: Number(seed), faults, restoreFaults }, traces);
  if (found !== text) throw placeLost(text, `it is ${found} now`);
  return course;
}

async function numbered(
  installation: SimulatedInstallation,
  run: CourseRun,
  names: readonly string[],
): Promise<readonly Fault[]> {
  const snapshot = installation.keep();
  const faults: Fault[] = [];
  for (const name of names) {
    const { trace } = await run.copy().attempt(faults);
    installation.restore(snapshot);
    faults.push(parseFault(withNumber(name, trace)));
  }
  return faults;
}

function withNumber(name: string, { calls, commands }: ProcessTrace): string {
  const [place = "", at, operation = "", count = ""] = namedPlace.exec(name) ?? [];
  if (at === undefined) return name;
  const did: Did = at === "c" ? commands : calls;
  const numbers = did.flatMap((each, index) => (each.operation === operation ? [index + 1] : []));
  const number = numbers[Number(count) - 1];
  if (number === undefined) throw placeLost(name, `there are ${numbers.length} of that name`);
  return `${at}${number}${name.slice(place.length)}`;
}

function placeLost(text: string, why: string): Error {
  return new Error(`${text} has no such place: ${why}. Find where the product does now what it did there then`);
}
