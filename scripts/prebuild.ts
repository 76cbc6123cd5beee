// SPDX-License-Identifier: Apache-2.0
/**
 * Builds the addon for this computer's architecture and C library into `prebuilds/`. One Node-API binary serves every
 * supported Node.js, so the pinned one builds it. It has no iSCSI: it must load where there is no libiscsi.
 */
import { spawnSync } from "node:child_process";
import { nodeFolder } from "./node-headers.ts";

const { status } = spawnSync("prebuildify", ["--napi", "--strip", "--tag-libc", `--target=${process.version}`], {
  stdio: "inherit",
  env: { ...process.env, npm_config_nodedir: nodeFolder(), TIDEMARK_ISCSI: "off" },
});
process.exitCode = status ?? 1;
