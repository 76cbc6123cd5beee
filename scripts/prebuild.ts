// SPDX-License-Identifier: Apache-2.0
/**
 * Builds the addon for this computer's architecture and C library into `prebuilds/`. One Node-API binary serves every
 * supported Node.js, so the pinned one builds it. It has no iSCSI: it must load where there is no libiscsi. It is made
 * apart from `build/`, whose settings are others, and tried on all of them.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { nodeFolder } from "./node-headers.ts";

const root = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "tidemark-prebuild-"));
try {
  for (const name of ["package.json", "binding.gyp", "native"]) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const options = [
    "--napi",
    "--strip",
    "--tag-libc",
    `--target=${process.version}`,
    `--cwd=${folder}`,
    `--out=${root}`,
  ];
  const { status } = spawnSync("prebuildify", options, {
    stdio: "inherit",
    env: { ...process.env, npm_config_nodedir: nodeFolder(), TIDEMARK_ISCSI: "off" },
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
if (process.exitCode === 0) {
  const test = ["--no-config", "--timeout=60000", "test/integration/node-versions.test.ts"];
  process.exitCode = spawnSync("mocha", test, { cwd: root, stdio: "inherit" }).status ?? 1;
}
