// SPDX-License-Identifier: Apache-2.0
/**
 * What sg3_utils makes of the same bytes as the driver: the simulated drive answers, a recording keeps the raw data, and
 * both decode it. Names are compared loosely, numbers and strings exactly. sg_modes and the tools for READ POSITION and
 * REPORT DENSITY SUPPORT take no bytes, only a device: those are compared elsewhere, with what Linux's st and mt say.
 */
import { join } from "node:path";
import { expect } from "chai";
import {
  driveActivity,
  logPageName,
  logValues,
  tapeAlert,
  tapeAlertsFromBits,
  tapeAlertsFromParameters,
} from "../../lib/device/index.ts";
import type { Designator, DriveActivity, DriveStatus, LogPage, LogValue } from "../../lib/device/index.ts";
import { needs } from "../needs.ts";
import { sgInquiry, sgLogPage, sgLogValues, sgVitalPage } from "../peers/sg3-utils.ts";
import type { Said } from "../peers/sg3-utils.ts";
import { isAlike } from "./alike-names.ts";
import { Installation } from "./installation.ts";
import { recordDrive } from "./recorded-drive.ts";
import { answered, played, recordedAnswer, recordedCommand, recordedCommands } from "./recording.ts";
import type { RecordedCommand } from "./recording.ts";

const hex = (value: number, digits = 2): string => value.toString(16).padStart(digits, "0");
const logSense = (page: number): string => `4d00${hex(0x40 | page)}00`;
const vitalPage = (page: number): string => `1201${hex(page)}1000`;

/** A value of ours as the tool would write it. */
function written(value: LogValue["value"] | number): string {
  if (value === "yes" || value === "no") return value === "yes" ? "1" : "0";
  return String(value ?? "");
}

/**
 * The serial numbers in page 14h are text (FORMAT AND LINKING says so, and SSC-4 8.3.5); sg_logs 1.81 prints every
 * parameter of that page as a number, and those of more than eight bytes as 0.
 */
const readsTextAsNumber = (page: number, code: number): boolean => page === 0x14 && (code === 0x40 || code === 0x41);

/**
 * What is left beside a count of megabytes may be negative (SSC-4 8.3.7), as the drive rounds the count; sg_logs prints
 * it without a sign.
 */
const isPrintedUnsigned = (page: number, code: number): boolean => page === 0x1b && code % 2 === 1 && code >= 3;

/** TapeAlert flags that both name in so different words that no word is the same; each was compared by eye. */
const reworded = new Set([3, 4, 10, 30, 31, 33, 39, 56, 59]);

interface OurValue {
  readonly code: number;
  readonly name: string;
  readonly value?: LogValue["value"] | number;
}

function expectSameLog(page: number, ours: readonly OurValue[], said: readonly Said[]): void {
  const title = logPageName(page);
  expect(ours.length, `${title}: ${JSON.stringify(said)}`).to.equal(said.length);
  for (const [index, { code, name, value }] of ours.entries()) {
    const theirs = said[index] ?? { name: "", value: "" };
    const what = `${title}, parameter ${hex(code)}h, ${name} / ${theirs.name}`;
    const fullName = page === 0x2e ? `${name} ${tapeAlert(code).text}` : name;
    const isReworded = page === 0x2e && reworded.has(code);
    const isNamed = !/reserved|obsolete/i.test(theirs.name) && !isReworded;
    if (isNamed) expect(isAlike(fullName, theirs.name), what).to.equal(true);
    if (readsTextAsNumber(page, code)) {
      expect(theirs.value, what).to.equal("0");
      continue;
    }
    const digits = theirs.value.startsWith("0x") ? BigInt(theirs.value).toString() : theirs.value;
    const unsigned = isPrintedUnsigned(page, code) && typeof value === "bigint" ? BigInt.asUintN(32, value) : value;
    expect(written(unsigned), what).to.equal(digits);
  }
}

