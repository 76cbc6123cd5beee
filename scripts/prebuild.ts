// SPDX-License-Identifier: Apache-2.0
/**
 * Builds the addon for this computer's architecture and C library into `prebuilds/`. One Node-API binary serves every
 * supported Node.js, so the pinned one builds it.
 */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { existsSync } from "node:fs";

const include = join(dirname(process.execPath), "..", "include", "node", "node_api.h");
const nodedir = existsSync(include) ? { npm_config_nodedir: join(dirname(process.execPath), "..") } : {};
const { status } = spawnSync("prebuildify", ["--napi", "--strip", "--tag-libc", `--target=${process.version}`], {
  stdio: "inherit",
  env: { ...process.env, ...nodedir },
});
process.exitCode = status ?? 1;
