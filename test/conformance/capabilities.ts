// SPDX-License-Identifier: Apache-2.0
/** What a library may lack. Nothing else excuses a case. */
import type { NativeResult } from "../../lib/device/index.ts";
import type { Bench } from "./bench.ts";

export type Capability =
  | "LOCATE"
  /** In a form that counts: tgt answers with zeros. */
  | "READ POSITION"
  | "UNLOAD"
  | "READ ATTRIBUTE"
  | "LOG SENSE"
  /** In mode page 1Dh; tgt says of every medium that it can be written once. */
  | "truthful WORM bit"
  /** Every data transfer element tells its drive's serial number; tgt cuts the last one off. */
  | "DVCID"
  | "import/export elements";

const illegalRequest = 5;

/** The device says that it does not know the command, or the form of it. */
function refuses({ sense }: NativeResult): boolean {
  return sense?.senseKey === illegalRequest;
}

/** Asks the library, with a tape loaded; it writes one block to tell a truthful position from zeros. */
export async function probe(bench: Bench): Promise<ReadonlySet<Capability>> {
  const drive = await bench.loaded();
  const { native } = drive;
  const found = new Set<Capability>();
  if (!refuses(await native.locate({ number: 0n }))) found.add("LOCATE");
  await drive.write(Buffer.from("probe"), "a probe");
  const { value: position } = await native.position();
  if (position?.known === true && position.objectNumber === 1n) found.add("READ POSITION");
  // The tape is a data tape, and has just been written over by the probe.
  if (!(await drive.modeStatus()).worm) found.add("truthful WORM bit");
  if (!refuses((await native.readAttribute(0x0401)).result)) found.add("READ ATTRIBUTE");
  if (!refuses((await native.tapeAlerts()).result)) found.add("LOG SENSE");
  const bays = await bench.elements("dataTransfer");
  if (bays.every(({ driveSerialNumber }) => driveSerialNumber !== undefined)) found.add("DVCID");
  if ((await bench.elements("importExport")).length > 0) found.add("import/export elements");
  await drive.unload();
  if (!(await drive.attend()).ready) found.add("UNLOAD");
  return found;
}
