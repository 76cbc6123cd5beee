// SPDX-License-Identifier: Apache-2.0
/** Medium auxiliary memory (SPC-5 7.4): what cartridges know of themselves, and what can be noted in them. */
import { expect } from "chai";
import { IllegalRequestError } from "../../lib/errors.ts";
import { attributeName, attributeValue, encodeAttribute } from "../../lib/device/attributes.ts";
import type { Bench } from "./bench.ts";
import { writeBlocks } from "./block-cases.ts";
import type { Case } from "./case.ts";
import { errorOf } from "./rejection.ts";

const mediumSerialNumber = 0x0401;
const volumeChangeReference = 0x0009;
const userText = 0x0803;

async function serial(bench: Bench): Promise<void> {
  const [first, second] = [await (await bench.loaded(0)).mediumSerial(), await (await bench.loaded(1)).mediumSerial()];
  expect(first).to.match(/^\S+$/);
  expect(second).to.match(/^\S+$/).and.not.equal(first);
}

async function named(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  const attributes = (await drive.attributes()) ?? [];
  const ids = attributes.map(({ id }) => id);
  expect(ids).to.deep.equal([...ids].toSorted((one, other) => one - other));
  expect(ids).to.deep.equal((await drive.native.attributeList(0)).value);
  // All that the drive has is known here, and can be read as what it is.
  expect(ids.map(attributeName).filter((name) => name.startsWith("attribute "))).to.deep.equal([]);
  for (const attribute of attributes) {
    expect(attribute.format).to.not.equal("unknown");
    expect(attributeValue(attribute).name).to.equal(attributeName(attribute.id));
  }
}

async function written(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await drive.writeAttributes([encodeAttribute(userText, "Tidemark: été")]);
  // It goes with the cartridge.
  const other = await bench.loaded(0, 1);
  const raw = ((await other.attributes()) ?? []).find(({ id }) => id === userText);
  expect(raw).to.include({ format: "text", readOnly: false });
  expect(raw === undefined ? undefined : attributeValue(raw).value).to.equal("Tidemark: été");
  await other.writeAttributes([encodeAttribute(userText, "")]);
  expect(await other.attribute(userText)).to.equal(undefined);
}

async function readOnly(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  const wanted = [{ id: mediumSerialNumber, format: "ascii", value: Buffer.alloc(32, "X") }] as const;
  expect(await errorOf(drive.writeAttributes(wanted))).to.be.instanceOf(IllegalRequestError);
  expect(await drive.mediumSerial()).to.not.match(/X{8}/);
}

async function changeReference(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  const ask = async (): Promise<string | undefined> => (await drive.attribute(volumeChangeReference))?.toString("hex");
  await writeBlocks(drive, 0, [100]);
  await drive.synchronise(0);
  const before = await ask();
  await drive.unload();
  await drive.load();
  await drive.attend();
  expect(await ask()).to.equal(before);
  // The first write of a load changes it, and no other does.
  await writeBlocks(drive, 0, [100]);
  await drive.synchronise(0);
  const after = await ask();
  expect(after).to.not.equal(before);
  await writeBlocks(drive, 1, [100]);
  await drive.synchronise(0);
  expect(await ask()).to.equal(after);
}

export const attributeCases: readonly Case[] = [
  { name: "a tape tells its serial number", needs: ["attributes", "values in attributes"], run: serial },
  { name: "every attribute has a name and can be read", needs: ["attributes"], run: named },
  {
    name: "an attribute that was written goes with the tape",
    needs: ["WRITE ATTRIBUTE", "values in attributes"],
    run: written,
  },
  { name: "an attribute of the tape's own cannot be written", needs: ["WRITE ATTRIBUTE"], run: readOnly },
  {
    name: "the volume change reference changes with the first write",
    needs: ["attributes", "LOAD and UNLOAD", "values in attributes"],
    run: changeReference,
  },
];
