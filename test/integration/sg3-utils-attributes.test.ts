// SPDX-License-Identifier: Apache-2.0
/** Attributes of cartridge memory, as sg_read_attr and the driver decode the same bytes. */
import { join } from "node:path";
import { expect } from "chai";
import { attributeTable } from "../../lib/device/attribute-table.ts";
import type { AttributeKind } from "../../lib/device/attribute-table.ts";
import { attributeValue, densityText, encodeVolumeCoherency, tapeAlertsFromBits } from "../../lib/device/index.ts";
import type { AttributeValue, VolumeCoherency } from "../../lib/device/index.ts";
import { needs } from "../needs.ts";
import { sgAttribute } from "../peers/sg3-utils.ts";
import { isAlike } from "./alike-names.ts";
import { Installation } from "./installation.ts";
import { recordDrive } from "./recorded-drive.ts";
import { answered, played, recordedAnswer, recordedCommand, recordedCommands } from "./recording.ts";
import type { RecordedCommand } from "./recording.ts";

const hex = (value: number): string => value.toString(16).padStart(4, "0");

/** Each attribute of READ ATTRIBUTE data, as its bytes. */
function attributesIn(data: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let at = 4; at + 5 <= data.length;) {
    const end = at + 5 + data.readUInt16BE(at + 3);
    found.push(data.subarray(at, end));
    at = end;
  }
  return found;
}

/** One of every attribute that is known here, of the length that the standard gives it. */
function everyAttribute(): Buffer {
  const attributes = Object.entries(attributeTable).map(([id, { kind, lengthBytes = 12 }]) => {
    const head = Buffer.alloc(5);
    head.writeUInt16BE(Number(id));
    const value = madeUp(Number(id), kind, lengthBytes);
    const format = { ascii: 1, date: 1, time: 1, device: 1, text: 2 }[kind as string] ?? 0;
    head[2] = (Number(id) < 0x0800 ? 0x80 : 0) | format;
    head.writeUInt16BE(value.length, 3);
    return Buffer.concat([head, value]);
  });
  const length = Buffer.alloc(4);
  length.writeUInt32BE(attributes.reduce((sum, { length: each }) => sum + each, 0));
  return Buffer.concat([length, ...attributes]);
}

function madeUp(id: number, kind: AttributeKind, length: number): Buffer {
  const number = Buffer.from(Array.from({ length }, (_, index) => (id * 37 + index * 11 + 0x83) & 0xff));
  const text = (value: string, fill: string): Buffer => Buffer.from(value.slice(0, length).padEnd(length, fill));
  switch (kind) {
    case "ascii":
      return text(`A${hex(id)}`, " ");
    case "text":
      return text(`text of ${hex(id)}`, "\0");
    case "date":
      return text("20260131", " ");
    case "time":
      return text("202611230628", " ");
    case "device":
      return text(`VENDOR  SERIAL${id}`, " ");
    case "density":
      return Buffer.from([0x5e]);
    case "mediumType":
      return Buffer.from([0x80]);
    case "coherency":
      return encodeVolumeCoherency({
        volumeChangeReference: 0x8123456789abcdefn,
        count: 0x9122334455667788n,
        setId: 0xa213243546576879n,
        applicationData: Buffer.from("of the application"),
      }).value as Buffer;
    case "bytes":
      // sg_read_attr prints the numeric serial number as text.
      return id === 0x040a ? text("123456789012", " ") : number;
    default:
      return number;
  }
}

/** Units in the tool's names: `Medium length [m]`, `Total MiB written in medium life`. */
const unitsSaid: Readonly<Record<string, RegExp>> = {
  MiB: /\[MiB\]|\bMiB\b/,
  bytes: /\[B\]/,
  m: /\[m\]/,
  "tenths of a mm": /\[0\.1 mm\]/,
};

/** The tool has no name for it: 080Bh has by mistake the number of 080Ah in its table, LTO's own are unknown to it. */
const isUnnamed = (name: string): boolean => /^(Unknown host|Vendor specific medium) attribute/.test(name);

