// SPDX-License-Identifier: Apache-2.0
/** What a library may lack. Nothing else excuses a case. */
import type { NativeResult } from "../../lib/device/index.ts";
import type { Bench } from "./bench.ts";

export type Capability =
  "LOCATE" | "READ POSITION" | "UNLOAD" | "READ ATTRIBUTE" | "LOG SENSE" | "import/export elements";

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
  if (!refuses(await native.locate(0n))) found.add("LOCATE");
  await drive.write(Buffer.from("probe"), "a probe");
  const { known, objectNumber } = await native.position();
  if (known === true && objectNumber === 1n) found.add("READ POSITION");
  if (!refuses((await native.readAttribute(0x0401)).result)) found.add("READ ATTRIBUTE");
  if (!refuses((await native.tapeAlerts()).result)) found.add("LOG SENSE");
  if ((await bench.elements("importExport")).length > 0) found.add("import/export elements");
  await drive.unload();
  if (!(await drive.attend()).ready) found.add("UNLOAD");
  return found;
}
