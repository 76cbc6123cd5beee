// SPDX-License-Identifier: Apache-2.0
/**
 * Replays one simulated course and prints it: the faults, how each process ended, the hash of everything that was sent
 * to the devices and the disk. The same course has the same hash.
 *
 *     npm run simulate -- --seed S [--job small] [--json]
 *     scripts/simulate --case 'small:1:c40.power-0/d12.kill' [--json] [--trace]
 */
import { parseArgs } from "node:util";
import { caseOfSeed, replay } from "./crash-matrix-run.ts";

const { values: given } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    job: { type: "string", default: "small" },
    case: { type: "string" },
    json: { type: "boolean", default: false },
    trace: { type: "boolean", default: false },
  },
});

type Course = Awaited<ReturnType<typeof replay>>;

function print(text: string, course: Course): void {
  const { attempts, bytesWritten, hash, restoring, violations } = course;
  console.log(`case   ${text}`);
  for (const [index, { error, status, trace }] of attempts.entries()) {
    console.log(`process ${index + 1}: ${status} after ${trace.commands.length} commands, ${trace.calls.length} calls`);
    if (error !== undefined) console.log(`    ${error}`);
    if (given.trace) printTrace(trace);
  }
  for (const trace of given.trace ? restoring : []) {
    console.log(`restore: ${trace.commands.length} commands, ${trace.calls.length} calls`);
    printTrace(trace);
  }
  console.log(`written ${bytesWritten.toLocaleString("en")} bytes`);
  for (const violation of violations) console.log(`VIOLATION ${violation}`);
  console.log(`trace hash ${hash}`);
}

function printTrace({ calls, commands }: Course["restoring"][number]): void {
  for (const [number, { operation, unit }] of commands.entries())
    console.log(`    c${number + 1} ${unit} ${operation}`);
  for (const [number, { detail, operation }] of calls.entries())
    console.log(`    d${number + 1} ${operation} ${detail.slice(0, 60)}`);
}

try {
  const text = given.case ?? (await caseOfSeed(given.job, Number(given.seed)));
  const course = await replay(text);
  if (given.json) {
    const processes = course.attempts.map(({ error, status, trace }) => ({
      status,
      ...(error === undefined ? {} : { error }),
      commands: trace.commands.length,
      calls: trace.calls.length,
    }));
    const { bytesWritten, hash, violations } = course;
    console.log(JSON.stringify({ case: text, processes, bytesWritten, violations, hash }));
  } else print(text, course);
  process.exitCode = course.violations.length > 0 ? 1 : 0;
} catch (error) {
  console.error(`simulate failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
