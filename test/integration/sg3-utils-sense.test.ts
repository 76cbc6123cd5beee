// SPDX-License-Identifier: Apache-2.0
/** Sense data of both formats, as sg_decode_sense and the driver decode the same bytes (SPC-5 4.4). */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { NativeResult, NativeTapeDrive, SenseData, SimulatedProfile } from "../../lib/native/binding.ts";
import { needs } from "../needs.ts";
import { sgDecodeSense } from "../peers/sg3-utils.ts";
import type { SaidOfSense } from "../peers/sg3-utils.ts";
import { played, recordedCommands } from "./recording.ts";

/** SPC-5 table 27, as the tool prints it. */
const keyNames =
  "No Sense,Recovered Error,Not Ready,Medium Error,Hardware Error,Illegal Request,Unit Attention,Data Protect," +
  "Blank Check,Vendor specific(9),Copy Aborted,Aborted Command,Equal,Volume Overflow,Miscompare,Completed";

interface Fields {
  readonly descriptor: boolean;
  readonly deferred: boolean;
  readonly key: number;
  readonly asc: number;
  readonly ascq: number;
  /** FILEMARK 4, EOM 2, ILI 1. */
  readonly stream: number;
  readonly information?: { readonly valid: boolean; readonly value: bigint };
  /** The three bytes of SENSE KEY SPECIFIC. */
  readonly keySpecific?: readonly [number, number, number];
}

/** Sense data as a drive would send it: byte by byte from the tables of SPC-5 4.4, and not by our own encoder. */
function senseBytes(fields: Fields): Buffer {
  return fields.descriptor ? descriptorSense(fields) : fixedSense(fields);
}

function fixedSense({ deferred, key, asc, ascq, stream, information, keySpecific }: Fields): Buffer {
  const bytes = Buffer.alloc(18);
  bytes[0] = (information?.valid === true ? 0x80 : 0) | (deferred ? 0x71 : 0x70);
  bytes[2] = (stream << 5) | key;
  bytes.writeUInt32BE(Number(BigInt.asUintN(32, information?.value ?? 0n)), 3);
  bytes[7] = 10;
  bytes.set([asc, ascq], 12);
  bytes.set(keySpecific ?? [], 15);
  return bytes;
}

function descriptorSense({ deferred, key, asc, ascq, stream, information, keySpecific }: Fields): Buffer {
  const descriptors: Buffer[] = [];
  if (information !== undefined) {
    const bytes = Buffer.from([0x00, 0x0a, information.valid ? 0x80 : 0, 0, ...Buffer.alloc(8)]);
    bytes.writeBigUInt64BE(BigInt.asUintN(64, information.value), 4);
    descriptors.push(bytes);
  }
  if (keySpecific !== undefined) descriptors.push(Buffer.from([0x02, 0x06, 0, 0, ...keySpecific, 0]));
  if (stream !== 0) descriptors.push(Buffer.from([0x04, 0x02, 0, stream << 5]));
  const rest = Buffer.concat(descriptors);
  return Buffer.concat([Buffer.from([deferred ? 0x73 : 0x72, key, asc, ascq, 0, 0, 0, rest.length]), rest]);
}

const informations: readonly Fields["information"][] = [
  undefined,
  { valid: true, value: 0n },
  { valid: true, value: 65_536n },
  { valid: true, value: -512n },
  { valid: false, value: 512n },
  { valid: true, value: 0x7fff_ffffn },
  { valid: true, value: -1n },
];
/** Field pointers into CDB and parameters, progress, retries; without SKSV they mean nothing. */
const keySpecifics: readonly Fields["keySpecific"][] = [
  undefined,
  [0xcf, 0x00, 0x04],
  [0x8b, 0x00, 0x14],
  [0x80, 0x40, 0x00],
  [0x80, 0xff, 0xff],
  [0x00, 0x40, 0x00],
  [0x80, 0x00, 0x01],
];
/** With text, without, of vendors, and those whose number is in the text. */
const codes: readonly (readonly [number, number])[] = [
  [0x00, 0x00],
  [0x00, 0x01],
  [0x00, 0x05],
  [0x0c, 0x00],
  [0x04, 0x01],
  [0x24, 0x00],
  [0x28, 0x00],
  [0x40, 0x85],
  [0x5e, 0x77],
  [0x85, 0x42],
  [0x14, 0x03],
];

const at = <T>(values: readonly T[], index: number): T => values[index % values.length] as T;

