// SPDX-License-Identifier: Apache-2.0
/** `tidemark changer`: the robot of a library, without catalog or service. */
import type { Command } from "commander";
import { addChangerMoves } from "./changer-moves.ts";
import { addChangerService } from "./changer-service.ts";
import { addChangerStatus } from "./changer-status.ts";
import { document } from "./documentation.ts";
import { exitCodes } from "./exit-code.ts";
import type { Runner } from "./program.ts";

export function addChangerCommands(program: Command, run: Runner): void {
  const changer = program.command("changer").description("Medium changers: the robots of tape libraries.");
  document(changer, ["tidemark changer status"], [exitCodes.done, exitCodes.usage]);
  addChangerStatus(changer, run);
  addChangerMoves(changer, run);
  addChangerService(changer, run);
}