/** The page with another value in every parameter that is a number: a mix-up of two of them is seen then. */
function withDifferentCounters(page: LogPage, data: Buffer): Buffer {
  const changed = Buffer.from(data);
  let at = 4;
  for (const parameter of page.parameters) {
    const value = changed.subarray(at + 4, at + 4 + parameter.value.length);
    const ours = logValues({ ...page, parameters: [parameter] })[0];
    const isFlag = ours?.value === "yes" || ours?.value === "no";
    const isText = (parameter.control & 3) === 1;
    // Text stays, and the head of a partition's record.
    const first = isText ? value.length : ours?.partition === undefined ? 0 : 4;
    for (let index = first; index < value.length; index++) {
      const fill = (parameter.code * 31 + index * 17 + 0x85) & 0xff;
      value[index] = isFlag ? (index + 1 === value.length ? parameter.code % 2 : 0) : fill;
    }
    at += 4 + value.length;
  }
  return changed;
}

/** Pages that are not a list of values: see the tests for each of them. */
const otherPages = new Set([0x00, 0x11, 0x12]);

/** `Flag01h: 0  02h: 1 ...` as the numbers of the flags that are set. */
function flagsSaid(text: string): readonly number[] {
  return [...text.matchAll(/([0-9A-F]{2})h: ([01])/g)]
    .filter(([, , bit]) => bit === "1")
    .map(([, flag]) => Number.parseInt(flag ?? "", 16));
}

/** Where both speak of the same in other words. */
const activitiesSaid: Readonly<Partial<Record<DriveActivity, string>>> = {
  none: "no activity",
};

const statusBits = {
  PAMR: "prevented",
  HUI: "hostInitiatedUnload",
  MACC: "mediumAuxiliaryMemoryAccessible",
  CMPR: "compression",
  WRTP: "writeProtected",
  CRQST: "cleaningRequested",
  CRQRD: "cleaningRequired",
  DINIT: "initialized",
  INXTN: "inTransition",
  RAA: "roboticAccessAllowed",
  MPRSNT: "mediumPresent",
  MSTD: "mediumSeated",
  MTHRD: "mediumThreaded",
  MOUNTED: "mediumMounted",
  TDDEC: "diagnosticDataCreated",
  EPP: "encryptionParametersPresent",
  ESR: "encryptionServiceRequest",
  RRQST: "recoveryRequested",
  INTFC: "interfaceChanged",
  TAFC: "tapeAlertChanged",
} as const satisfies Record<string, keyof DriveStatus>;

/** The lines that sg_vpd prints of a designator. */
function designatorSaid({ type, value }: Designator): readonly string[] {
  switch (type) {
    case 1:
      return [
        "designator type: T10 vendor identification,",
        `vendor id: ${value.toString("latin1", 0, 8)}`,
        `vendor specific: ${value.toString("latin1", 8)}`,
      ];
    case 3:
      return ["designator type: NAA,", `0x${value.toString("hex")}`];
    case 4:
      return ["designator type: Relative target port,", `Relative target port: 0x${value.readUInt32BE().toString(16)}`];
    default:
      throw new Error(`the simulated drive has a designator of type ${type}`);
  }
}

const associationsSaid: Readonly<Partial<Record<Designator["association"], string>>> = {
  logicalUnit: "Addressed logical unit:",
  targetPort: "Target port:",
};

function expectInOrder(text: string, parts: readonly string[]): void {
  let at = 0;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    expect(found, `"${part}" behind character ${at} of ${text}`).to.be.at.least(at);
    at = found + part.length;
  }
}

/** As `--json` prints it: numbers where a reader can hold them. */
interface JsonPages {
  readonly pages: readonly { readonly page: number; readonly values: readonly OurValue[] }[];
}