/** Every key with every combination of the stream bits, in both formats, current and deferred; the rest takes turns. */
function everySense(): readonly Buffer[] {
  return Array.from({ length: 2 * 2 * 16 * 8 }, (_, index) => {
    const [asc, ascq] = at(codes, index);
    const information = at(informations, index);
    const keySpecific = at(keySpecifics, index >> 2);
    return senseBytes({
      descriptor: (index & 1) === 1,
      deferred: (index & 2) === 2,
      key: (index >> 2) & 15,
      stream: (index >> 6) & 7,
      asc,
      ascq,
      ...(information === undefined ? {} : { information }),
      ...(keySpecific === undefined ? {} : { keySpecific }),
    });
  });
}

/** What was told in fields of 64 bits, which only descriptors have. */
const wide = senseBytes({
  descriptor: true,
  deferred: false,
  key: 3,
  asc: 0x11,
  ascq: 0,
  stream: 0,
  information: { valid: true, value: -0x1234_5678_9abcn },
});

interface Ours {
  readonly result: NativeResult;
  /** The same bytes as parameter data of REQUEST SENSE. */
  readonly asked: SenseData;
}

function decodedHere(senses: readonly Buffer[]): Promise<readonly Ours[]> {
  const commands = senses.flatMap((sense) => [
    {
      command: "TEST UNIT READY",
      cdb: "000000000000",
      outcome: "completed" as const,
      scsiStatus: 2,
      sense: sense.toString("hex"),
    },
    {
      command: "REQUEST SENSE",
      cdb: "03000000fc00",
      outcome: "completed" as const,
      dataIn: sense.toString("hex"),
      residual: 252 - sense.length,
    },
  ]);
  return played(commands, async ({ native }) => {
    const all: Ours[] = [];
    for (const sense of senses) {
      const result = await native.testUnitReady();
      const { value } = await native.requestSense();
      if (result.sense === undefined || value === undefined) throw new Error(`undecoded: ${sense.toString("hex")}`);
      expect(result.sense.raw.equals(sense), result.detail).to.equal(true);
      all.push({ result, asked: value });
    }
    return all;
  });
}

const isDescriptor = (sense: Buffer): boolean => ((sense[0] ?? 0) & 0x7f) >= 0x72;

/**
 * A sense key specific descriptor whose SKSV bit is 0: sg_decode_sense 1.21 prints its bytes all the same, while in the
 * fixed format it heeds the bit. Then they mean nothing (SPC-5 4.4.2.4.1).
 */
function isWithoutValidSpecific(sense: Buffer): boolean {
  const start = sense.indexOf(Buffer.from([0x02, 0x06, 0x00, 0x00]), 8);
  return isDescriptor(sense) && start >= 8 && ((sense[start + 4] ?? 0) & 0x80) === 0;
}

function expectSameSense(sense: Buffer, { result, asked }: Ours, said: SaidOfSense, codeSaid: SaidOfSense): void {
  const what = sense.toString("hex");
  for (const ours of [result.sense ?? asked, asked]) {
    expect(keyNames.split(",")[ours.senseKey], what).to.equal(said.key.replace(/^Reserved.*/, "Equal"));
    expect(ours.deferred, what).to.equal(said.deferred);
    const { filemark, endOfMedium, incorrectLength } = said;
    expect(ours, what).to.include({ filemark, endOfMedium, incorrectLength });
    // The tool prints it without a sign.
    const bits = isDescriptor(sense) ? 64 : 32;
    const information = ours.information === undefined ? undefined : BigInt.asUintN(bits, ours.information);
    expect(information, what).to.equal(said.information);
    // Sense data that end before the additional sense code have none.
    if (said.additional === undefined) expect([ours.asc, ours.ascq], what).to.deep.equal([0, 0]);
    else expect(codeSaid.additional, what).to.equal(said.additional);
  }
  if (said.progressPercent === undefined || isWithoutValidSpecific(sense)) {
    expect(asked.progress, what).to.equal(undefined);
    return;
  }
  // Two digits behind the point are cut off, by a divisor of 656 instead of 655.36.
  expect(((asked.progress ?? NaN) * 100) / 65_536, what).to.be.closeTo(said.progressPercent, 0.02);
}

async function expectSame(senses: readonly Buffer[]): Promise<void> {
  const ours = await decodedHere(senses);
  const said = sgDecodeSense(senses);
  // What the tool calls the codes that we decoded, in the plainest sense data that can have them.
  const codesSaid = sgDecodeSense(
    ours.map(({ result: { sense } }) =>
      senseBytes({
        descriptor: false,
        deferred: false,
        key: sense?.senseKey ?? 0,
        asc: sense?.asc ?? 0,
        ascq: sense?.ascq ?? 0,
        stream: 0,
      }),
    ),
  );
  for (const [index, sense] of senses.entries()) {
    const [one, theirs, codeSaid] = [ours[index], said[index], codesSaid[index]];
    if (one === undefined || theirs === undefined || codeSaid === undefined) throw new Error("too few answers");
    expectSameSense(sense, one, theirs, codeSaid);
  }
}

