// SPDX-License-Identifier: Apache-2.0
/**
 * Uses one unit of a simulated library in a process of its own, which a fault plan ends; run by fault-plan.test.ts with
 * a folder and the unit. A drive writes three blocks and synchronises; the changer moves a cartridge from the first
 * storage element to the second drive. Ends with status 7 where nothing has ended it.
 */
import { nativeBinding } from "../../lib/native/binding.ts";

export type FaultedUnit = "drive-0" | "changer";

const [folder = "", unit = ""] = process.argv.slice(2);
const native = nativeBinding();
if (unit === "changer") {
  const changer = new native.MediumChanger({ kind: "simulated", folder, unit });
  await changer.testUnitReady(); // power on
  await changer.moveMedium({ source: 4096, destination: 257 });
} else {
  const drive = new native.TapeDrive({ kind: "simulated", folder, unit });
  await drive.testUnitReady();
  for (let count = 0; count < 3; count++) await drive.writeBlock(Buffer.alloc(1000, count));
  await drive.writeFilemarks(0, false);
}
process.exitCode = 7;
