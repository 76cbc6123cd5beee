// SPDX-License-Identifier: Apache-2.0
/** A process of the crash matrix: runs the courses that it is given, and tells what came of each. */
import { parseCase } from "../test/simulation/case.ts";
import { parseFault } from "../test/simulation/fault-text.ts";
import type { MatrixAnswer, MatrixTask } from "./crash-matrix-run.ts";
import { Simulator } from "../test/simulation/simulator.ts";

const simulators = new Map<string, Simulator>();

function simulatorOf(job: string): Simulator {
  const simulator = simulators.get(job) ?? new Simulator(job);
  simulators.set(job, simulator);
  return simulator;
}

function say(answer: MatrixAnswer): void {
  process.send?.(answer);
}

async function carryOut(task: MatrixTask): Promise<void> {
  const simulator = simulatorOf(task.job);
  switch (task.kind) {
    case "courses":
      for (const text of task.texts)
        say({ kind: "outcome", outcome: await simulator.run(parseCase(text), task.areWhole) });
      break;
    case "repeats":
      for (const text of task.texts) say({ kind: "repeat", outcome: await simulator.repeat(parseCase(text)) });
      break;
    case "states":
      for (const fault of task.faults) {
        const state = await simulator.stateAfter(task.seed, parseFault(fault));
        say({ kind: "state", fault, ...(state === undefined ? {} : { state }) });
      }
      break;
    case "doubles":
      for (const fault of task.faults) {
        for await (const outcome of simulator.doubles(task.seed, parseFault(fault), task.count)) {
          say({ kind: "outcome", outcome });
        }
      }
      break;
  }
}

process.on("message", (task) => {
  carryOut(task as MatrixTask).then(
    () => say({ kind: "done" }),
    (error: unknown) => say({ kind: "failed", message: error instanceof Error ? (error.stack ?? "") : String(error) }),
  );
});
// A whole group of processes gets these, and the one that gave the task decides: then this one is disconnected.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
process.on("disconnect", () => {
  for (const simulator of simulators.values()) simulator.close();
  // Threads of a course that hung would keep the process.
  process.exit();
});
