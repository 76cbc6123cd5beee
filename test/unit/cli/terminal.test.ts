// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const lib = resolve(dirname(fileURLToPath(import.meta.url)), "../../../lib/cli");

/** Runs a program in a shell command that refers to it as `$node -e "$program"`. */
function inShell(program: string, command: string): { readonly stdout: Buffer; readonly status: number | null } {
  return spawnSync("sh", ["-c", command], { env: { ...process.env, node: process.execPath, program, lib } });
}

const load = `const { processTerminal } = await import(process.env.lib + "/terminal.ts"); const terminal = processTerminal();`;

describe("terminal", () => {
  it("gives an argument's bytes where they are not UTF-8", () => {
    const program = `${load} terminal.writeOut(terminal.argumentBytes(process.argv[1]).toString("hex"));`;
    const { stdout } = inShell(program, String.raw`"$node" --input-type=module -e "$program" "$(printf 'a\377\376b')"`);
    expect(stdout.toString()).to.equal("61fffe62");
    const utf8 = inShell(program, String.raw`"$node" --input-type=module -e "$program" "ü"`);
    expect(utf8.stdout.toString()).to.equal("c3bc");
  });

  it("leaves the standard output as it was given until something is printed", () => {
    const program = `import { readFileSync } from "node:fs"; ${load}
      process.stderr.write(/flags:\\s+(\\d+)/.exec(readFileSync("/proc/self/fdinfo/1", "utf8"))[1]);`;
    const { stdout } = inShell(program, `{ "$node" --input-type=module -e "$program" | cat; } 2>&1`);
    const nonBlocking = 0o4000;
    expect(stdout.toString()).to.match(/^\d+$/);
    expect(Number.parseInt(stdout.toString(), 8) & nonBlocking).to.equal(0);
  });

  it("survives a reader that leaves early", () => {
    const program = `${load}
      for (let line = 0; line < 100000 && !terminal.outputClosed(); line++) {
        terminal.writeOut("x".repeat(100) + "\\n");
        if (line % 100 === 0) await new Promise(setImmediate);
      }
      process.stderr.write(terminal.outputClosed() ? "closed" : "not closed");`;
    const command = `{ { "$node" --input-type=module -e "$program" 2>&3; echo " $?" >&3; } | head -1 >&2; } 3>&1`;
    expect(inShell(program, command).stdout.toString()).to.equal("closed 0\n");
  });
});

describe("the command's entry", () => {
  it("says in a sentence that Node.js is too old, before it loads anything", () => {
    const preload = `data:text/javascript,Object.defineProperty(process, "versions", { value: { node: "20.19.0" } })`;
    const { status, stderr } = spawnSync(process.execPath, ["--import", preload, `${lib}/main.ts`, "--version"], {
      encoding: "utf8",
    });
    expect(status).to.equal(1);
    expect(stderr).to.equal(
      "tidemark: this is Node.js 20.19.0, but Tidemark needs 22.18 or newer; get one from https://nodejs.org/\n",
    );
  });

  it("prints the version and nothing else", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [`${lib}/main.ts`, "--version"], {
      encoding: "utf8",
    });
    expect(status).to.equal(0);
    expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/);
    expect(stderr).to.equal("");
  });
});