/** Meets filemarks, ends, blocks of other lengths, and refusals of several kinds. */
async function meetEverything(drive: NativeTapeDrive): Promise<void> {
  for (let count = 0; count < 3; count++) await drive.testUnitReady();
  await drive.setBlockBytes(0);
  for (let index = 0; index < 3; index++) await drive.writeBlock(Buffer.alloc(30_000, index));
  await drive.writeFilemarks(1, false);
  await drive.readBlock(1000);
  await drive.rewind(false);
  await drive.readBlock(1000);
  await drive.readBlock(60_000);
  await drive.space("blocks", 5n);
  await drive.space("filemarks", 7n);
  await drive.space("blocks", -9n);
  await drive.space("filemarks", -2n);
  await drive.locate({ number: 999n });
  await drive.locate({ partition: 3, number: 0n });
  await drive.readBlock(60_000);
  await drive.setBlockBytes(10_000);
  await drive.rewind(false);
  await drive.readBlocks(2, 10_000);
  await drive.setBlockBytes(0);
  await drive.setCapacity(1);
  await drive.allowOverwrite(0n);
  await drive.preventRemoval(true);
  await drive.loadUnload({ load: false });
  await drive.preventRemoval(false);
  await drive.space("endOfData", 0n);
  for (let count = 0; count < 40; count++) await drive.writeBlock(Buffer.alloc(100_000));
  await drive.writeFilemarks(2, false);
  await drive.loadUnload({ load: false });
  await drive.readBlock(1000);
}

/** The sense data that the native encoder of a simulated drive made. */
async function sensesOf(profile: SimulatedProfile): Promise<readonly Buffer[]> {
  const binding = nativeBinding();
  const folder = mkdtempSync(join(tmpdir(), "tidemark-sense-"));
  try {
    const library = join(folder, "library");
    binding.createSimulatedLibrary(library, {
      drives: 1,
      storageElements: 1,
      importExportElements: 0,
      barcodes: ["TMK001L9"],
      capacityBytes: 4_000_000n,
      earlyWarningBytes: 1_000_000n,
      bufferBytes: 65_536,
      profile,
    });
    const changer = new binding.MediumChanger({ kind: "simulated", folder: library, unit: "changer" });
    await changer.testUnitReady();
    const { value: elements = [] } = await changer.elements();
    const source = elements.find(({ type }) => type === "storage")?.address ?? 0;
    const destination = elements.find(({ type }) => type === "dataTransfer")?.address ?? 0;
    await changer.moveMedium({ source, destination });
    await changer.close();
    const tracePath = join(folder, "trace.jsonl");
    const address = { kind: "simulated", folder: library, unit: "drive-0" } as const;
    const drive = new binding.TapeDrive(address, { tracePath });
    await meetEverything(drive);
    await drive.close();
    const all = recordedCommands(tracePath).flatMap(({ sense }) => (sense === undefined ? [] : [sense]));
    return [...new Set(all)].map((sense) => Buffer.from(sense, "hex"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("sg_decode_sense", () => {
  before(function () {
    needs(this, "sg_decode_sense");
  });

  it("decodes every kind of sense data as the driver does", async () => {
    await expectSame([...everySense(), wide]);
  });

  it("decodes what was cut off on the way as the driver does", async () => {
    const whole = [
      [0x02, false],
      [0x03, true],
    ] as const;
    const senses = whole.flatMap(([key, deferred]) =>
      [false, true].flatMap((descriptor) => {
        const sense = senseBytes({
          descriptor,
          deferred,
          key,
          asc: 0x04,
          ascq: 0x07,
          stream: 0b110,
          information: { valid: true, value: 0x1234n },
          keySpecific: [0x80, 0x60, 0x00],
        });
        // Shorter ones the tool refuses.
        const shortest = descriptor ? 8 : 4;
        return Array.from({ length: sense.length - shortest }, (_, index) => sense.subarray(0, shortest + index));
      }),
    );
    await expectSame(senses);
  });

  for (const profile of ["lto-9", "descriptor-sense"] as const) {
    it(`decodes what the ${profile} drive says as the driver does`, async () => {
      const senses = await sensesOf(profile);
      expect(senses.every((sense) => isDescriptor(sense) === (profile === "descriptor-sense"))).to.equal(true);
      expect(senses.length).to.be.at.least(12);
      await expectSame(senses);
    });
  }
});
