// SPDX-License-Identifier: Apache-2.0
/**
 * The pages of docs/reference that say what the code says: made from the code, and compared with it by a test.
 * Write them anew with `npm run docs`.
 */
import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { exitCodeMeanings } from "../lib/cli/exit-code.ts";
import { createProgram } from "../lib/cli/program.ts";
import { errorTable } from "../lib/errors.ts";

const note = "<!-- Made from the code by `npm run docs`; change the code, not this page. -->";

/** Path to text. */
export function referencePages(): ReadonlyMap<string, string> {
  return new Map([
    ["docs/reference/command-line.md", commandLinePage()],
    ["docs/reference/errors.md", errorsPage()],
    ["docs/reference/exit-codes.md", exitCodesPage()],
  ]);
}

function commandLinePage(): string {
  const sections: string[] = [];
  const add = (command: Command, path: readonly string[]): void => {
    let help = "";
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    sections.push(`## ${path.join(" ")}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`);
    for (const inner of command.commands) add(inner, [...path, inner.name()]);
  };
  const silent = { writeOut: () => undefined, writeError: () => undefined };
  const program = createProgram(silent, () => () => Promise.resolve());
  add(program, ["tidemark"]);
  return `# The command line\n\n${note}\n\n${sections.join("\n")}`;
}

function errorsPage(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { exitCode, meaning }]) => `| \`${code}\` | ${exitCode} | ${meaning} |`,
  );
  return `# Errors

${note}

Every error has a code, which stays the same between versions, and a message in one sentence, which may not. With
\`--json\` a failing command prints \`{"error": {"code", "message", "exitCode", ...}}\` on its error output.

| Code | Exit code | Meaning |
| --- | --- | --- |
${rows.join("\n")}
`;
}

function exitCodesPage(): string {
  const rows = Object.entries(exitCodeMeanings).map(([code, meaning]) => `| ${code} | ${meaning} |`);
  return `# Exit codes

${note}

Scripts may depend on them. \`tidemark COMMAND --help\` says which of them a command can end with.

| Code | Meaning |
| --- | --- |
${rows.join("\n")}
`;
}

if (import.meta.main) {
  for (const [path, text] of referencePages()) writeFileSync(path, text);
}
