// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { deviceAddressText, looksLikeDeviceAddress, parseDeviceAddress } from "../../../lib/device/address.ts";
import type { DeviceAddress } from "../../../lib/device/index.ts";
import { ConfigError } from "../../../lib/errors.ts";

const target = "iqn.2026-01.org.example:library";

const good: readonly (readonly [text: string, address: DeviceAddress])[] = [
  ["/dev/sg3", { kind: "sg", path: "/dev/sg3" }],
  ["/dev/tape/by-id/scsi-HU123-nst", { kind: "sg", path: "/dev/tape/by-id/scsi-HU123-nst" }],
  [`iscsi://127.0.0.1:3260/${target}/1`, { kind: "iscsi", url: `iscsi://127.0.0.1:3260/${target}/1` }],
  [`iscsi://tape.example/${target}/0`, { kind: "iscsi", url: `iscsi://tape.example/${target}/0` }],
  [`iscsi://[::1]:3261/${target}/0`, { kind: "iscsi", url: `iscsi://[::1]:3261/${target}/0` }],
  ["simulated:/srv/library/drive-0", { kind: "simulated", folder: "/srv/library", unit: "drive-0" }],
  ["simulated:library/changer", { kind: "simulated", folder: "library", unit: "changer" }],
  ["replay:traces/drive.jsonl", { kind: "replay", path: "traces/drive.jsonl" }],
];

const bad: readonly (readonly [text: string, word: string])[] = [
  ["", "known forms"],
  ["sg3", "known forms"],
  ["/srv/sg3", "known forms"],
  ["http://host/x/1", "known forms"],
  ["/dev/", "no node"],
  ["/dev/tape/", "no node"],
  ["/dev/sg\n3", "control character"],
  ["iscsi://", "first part"],
  ["iscsi://host", "second part"],
  [`iscsi://host/${target}`, "last part"],
  [`iscsi://host/${target}/one`, "last part"],
  [`iscsi://host/${target}/16384`, "last part"],
  [`iscsi://host/${target}/1/2`, "more parts"],
  [`iscsi://host/${target}/1?header_digest=crc32c`, "options"],
  [`iscsi://host:0/${target}/1`, "port"],
  [`iscsi://host:65536/${target}/1`, "port"],
  [`iscsi://ho st/${target}/1`, "first part"],
  ["iscsi://host/library/1", "iqn."],
  [`iscsi://ada@host/${target}/1`, "user%password"],
  [`iscsi://%pw@host/${target}/1`, "user%password"],
  ["simulated:drive-0", "no folder"],
  ["simulated:/drive-0", "no folder"],
  ["simulated:library/drive", "drive-0"],
  ["simulated:library/changer-1", "changer"],
  ["replay:", "no file"],
];

describe("a device's address", () => {
  for (const [text, address] of good) {
    it(`${text} is read and printed`, () => {
      expect(parseDeviceAddress(text)).to.deep.equal(address);
      expect(deviceAddressText(address)).to.equal(text);
      expect(looksLikeDeviceAddress(text)).to.equal(true);
    });
  }

  for (const [text, word] of bad) {
    it(`${JSON.stringify(text)} is refused with the forms there are`, () => {
      expect(() => parseDeviceAddress(text))
        .to.throw(ConfigError, word)
        .that.satisfies((error: ConfigError) => error.code === "ERR_TAPE_USAGE" && error.message.includes("/dev/sg3"));
    });
  }

  it("a serial number or a number does not look like one", () => {
    for (const text of ["0", "12", "HU1234ABCD", "ABC-1_2"]) expect(looksLikeDeviceAddress(text)).to.equal(false);
  });

  it("a password is kept for the transport and never printed", () => {
    const url = `iscsi://ada%se%c@re/t@127.0.0.1:3260/${target}/1`;
    const address = parseDeviceAddress(url);
    expect(address).to.deep.equal({ kind: "iscsi", url });
    expect(deviceAddressText(address)).to.equal(`iscsi://ada@127.0.0.1:3260/${target}/1`);
  });

  it("a password in an address that is wrong is not printed either", () => {
    const password = fc.stringMatching(/^[A-Z0-9]{12,20}$/);
    const broken = fc.constantFrom(
      (secret: string) => `iscsi://ada%${secret}@host/library/1`,
      (secret: string) => `iscsi://ada%${secret}host/${target}/1`,
      (secret: string) => `iscis://ada%${secret}@host/${target}/1`,
      (secret: string) => `iscsi://ada%x%${secret}@host:99999/${target}/1`,
      (secret: string) => `iscsi://a@da%${secret}/host`,
      (secret: string) => `ada%${secret}`,
      (secret: string) => `iscsi://ada%${secret}@host/${target}/1\n`,
    );
    fc.assert(
      fc.property(password, broken, (secret, make) => {
        expect(() => parseDeviceAddress(make(secret)))
          .to.throw(ConfigError)
          .that.satisfies((error: ConfigError) => !error.message.includes(secret));
      }),
    );
  });

  it("any text is either refused, or read to what prints it again", () => {
    const words = fc.constantFrom("/dev/", "iscsi://", "simulated:", "replay:", target, "/", ":", "@", "%", "drive-0");
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(words, fc.string({ maxLength: 4 }))).map((all) => all.join("")),
    );
    fc.assert(
      fc.property(text, (given) => {
        let address: DeviceAddress;
        try {
          address = parseDeviceAddress(given);
        } catch (error) {
          expect(error).to.be.instanceOf(ConfigError);
          return;
        }
        if (!given.includes("%")) expect(deviceAddressText(address)).to.equal(given);
      }),
      { numRuns: 2000 },
    );
  });
});
