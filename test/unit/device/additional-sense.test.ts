// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { expect } from "chai";
import fc from "fast-check";
import { additionalSense, isKnownAdditionalSense } from "../../../lib/device/additional-sense.ts";
import { dispositions, keyedTexts, senseTexts } from "../../../lib/device/additional-sense-table.ts";
import { needs } from "../../needs.ts";

/** What T10 assigns to sequential-access devices (T) and medium changers (M): ASC, then its ASCQs. */
const assigned =
  "00/00-07,16-20 03/00-02 04/00-07,09-0C,0E,10-13,15-19,1C,1F-22 05/00 06/00 07/00 08/00-04 09/00,04-05 0A/00 " +
  "0B/00-08,0A-11 0C/00,04-06,0B-0E 0D/00-05 0E/00-03 10/01-05 11/00-03,08-0A,0D-0E,12-13 14/00-07 15/00-02 " +
  "17/00-03 18/00 1A/00 1B/00 1D/00 20/00-0C 21/00-01 23/00-0A 24/00-03,08 25/00 26/00-0E,10-12 27/00-05 " +
  "28/00-01,03 29/00-07 2A/00-08,0A-0B,0D,10-15 2B/00 2C/00,07-09,0B 2D/00 2E/00-03 2F/00,02-03 " +
  "30/00-07,0A,0C-0D,11-13 31/00 33/00 34/00 35/00-05 37/00 39/00 3A/00-04 3B/00-02,08,0C-0E,11-15,18-1C 3D/00 " +
  "3E/00-04 3F/00-16 40/80-FF 43/00 44/00-01,71 45/00 46/00 47/00-06,7F 48/00 49/00 4A/00 4B/00-15 4C/00 4D/00-FF " +
  "4E/00 50/00-02 51/00 52/00 53/00-0D 55/02-06,08-0D 5A/00-03 5B/00-03 5D/00,FF 5E/00-0A 65/00 67/0A-0B 70/00-FF " +
  "71/00 74/00-0D,10-12,21,30,40,6E-6F,71";

interface Code {
  readonly asc: number;
  readonly ascq: number;
}

function codesOf(text: string): readonly Code[] {
  return text.split(" ").flatMap((group) => {
    const [asc = "", ranges = ""] = group.split("/");
    return ranges.split(",").flatMap((range) => {
      const [first = "", last = first] = range.split("-");
      const count = Number.parseInt(last, 16) - Number.parseInt(first, 16) + 1;
      return Array.from({ length: count }, (_, index) => ({
        asc: Number.parseInt(asc, 16),
        ascq: Number.parseInt(first, 16) + index,
      }));
    });
  });
}

const hex = (byte: number): string => byte.toString(16).padStart(2, "0");
const nameOf = ({ asc, ascq }: Code): string => `${hex(asc)}/${hex(ascq)}`.toUpperCase();

/** What sg_decode_sense says of each code in fixed format sense data; nothing where it does not know one. */
function decodedBySg3Utils(codes: readonly Code[]): readonly (string | undefined)[] {
  const senses = codes.map(
    ({ asc, ascq }) => `70 00 05 00 00 00 00 0a 00 00 00 00 ${hex(asc)} ${hex(ascq)} 00 00 00 00`,
  );
  // One shell for all of them: a process each, but no Node.js round trip each.
  const script = "while read -r sense; do sg_decode_sense $sense; echo =; done";
  const { stdout } = spawnSync("sh", ["-c", script], { input: `${senses.join("\n")}\n`, encoding: "utf8" });
  const answers = stdout.split("=\n").slice(0, -1);
  expect(answers).to.have.lengthOf(codes.length);
  return answers.map((answer) => /^Additional sense: (.*)$/m.exec(answer)?.[1]);
}

/** Words that mean the same here and there, so that a comparison by words can find them. */
const synonyms: Readonly<Record<string, string>> = {
  able: "cannot",
  aborted: "abort",
  drive: "device",
  excessive: "many",
  exhausted: "used",
  failure: "fail",
  illegal: "invalid",
  incorrect: "wrong",
  insufficient: "enough",
  luns: "units",
  maximum: "many",
  multiple: "several",
  multiply: "several",
  prevented: "prevent",
  unable: "cannot",
  unsuccessful: "fail",
};
const empty = new Set("a an the of and or in is was to not no it at by on for with from be has been".split(" "));

function stems(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().split(/[^a-z0-9_]+/);
  return new Set(
    words.filter((word) => word !== "" && !empty.has(word)).map((word) => (synonyms[word] ?? word).slice(0, 4)),
  );
}

/** Said in so different words that a comparison of words does not find them alike; each was compared by eye. */
const reworded = new Set(
  (
    "00/06 04/0A 04/11 04/13 04/1C 0C/04 0C/05 0D/00 11/0A 1D/00 20/00 20/0C 21/01 26/0B 2A/14 3F/0E 4B/11 4D/05 " +
    "53/01 53/04 74/09 74/63"
  ).split(" "),
);