describe("sg3_utils", () => {
  let installation: Installation;
  let recorded: readonly RecordedCommand[];
  before(async function () {
    needs(this, "sg_inq", "sg_vpd", "sg_logs");
    installation = new Installation();
    recorded = await recordDrive(installation);
  });
  after(() => installation?.remove());

  const answerTo = (cdbStart: string): Buffer => recordedAnswer(recorded, cdbStart);
  const logAnswer = (page: number): Buffer => answerTo(logSense(page));
  const playedLog = (page: number, data = logAnswer(page)): Promise<LogPage> =>
    played([answered(recordedCommand(recorded, logSense(page)), data)], async (drive) => {
      const found = await drive.logPage(page);
      if (found === undefined) throw new Error(`no log page ${hex(page)}h`);
      return found;
    });
  const pagesOfValues = (): readonly number[] => {
    const codes = [...answerTo("4d0040ff").subarray(4)].filter((_, index) => index % 2 === 0);
    return [...new Set(codes)].filter((page) => !otherPages.has(page));
  };

  it("says of INQUIRY what inquiry() and drive inquiry --json say", async () => {
    const inquiry = await played(
      recorded.filter(({ cdb }) => /^1200|^12018000fc/.test(cdb)),
      (drive) => drive.inquiry(),
    );
    const printed = await installation.json("drive", "inquiry", "--drive", "0");
    expect(printed).to.deep.include(inquiry);
    const said = sgInquiry(answerTo("120000"));
    expectInOrder(said, [
      `PQual=${inquiry.qualifier}  PDT=${inquiry.deviceType}  RMB=${Number(inquiry.removable)} `,
      `version=0x${hex(inquiry.version)} `,
      `Protect=${Number(inquiry.protect)} `,
      `Vendor identification: ${inquiry.vendor}`,
      `Product identification: ${inquiry.product}`,
      `Product revision level: ${inquiry.revision}`,
    ]);
    expect(sgVitalPage(answerTo(vitalPage(0x80)))).to.include(`Unit serial number: ${inquiry.serialNumber}\n`);
    expect(sgVitalPage(answerTo(vitalPage(0xb1)))).to.include(`serial number: ${inquiry.serialNumber}\n`);
  });

  it("names the same pages of vital product data and the same designators", async () => {
    const listed = [...sgVitalPage(answerTo(vitalPage(0))).matchAll(/^ {2}0x([0-9a-f]{2}) /gm)];
    const pages = await played([recordedCommand(recorded, vitalPage(0))], (drive) => drive.vitalPageCodes());
    expect(pages.map((page) => hex(page))).to.deep.equal(listed.map(([, page]) => page));
    const designators = await played([recordedCommand(recorded, vitalPage(0x83))], (drive) => drive.identification());
    const said = sgVitalPage(answerTo(vitalPage(0x83)));
    expect(said.match(/designator type/g)).to.have.lengthOf(designators.length);
    let association: string | undefined;
    const parts = designators.flatMap((designator) => {
      const heading = associationsSaid[designator.association];
      const isNew = heading !== association;
      association = heading;
      return [...(isNew && heading !== undefined ? [heading] : []), ...designatorSaid(designator)];
    });
    expectInOrder(said, parts);
  });

  it("sees the same TapeAlert flags in pages B2h, 12h and 2Eh", async () => {
    const supported = answerTo(vitalPage(0xb2));
    expect(flagsSaid(sgVitalPage(supported))).to.deep.equal(tapeAlertsFromBits(supported.subarray(4)));
    const response = logAnswer(0x12);
    const told = await played([recordedCommand(recorded, logSense(0x12))], (drive) => drive.tapeAlertFlags());
    expect(told).to.deep.equal([10]);
    expect(flagsSaid(sgLogPage(response))).to.deep.equal(told);
    const page = await playedLog(0x2e);
    expect(tapeAlertsFromParameters(page.parameters)).to.deep.equal(told);
    expect(
      sgLogValues(logAnswer(0x2e)).flatMap(({ value }, index) => (value === "1" ? [index + 1] : [])),
    ).to.deep.equal(told);
    for (let flag = 1; flag <= 64; flag++) {
      const one = Buffer.from(response);
      one.fill(0, 8);
      one[8 + ((flag - 1) >> 3)] = 0x80 >> ((flag - 1) & 7);
      const ours = await played([answered(recordedCommand(recorded, logSense(0x12)), one)], (drive) =>
        drive.tapeAlertFlags(),
      );
      expect(ours).to.deep.equal([flag]);
      expect(flagsSaid(sgLogPage(one)), `flag ${flag}`).to.deep.equal([flag]);
    }
  });

  it("reads the same bits of the drive's status", async () => {
    const recordedStatus = logAnswer(0x11);
    const answers = Array.from({ length: 24 }, (_, bit) => {
      const data = Buffer.from(recordedStatus);
      // Byte 2 is a number, which goes through its codes on the way. DINIT is always set: without it nothing counts.
      data.set([0x01, 0, bit % 17, 0], 8);
      const at = 8 + [0, 1, 3][bit >> 3]!;
      data[at] = (data[at] ?? 0) | (0x80 >> (bit & 7));
      return data;
    });
    for (const data of [recordedStatus, ...answers]) {
      const command = answered(recordedCommand(recorded, logSense(0x11)), data);
      const status = await played([command], (drive) => drive.driveStatus());
      if (status === undefined) throw new Error("no drive status");
      const said = sgLogPage(data);
      const bits = [...said.matchAll(/\b([A-Z]+)=([01])/g)].filter(([, name]) => name !== "VS");
      expect(bits.map(([, name]) => name)).to.deep.equal(Object.keys(statusBits));
      for (const [, name, bit] of bits) {
        const field = statusBits[name as keyof typeof statusBits];
        expect(status[field], `${name ?? ""} of ${data.toString("hex")}`).to.equal(bit === "1");
      }
      const activity = /activity: (.*)$/m.exec(said)?.[1] ?? "";
      const ours = driveActivity(status.activity);
      expect(activitiesSaid[ours] ?? ours, activity).to.satisfy((name: string) => isAlike(name, activity));
    }
  });

  it("lists the same log pages", async () => {
    const listed = [...sgLogPage(answerTo("4d0040ff")).matchAll(/^ {4}0x([0-9a-f]{2})(?:,0x([0-9a-f]{2}))? /gm)];
    const codes = await played([recordedCommand(recorded, "4d0040ff")], (drive) => drive.logPageCodes());
    const ours = codes?.map(({ page, subpage }) => [hex(page), subpage === 0 ? undefined : hex(subpage)]);
    expect(ours).to.deep.equal(listed.map(([, page, subpage]) => [page, subpage]));
  });

  it("reads the same values of every log page that the drive sends", async () => {
    for (const page of pagesOfValues()) {
      expectSameLog(page, logValues(await playedLog(page)), sgLogValues(logAnswer(page)));
    }
  });

  it("reads the same of log pages where no two parameters are alike", async () => {
    for (const page of pagesOfValues()) {
      const data = withDifferentCounters(await playedLog(page), logAnswer(page));
      expectSameLog(page, logValues(await playedLog(page, data)), sgLogValues(data));
    }
  });

  it("says what drive logs --json prints", async () => {
    const wanted = pagesOfValues().map((page) => hex(page));
    const { pages } = await installation.json<JsonPages>(
      "drive",
      "logs",
      ...wanted,
      "--drive",
      "0",
      "--trace",
      "logs.jsonl",
      "--trace-data",
    );
    const commands = recordedCommands(join(installation.folder, "logs.jsonl"));
    expect(pages.map(({ page }) => hex(page))).to.deep.equal(wanted);
    for (const { page, values } of pages) {
      expectSameLog(page, values, sgLogValues(recordedAnswer(commands, logSense(page))));
    }
  });
});