function expectSameAttribute(ours: AttributeValue, raw: Buffer): void {
  const { name, values } = sgAttribute(raw);
  const what = `attribute ${hex(ours.id)}h: ${name}, ${JSON.stringify(values)}`;
  if (!isUnnamed(name)) expect(isAlike(ours.name, name), `${what} is ${ours.name} here`).to.equal(true);
  if (ours.unit !== undefined) expect(name, what).to.match(unitsSaid[ours.unit] ?? /no such unit/);
  const said = values[0]?.value ?? "";
  if (typeof ours.value === "bigint" || typeof ours.value === "string") {
    expect(String(ours.value), what).to.equal(saidLikeOurs(ours, said));
  } else if (ours.value === undefined) {
    expect(said, what).to.match(/^$|^<unknown> \[ff\]$/);
  } else if (Array.isArray(ours.value)) {
    const bits = Buffer.alloc(8);
    bits.writeBigUInt64BE(BigInt(said));
    expect(ours.value, what).to.deep.equal(tapeAlertsFromBits(bits));
  } else if ("setId" in ours.value) {
    const again = encodeVolumeCoherency(ours.value as VolumeCoherency);
    expect(`0x${Buffer.from(again.value).toString("hex")}`, what).to.equal(said);
  } else {
    const counters = Object.entries(ours.value as Readonly<Record<string, bigint>>);
    expect(counters.map(([, counter]) => String(counter))).to.deep.equal(values.map(({ value }) => value));
    for (const [index, [counter]] of counters.entries()) {
      const spaced = counter.replaceAll(/[A-Z]/g, " $&");
      expect(isAlike(spaced, values[index]?.name ?? ""), `${spaced}: ${values[index]?.name ?? ""}`).to.equal(true);
    }
  }
}

/** What the tool says, in the form in which we say it. */
function saidLikeOurs(ours: AttributeValue, said: string): string {
  const kind = attributeTable[ours.id]?.kind ?? "bytes";
  const printed = said.startsWith("0x") ? said.slice(2) : undefined;
  switch (kind) {
    case "count":
    case "reference": {
      // Block numbers are hexadecimal, without saying so.
      const isBlock = ours.id === 0x0224 || ours.id === 0x0225;
      return BigInt(isBlock ? `0x${said}` : said).toString();
    }
    case "date":
      return said.replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3");
    case "time":
      return said.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)$/, "$1-$2-$3 $4:$5");
    case "device":
      return `${said.slice(0, 8).trim()} ${said.slice(8).trim()}`;
    case "density":
      return densityText(Number(said));
    case "mediumType":
      return { 0x00: "data", 0x01: "cleaning", 0x80: "write-once (WORM)" }[Number(said)] ?? said;
    case "bytes":
      return printed ?? Buffer.from(said).toString("hex");
    default:
      return kind === "ascii" && printed !== undefined ? Buffer.from(printed, "hex").toString("latin1").trim() : said;
  }
}

/** As `--json` prints it: numbers where a reader can hold them. */
function fromJson(value: unknown): unknown {
  if (typeof value === "number") return BigInt(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fromJson(inner)]));
}

describe("sg_read_attr", () => {
  let installation: Installation;
  let recorded: readonly RecordedCommand[];
  before(async function () {
    needs(this, "sg_read_attr");
    installation = new Installation();
    recorded = await recordDrive(installation);
  });
  after(() => installation?.remove());

  const readAttribute = "8c00";
  const expectSame = async (data: Buffer): Promise<number> => {
    const command = answered(recordedCommand(recorded, readAttribute), data);
    const ours = await played([command], (drive) => drive.attributes());
    const raw = attributesIn(data);
    expect(ours?.map(({ id }) => id)).to.deep.equal(raw.map((each) => each.readUInt16BE(0)));
    for (const [index, attribute] of (ours ?? []).entries()) {
      expectSameAttribute(attributeValue(attribute), raw[index] ?? Buffer.alloc(0));
    }
    return raw.length;
  };

  it("says the same of what the simulated drive answered", async () => {
    expect(await expectSame(recordedAnswer(recorded, readAttribute))).to.be.at.least(30);
  });

  it("says the same of every attribute that is known here", async () => {
    expect(await expectSame(everyAttribute())).to.equal(Object.keys(attributeTable).length);
  });

  it("says what drive attributes --json prints", async () => {
    const { attributes } = await installation.json<{ readonly attributes: readonly AttributeValue[] }>(
      "drive",
      "attributes",
      "--drive",
      "0",
      "--trace",
      "attributes.jsonl",
      "--trace-data",
    );
    const commands = recordedCommands(join(installation.folder, "attributes.jsonl"));
    const raw = attributesIn(recordedAnswer(commands, readAttribute));
    expect(attributes).to.have.lengthOf(raw.length);
    for (const [index, attribute] of attributes.entries()) {
      const value = fromJson(attribute.value) as AttributeValue["value"];
      const ours = { ...attribute, ...(value === undefined ? {} : { value }) };
      expectSameAttribute(ours, raw[index] ?? Buffer.alloc(0));
    }
  });
});
