// SPDX-License-Identifier: Apache-2.0
/** Encryption by the drive (SSC-5 8.5): who has no key, or another one, gets nothing. */
import { expect } from "chai";
import { IllegalRequestError } from "../../lib/errors.ts";
import type { TapeDrive } from "../../lib/device/index.ts";
import type { EncryptionSettings } from "../../lib/native/binding.ts";
import { longBlockBytes } from "./bench.ts";
import type { Bench } from "./bench.ts";
import { expectBlock, expectNext, writeBlocks } from "./block-cases.ts";
import type { Case } from "./case.ts";
import { errorOf } from "./rejection.ts";

const off = { encryption: "off", decryption: "off" } as const;
const aes256Gcm = 0x0001_0014;
const dataProtect = 7;

/** With the drive's algorithm and a key of its length; different numbers are different keys. */
async function settings(drive: TapeDrive, number: number, more: object = {}): Promise<EncryptionSettings> {
  const { algorithms } = (await drive.encryptionCapabilities()) ?? { algorithms: [] };
  const algorithm = algorithms.find((each) => each.algorithm === aes256Gcm);
  if (algorithm === undefined) throw new Error("the drive has no AES-256-GCM");
  const key = Buffer.alloc(algorithm.keyBytes, number);
  return { encryption: "encrypt", decryption: "decrypt", algorithmIndex: algorithm.index, key, ...more };
}

/** Runs with a tape at its beginning, and leaves the drive without a key whatever comes of it. */
async function withTape(bench: Bench, work: (drive: TapeDrive) => Promise<void>): Promise<void> {
  const drive = await bench.loaded();
  try {
    await work(drive);
  } finally {
    await drive.setEncryption(off);
  }
}

async function expectUnreadable(drive: TapeDrive): Promise<void> {
  const outcome = await drive.read(longBlockBytes);
  expect(outcome.kind).to.equal("failed");
  expect(outcome.result.sense).to.include({ senseKey: dataProtect, asc: 0x74 });
}

async function capabilities(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  const [algorithm] = (await drive.encryptionCapabilities())?.algorithms ?? [];
  expect(algorithm).to.include({ algorithm: aes256Gcm, keyBytes: 32, encrypt: 2, decrypt: 2 });
}

async function rightKey(bench: Bench): Promise<void> {
  await withTape(bench, async (drive) => {
    const status = await drive.setEncryption(await settings(drive, 1));
    expect(status).to.include({ encryption: "encrypt", decryption: "decrypt" });
    await writeBlocks(drive, 0, [100, 70_000]);
    await drive.synchronise(1);
    await drive.rewind();
    await expectBlock(drive, 0, 100);
    await expectBlock(drive, 1, 70_000);
    await expectNext(drive, "filemark");
    expect((await drive.encryptionStatus())?.volumeHasEncryptedBlocks).to.equal(true);
  });
}

async function wrongKey(bench: Bench): Promise<void> {
  await withTape(bench, async (drive) => {
    await drive.setEncryption(await settings(drive, 1));
    await writeBlocks(drive, 0, [1000]);
    await drive.rewind();
    await drive.setEncryption(await settings(drive, 2));
    await expectUnreadable(drive);
    // With the right one again it is there.
    await drive.setEncryption(await settings(drive, 1));
    await drive.rewind();
    await expectBlock(drive, 0, 1000);
  });
}

async function noKey(bench: Bench): Promise<void> {
  await withTape(bench, async (drive) => {
    await drive.setEncryption(await settings(drive, 1));
    await writeBlocks(drive, 0, [1000]);
    await drive.rewind();
    expect(await drive.setEncryption(off)).to.include(off);
    await expectUnreadable(drive);
  });
}

async function clearAndEncrypted(bench: Bench): Promise<void> {
  await withTape(bench, async (drive) => {
    await writeBlocks(drive, 0, [100]);
    await drive.setEncryption(await settings(drive, 1, { decryption: "mixed" }));
    await writeBlocks(drive, 1, [100]);
    await drive.rewind();
    await expectBlock(drive, 0, 100);
    await expectBlock(drive, 1, 100);
    // Without "mixed" a block in the clear is refused.
    await drive.setEncryption(await settings(drive, 1));
    await drive.rewind();
    await expectUnreadable(drive);
  });
}

async function nextBlock(bench: Bench): Promise<void> {
  await withTape(bench, async (drive) => {
    const kad = [{ type: 0, value: Buffer.from("key 1") }];
    await drive.setEncryption(await settings(drive, 1, { kad }));
    await writeBlocks(drive, 0, [100]);
    await drive.synchronise(1);
    await drive.rewind();
    const next = await drive.nextBlockEncryption();
    expect(next).to.include({ state: "readable" });
    // What tells which key is wanted, in the clear.
    expect(next?.kad.map(({ value }) => Buffer.from(value).toString())).to.deep.equal(["key 1"]);
    await drive.setEncryption(await settings(drive, 2));
    expect((await drive.nextBlockEncryption())?.state).to.equal("otherKey");
    await drive.setEncryption(await settings(drive, 1));
    await expectBlock(drive, 0, 100);
    expect((await drive.nextBlockEncryption())?.state).to.equal("notABlock");
  });
}

async function keyOfWrongLength(bench: Bench): Promise<void> {
  await withTape(bench, async (drive) => {
    const wanted = await settings(drive, 1, { key: Buffer.alloc(7) });
    expect(await errorOf(drive.setEncryption(wanted))).to.be.instanceOf(IllegalRequestError);
    expect(await drive.encryptionStatus()).to.include(off);
  });
}

async function keyOfOneLoad(bench: Bench): Promise<void> {
  await withTape(bench, async (drive) => {
    await drive.setEncryption(await settings(drive, 1, { clearOnDemount: true }));
    await drive.unload();
    await drive.load();
    await drive.attend();
    expect(await drive.encryptionStatus()).to.include(off);
  });
}

export const encryptionCases: readonly Case[] = [
  { name: "a drive tells how it encrypts", needs: ["encryption"], run: capabilities },
  { name: "with the right key encrypted blocks are read", needs: ["encryption"], run: rightKey },
  { name: "with a wrong key encrypted blocks are refused", needs: ["encryption"], run: wrongKey },
  { name: "without a key encrypted blocks are refused", needs: ["encryption"], run: noKey },
  { name: "encrypted blocks and others can follow one another", needs: ["encryption"], run: clearAndEncrypted },
  { name: "a drive tells what key the next block wants", needs: ["encryption"], run: nextBlock },
  { name: "a key of a wrong length is refused", needs: ["encryption"], run: keyOfWrongLength },
  {
    name: "a key can be forgotten with the tape",
    needs: ["encryption", "LOAD and UNLOAD"],
    run: keyOfOneLoad,
  },
];
