// SPDX-License-Identifier: Apache-2.0
/** The data path without Node.js: native/bench, linked with the objects that the addon was made of. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { NotMeasured } from "./not-measured.ts";
import { root } from "./shell.ts";

const folder = join(root, "build-cmake", "bench");
const objects = join(root, "build", "Release", "obj.target", "tidemark", "native");

export class NativeProgram {
  readonly #say: (text: string) => void;
  #path: string | undefined;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /** @throws NotMeasured where it cannot be built */
  get path(): string {
    this.#path ??= this.#build();
    return this.#path;
  }

  #build(): string {
    this.#say("building native/bench");
    const where = existsSync(objects) ? objects : "";
    const settings = ["-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DTIDEMARK_TESTS=OFF", `-DTIDEMARK_OBJECTS=${where}`];
    run("cmake", "-S", join(root, "native"), "-B", folder, ...settings);
    run("cmake", "--build", folder, "--target", "tidemark_bench", "--parallel", "2");
    return join(folder, "tidemark_bench");
  }
}

function run(program: string, ...args: readonly string[]): void {
  const { error, status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (error !== undefined) throw new NotMeasured(`${program} is not installed, which builds native/bench`);
  if (status !== 0) throw new NotMeasured(`native/bench cannot be built: ${lastLines(`${stdout}${stderr}`)}`);
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-3).join(" ");
}
