// SPDX-License-Identifier: Apache-2.0
/** What comes before a verb that destroys something on a tape: whose tape it is, and a question. */
import type { Command } from "commander";
import type { TapeDrive } from "../device/index.ts";
import type { TapeOwner } from "../service/tape-owner.ts";
import type { NamedDevice } from "./device-name.ts";
import type { Session } from "./session.ts";

export interface DestructiveOptions {
  readonly yes?: boolean;
  readonly overwriteForeign?: boolean;
}

export function withDestructiveOptions(command: Command): Command {
  return command
    .option("--overwrite-foreign", "also where the tape carries another product's label, or a newer one")
    .option("--yes", "do not ask");
}

/** What a verb has more to say of whose tape it is. */
export interface DestructionRules {
  /** Its name for `--overwrite-foreign`. */
  readonly overwriteOption?: string;
  /** Refuses more, before anybody is asked. */
  readonly inspect?: (owner: TapeOwner) => Promise<void>;
}

/**
 * Reads the label, refuses a tape that is neither blank nor ours, and asks. Leaves the tape anywhere.
 * @param what completes "this ... on DRIVE": `erases all data`
 * @throws OperatorError, UsageError; nothing was changed then
 */
export async function allowDestruction(
  session: Session,
  drive: TapeDrive,
  { name }: NamedDevice,
  options: DestructiveOptions,
  what: string,
  { overwriteOption, inspect }: DestructionRules = {},
): Promise<void> {
  // Nobody to ask: refused before the tape is even moved.
  if (options.yes !== true && !session.terminal.inputIsTerminal) await session.confirm(false, `${what} in ${name}`);
  // Late, as the service brings all roles with it.
  const { ownerText, refuseForeign, tapeOwner } = await import("../service/tape-owner.ts");
  const owner = await tapeOwner(drive);
  refuseForeign(owner, name, options.overwriteForeign === true, overwriteOption);
  await inspect?.(owner);
  await session.confirm(options.yes === true, `${what} in ${name}, which holds ${ownerText(owner)}`);
}
