// SPDX-License-Identifier: Apache-2.0
/** `tidemark drive`: a tape drive by itself, without catalog or service. */
import type { Command } from "commander";
import { knownDevices, listedDevice } from "./device-name.ts";
import { deviceCodes } from "./device-work.ts";
import { document } from "./documentation.ts";
import { addDriveEncryption } from "./drive-encryption.ts";
import { addDriveIdentity } from "./drive-identity.ts";
import { addDriveLogs } from "./drive-logs.ts";
import { addDriveMedium } from "./drive-medium.ts";
import { addDriveMemory } from "./drive-memory.ts";
import { addDriveMotion } from "./drive-motion.ts";
import { addDriveSettings } from "./drive-settings.ts";
import { addDriveStatus } from "./drive-status.ts";
import { addDriveUpkeep } from "./drive-upkeep.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Runner } from "./program.ts";
import type { Session } from "./session.ts";
import { tableText } from "./table.ts";

export function addDriveCommands(program: Command, run: Runner): void {
  const drive = program.command("drive").description("Tape drives, one at a time.");
  document(drive, ["tidemark drive status"], [exitCodes.done, exitCodes.usage]);
  const list = drive
    .command("list")
    .description("List the drives of this machine and of the configured library. Opens none of them.")
    .action(run(listDrives));
  document(list, ["tidemark drive list"], deviceCodes);
  addDriveStatus(drive, run);
  addDriveIdentity(drive, run);
  addDriveMotion(drive, run);
  addDriveMedium(drive, run);
  addDriveSettings(drive, run);
  addDriveEncryption(drive, run);
  addDriveMemory(drive, run);
  addDriveLogs(drive, run);
  addDriveUpkeep(drive, run);
}

async function listDrives(session: Session): Promise<ExitCode> {
  const drives = await knownDevices(session, "drive");
  session.print({ drives: drives.map(listedDevice) }, () =>
    drives.length === 0
      ? "no drives on this machine, and none in a configured library"
      : tableText(
          [
            { title: "NUMBER", align: "right" },
            { title: "ADDRESS" },
            { title: "SERIAL" },
            { title: "PRODUCT" },
            { title: "LINK" },
          ],
          drives.map(({ number, name, serialNumber, discovered }) => [
            number === undefined ? "" : String(number),
            name,
            serialNumber ?? "-",
            discovered === undefined ? "-" : `${discovered.vendor} ${discovered.product} ${discovered.revision}`,
            discovered?.byIdPath ?? discovered?.nstPath ?? "-",
          ]),
        ),
  );
  return exitCodes.done;
}