describe("additional sense", () => {
  it("the most exact entry wins", () => {
    const text = (key: number, asc: number, ascq: number): string => additionalSense(key, asc, ascq).text;
    expect(text(3, 0x00, 0x02)).to.equal("end of tape met unexpectedly");
    expect(text(0, 0x00, 0x02)).to.equal("end of medium region");
    expect(text(3, 0x0c, 0x00)).to.equal("write error");
    expect(text(3, 0x0c, 0x0b)).to.equal("the auxiliary memory could not be written");
    expect(text(3, 0x0c, 0x7f)).to.equal("write error");
    expect(text(4, 0x40, 0x85)).to.equal("diagnostic failure of component 85h");
    expect(text(4, 0x40, 0x05)).to.equal("hardware error");
    expect(text(11, 0x4d, 0x05)).to.equal("overlapped commands with tag 05h");
    expect(text(2, 0x83, 0x01)).to.equal("not ready");
    expect(text(12, 0x00, 0x00)).to.equal("reserved sense key");
  });

  it("the sense key decides what to do where the code does not", () => {
    const disposition = (key: number, asc: number, ascq: number): string => additionalSense(key, asc, ascq).disposition;
    expect(disposition(0, 0x00, 0x01)).to.equal("done");
    expect(disposition(1, 0x5d, 0x00)).to.equal("done");
    expect(disposition(2, 0x04, 0x01)).to.equal("wait");
    expect(disposition(2, 0x04, 0x18)).to.equal("needOperator");
    expect(disposition(2, 0x3a, 0x02)).to.equal("needOperator");
    expect(disposition(3, 0x0c, 0x0b)).to.equal("changeVolume");
    expect(disposition(3, 0x14, 0x03)).to.equal("recoverPosition");
    expect(disposition(5, 0x20, 0x00)).to.equal("failJob");
    expect(disposition(6, 0x29, 0x00)).to.equal("recoverPosition");
    expect(disposition(6, 0x3f, 0x0e)).to.equal("retry");
    expect(disposition(7, 0x74, 0x03)).to.equal("needOperator");
    expect(disposition(11, 0x4b, 0x07)).to.equal("recoverPosition");
    expect(disposition(13, 0x00, 0x02)).to.equal("changeVolume");
    expect(disposition(12, 0x00, 0x00)).to.equal("failJob");
  });

  it("has a name that is one word and does not count", () => {
    expect(additionalSense(3, 0x50, 0x00).name).to.equal("writeAppendError");
    expect(additionalSense(6, 0x29, 0x07).name).to.equal("theConnectionWasLostI_TNexusLoss");
    expect(additionalSense(4, 0x40, 0x85).name).to.equal("diagnosticFailureOfComponent");
  });

  it("answers any three bytes", () => {
    const byte = fc.nat(255);
    fc.assert(
      fc.property(fc.nat(15), byte, byte, (key, asc, ascq) => {
        const { name, text, disposition } = additionalSense(key, asc, ascq);
        expect(text).to.match(/^[^{}]+$/);
        expect(name).to.match(/^[A-Za-z]\w*$/);
        expect(disposition).to.be.a("string");
      }),
    );
  });

  it("every entry of the table can be reached, and texts are short and in lower case", () => {
    for (const [code, text] of Object.entries({ ...senseTexts, ...keyedTexts })) {
      expect(code).to.match(/^([0-9A-F]\/)?([0-9A-F]{2}|\*)\/([0-9A-F]{2}|\*)$/);
      expect(text, code).to.match(/^[a-z(]|^(ATA|CRC|NAK|PCIe|iSCSI) /);
      expect(text.length, code).to.be.at.most(72);
    }
    for (const code of Object.keys(dispositions)) {
      expect(code).to.match(/^[0-9A-F]\/([0-9A-F]{2}|\*)\/([0-9A-F]{2}|\*)$/);
      expect(code).to.not.match(/\*\/[0-9A-F]/);
    }
  });

  it("knows every code that is assigned to tape drives and changers", () => {
    const unknown = codesOf(assigned).filter(({ asc, ascq }) => !isKnownAdditionalSense(asc, ascq));
    expect(unknown.map(nameOf)).to.deep.equal([]);
    expect(codesOf(assigned)).to.have.lengthOf.above(1000);
  });

  it("says of each code what sg_decode_sense says, in other words", function () {
    needs(this, "sg_decode_sense");
    const texts = Object.keys(senseTexts).filter((code) => !code.endsWith("*"));
    const codes = [...codesOf(texts.join(" ")), { asc: 0x40, ascq: 0x85 }, { asc: 0x4d, ascq: 0x05 }];
    const theirs = decodedBySg3Utils(codes);
    const different = codes.flatMap((code, index) => {
      // Key 15 has no texts of its own, so that the code's text shows.
      const { text } = additionalSense(15, code.asc, code.ascq);
      const answer = theirs[index];
      if (answer === undefined) return [`${nameOf(code)}: unknown there | ${text}`];
      const [shorter, longer] = [stems(answer), stems(text)].sort((left, right) => left.size - right.size);
      const shared = [...(shorter ?? [])].filter((stem) => longer?.has(stem)).length;
      const isAlike = shared * 2 > (shorter?.size ?? 0);
      return isAlike || reworded.has(nameOf(code)) ? [] : [`${nameOf(code)}: ${answer} | ${text}`];
    });
    expect(codes).to.have.lengthOf.above(400);
    expect(different).to.deep.equal([]);
  });
});
