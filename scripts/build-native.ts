// SPDX-License-Identifier: Apache-2.0
/**
 * Builds the addon into `build/Release/tidemark.node`, incrementally: what has not changed is not compiled again.
 * `--clean` builds everything anew, `--debug` makes `build/Debug`. Nothing is downloaded: the headers are those that
 * came with a Node.js on this computer.
 *
 * `--sanitize` builds it with the address and undefined behaviour sanitizers into `build-cmake/addon-asan`, through
 * cmake-js, and prints how to run something with it.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { nodeFolder } from "./node-headers.ts";

const root = resolve(import.meta.dirname, "..");

function build(options: readonly string[]): number {
  const nodeGyp = createRequire(import.meta.url).resolve("node-gyp/bin/node-gyp.js");
  const configuration = options.includes("--debug") ? ["--debug"] : ["--release"];
  const isConfigured = existsSync(join(root, "build", "Makefile"));
  const command = options.includes("--clean") || !isConfigured ? "rebuild" : "build";
  // "configure" first: a source that was added to native/sources.gypi must reach the makefiles.
  const steps = command === "build" ? [["configure"], ["build", "-j", "2"]] : [["rebuild", "-j", "2"]];
  for (const step of steps) {
    const { status } = spawnSync(process.execPath, [nodeGyp, ...step, ...configuration, "--loglevel=warn"], {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, npm_config_nodedir: nodeFolder() },
    });
    if (status !== 0) return status ?? 1;
  }
  return 0;
}

function buildSanitized(): number {
  const folder = join(root, "build-cmake", "addon-asan");
  const settings = ["--CDTIDEMARK_ADDON=ON", "--CDTIDEMARK_SANITIZE=ON", "--CDTIDEMARK_TESTS=OFF"];
  const places = ["--directory", join(root, "native"), "--out", folder, "--parallel", "2"];
  const cmakeJs = createRequire(import.meta.url).resolve("cmake-js/bin/cmake-js");
  for (const command of ["configure", "build"]) {
    const { status } = spawnSync(process.execPath, [cmakeJs, command, ...places, ...settings], {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, npm_config_nodedir: nodeFolder() },
    });
    if (status !== 0) return status ?? 1;
  }
  const runtime = spawnSync("c++", ["-print-file-name=libasan.so"], { encoding: "utf8" }).stdout.trim();
  console.log(`run with: TIDEMARK_PREBUILD=${folder} LD_PRELOAD=${runtime} ASAN_OPTIONS=detect_leaks=0`);
  return 0;
}

const options = process.argv.slice(2);
process.exitCode = options.includes("--sanitize") ? buildSanitized() : build(options);
