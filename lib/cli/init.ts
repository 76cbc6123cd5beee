// SPDX-License-Identifier: Apache-2.0
import { resolve } from "node:path";
import { Option } from "commander";
import type { Command } from "commander";
import type { SimulatedBehaviour } from "../service/api.ts";
import { parseByteSize } from "../service/quantity.ts";
import { document } from "./documentation.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { UsageError } from "./usage-error.ts";

const profiles: readonly SimulatedBehaviour[] = ["lto-9", "lto-9+timed", "tgt", "zeros", "descriptor-sense"];

interface InitOptions {
  readonly simulated?: boolean;
  readonly folder: string;
  readonly capacity?: string;
  readonly profile?: SimulatedBehaviour;
  readonly overwrite?: boolean;
  readonly yes?: boolean;
}

export function addInitCommand(program: Command, run: Runner): void {
  const command = program
    .command("init")
    .description("Write a configuration, with --simulated a simulated tape library beside it.")
    .option("--simulated", "make a simulated library: one changer, two drives, eight cartridges")
    .option("--folder <folder>", "where to put them", ".")
    .option("--capacity <size>", 'capacity of each simulated cartridge, such as "2 GiB"')
    .addOption(
      new Option(
        "--profile <name>",
        "how its drives behave: old ones know less, some tell nothing but zeros, and timed ones are as slow as real ones",
      ).choices(profiles),
    )
    .option("--overwrite", "replace a configuration and a simulated library that are there")
    .option("--yes", "do not ask before overwriting")
    .action(run(init));
  document(
    command,
    ["tidemark init --simulated --folder /srv/tidemark"],
    [exitCodes.done, exitCodes.failed, exitCodes.usage],
  );
}

async function init(session: Session, options: InitOptions): Promise<ExitCode> {
  const folder = resolve(session.terminal.workingFolder, options.folder);
  const overwrite = options.overwrite === true;
  const capacityBytes = capacity(options);
  if (options.profile !== undefined && options.simulated !== true) {
    throw new UsageError("--profile goes with --simulated: a real drive behaves as it does");
  }
  if (overwrite) {
    await session.confirm(options.yes === true, `replaces the configuration and the simulated cartridges in ${folder}`);
  }
  const module = await session.serviceModule();
  const made = await module.initialise({
    folder,
    simulated: options.simulated === true,
    overwrite,
    ...(capacityBytes === undefined ? {} : { capacityBytes }),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
  });
  session.print({ ...made }, () => {
    const library = made.libraryFolder === undefined ? [] : [`made the simulated library ${made.libraryFolder}`];
    return [`wrote ${made.configPath}`, ...library].join("\n");
  });
  return exitCodes.done;
}

function capacity(options: InitOptions): bigint | undefined {
  if (options.capacity === undefined) return undefined;
  if (options.simulated !== true) {
    throw new UsageError("--capacity goes with --simulated: a real cartridge has its own");
  }
  const bytes = parseByteSize(options.capacity);
  if (bytes === undefined || bytes === 0n) {
    throw new UsageError(`--capacity "${options.capacity}" is no size: write one such as "2 GiB"`);
  }
  return bytes;
}
