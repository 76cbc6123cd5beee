// SPDX-License-Identifier: Apache-2.0
/** The iSCSI transport against a target of foreign make. */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { DeviceError, IllegalRequestError, TransportError } from "../../lib/errors.ts";
import { TapeDrive } from "../../lib/device/index.ts";
import { needs } from "../needs.ts";
import { countNumberedBlocks, numberedBlock } from "./numbered-blocks.ts";
import { TgtDrive } from "./tgt-drive.ts";

async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}

async function inquiryOf(url: string): Promise<string> {
  const drive = TapeDrive.open({ kind: "iscsi", url });
  try {
    return (await drive.inquiry()).serialNumber;
  } finally {
    await drive.close();
  }
}

describe("the iSCSI transport", () => {
  const chap = { user: "operator", password: "open-sesame-99" };
  let folder: string;
  let tape: TgtDrive;
  let guarded: TgtDrive;

  before(async function () {
    needs(this, "tgtd", "setpriv");
    folder = mkdtempSync(join(tmpdir(), "tidemark-iscsi-"));
    tape = await TgtDrive.start();
    guarded = await TgtDrive.start({ chap });
  });
  after(async () => {
    await tape?.library.stop();
    await guarded?.library.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  it("logs in and asks who is there", async () => {
    expect(await inquiryOf(tape.url)).to.equal(tape.library.layout.drives[0]?.serialNumber);
  });

  it("proves itself with CHAP, from the URL or the environment", async () => {
    expect(await inquiryOf(guarded.url)).to.equal(guarded.library.layout.drives[0]?.serialNumber);
    const bare = guarded.url.replace(/\/\/.*@/, "//");
    process.env["LIBISCSI_CHAP_USERNAME"] = chap.user;
    process.env["LIBISCSI_CHAP_PASSWORD"] = chap.password;
    try {
      expect(await inquiryOf(bare)).to.equal(guarded.library.layout.drives[0]?.serialNumber);
    } finally {
      delete process.env["LIBISCSI_CHAP_USERNAME"];
      delete process.env["LIBISCSI_CHAP_PASSWORD"];
    }
  });

  it("says that the target refused the login, and no message has the password", async () => {
    const wrong = guarded.url.replace(chap.password, "swordfish-4242");
    const bare = guarded.url.replace(/\/\/.*@/, "//");
    for (const url of [wrong, bare]) {
      const error = await failureOf(inquiryOf(url));
      expect(error).to.be.instanceOf(TransportError);
      expect((error as TransportError).outcome).to.equal("notSent");
      expect(error.message).to.match(/^inquiry of 127.0.0.1:\d+\/iqn.*\/1 failed: cannot log in to .*Authentication/);
      expect(error.message).not.to.contain("swordfish");
      expect(error.message).not.to.contain(chap.user);
    }
  });

  it("no trace has the password, nor has the name of the device", async () => {
    const tracePath = join(folder, "chap-trace");
    const drive = await guarded.open({ tracePath, traceData: true });
    await drive.rewind();
    await drive.close();
    expect(drive.name).to.match(/^127.0.0.1:\d+\/iqn/);
    expect(readFileSync(tracePath, "latin1")).not.to.contain(chap.password);
    expect(statSync(tracePath).mode & 0o777).to.equal(0o600);
  });

  it("says which part of an address leads nowhere", async () => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    const refused = await failureOf(inquiryOf(tape.url.replace(/:\d+\//, `:${port}/`)));
    expect(refused.message).to.contain(`cannot reach 127.0.0.1:${port}: socket error Connection refused`);
    const unknown = await failureOf(inquiryOf(tape.url.replace(":library/", ":nothing/")));
    expect(unknown.message).to.contain("Target not found");
    const drive = TapeDrive.open({ kind: "iscsi", url: tape.url.replace(/\d+$/, "99") });
    const missing = await failureOf(drive.attend());
    expect(missing).to.be.instanceOf(IllegalRequestError);
    expect(missing.message).to.contain("5/25/00"); // logical unit not supported
    await drive.close();
  });

  it("writes and reads blocks of 512 bytes to 1 MiB", async () => {
    const drive = await tape.open();
    await drive.rewind();
    for (let number = 0; number < 24; number++) {
      const { accepted, result } = await drive.write(numberedBlock(1, number), `block ${number}`);
      expect(accepted).to.equal(numberedBlock(1, number).length);
      expect(result.residual).to.equal(0);
      expect(result.nexus).to.equal(1);
    }
    expect(await countNumberedBlocks(drive, 1)).to.equal(24);
    await drive.close();
  });

  it("R2: counts residuals, and takes nothing for data that did not arrive", async () => {
    const drive = await tape.open();
    const { result } = await drive.native.inquiry();
    expect(result.residual).to.be.within(1, 95); // tgt has less to tell than the buffer takes
    await drive.rewind();
    await drive.write(Buffer.alloc(60_000, 7), "a block");
    await drive.rewind();
    // Of a block that is shorter than the buffer tgt sends only as many bytes as the buffer is longer: it is read again.
    const short = await drive.read(65_536);
    expect(short.kind === "block" && short.data.equals(Buffer.alloc(60_000, 7))).to.equal(true);
    await drive.rewind();
    const exact = await drive.read(60_000);
    expect(exact.kind === "block" && exact.data.equals(Buffer.alloc(60_000, 7))).to.equal(true);
    await drive.close();
  });

  it("T6: a session that ended between two commands cannot be overlooked", async () => {
    const drive = await tape.open();
    await drive.rewind();
    expect(await tape.library.cutSessions()).to.equal(1);
    // Those who only look get their answers; the writer learns of it.
    const { result } = await drive.native.inquiry();
    expect(result.outcome).to.equal("completed");
    expect(result.nexus).to.equal(2);
    const error = await failureOf(drive.write(Buffer.alloc(512), "a block"));
    expect(error.message).to.contain("6/29/07");
    await drive.attend();
    await drive.rewind();
    await drive.close();
  });

  it("a recording of a session plays back without the library", async () => {
    const tracePath = join(folder, "recording");
    const work = async (drive: TapeDrive): Promise<number> => {
      await drive.attend();
      await drive.rewind();
      for (let number = 0; number < 4; number++) await drive.write(numberedBlock(7, number), `block ${number}`);
      const count = await countNumberedBlocks(drive, 7);
      await drive.close();
      return count;
    };
    expect(await work(TapeDrive.open({ kind: "iscsi", url: tape.url }, { tracePath, traceData: true }))).to.equal(4);
    expect(await work(TapeDrive.open({ kind: "replay", path: tracePath }))).to.equal(4);
    const other = TapeDrive.open({ kind: "replay", path: tracePath });
    const error = await failureOf(other.unload());
    expect(error.message).to.match(/has TEST UNIT READY 000000000000 here, not UNLOAD 1b0000000000 \(line 1\)/);
    await other.close();
  });

  it("refuses addresses that are none, without repeating their password", () => {
    for (const url of [
      "iscsi://h/iqn.x",
      "iscsi://me%open-sesame-99@/iqn.x/0",
      "http://h/iqn.x/0",
      "",
      "iscsi://h/i/0?x",
    ]) {
      expect(() => TapeDrive.open({ kind: "iscsi", url }), url)
        .to.throw(TypeError, "expected address.url to be iscsi://")
        .with.property("message")
        .that.does.not.contain("open-sesame");
    }
    expect(() => TapeDrive.open({ kind: "sg", path: "" })).to.throw(TypeError, "the path of a device node");
    expect(() => TapeDrive.open({ kind: "replay", path: "" })).to.throw(TypeError, "the path of a recording");
    expect(() => TapeDrive.open({ kind: "iscsi", url: "iscsi://h/i/0" }, { timeoutLimitMs: 0 })).to.throw(
      TypeError,
      "options.timeoutLimitMs",
    );
  });

  it("says what is wrong with a path that leads to no device", async () => {
    for (const [path, why] of [
      ["/dev/no-such-tape", "cannot open /dev/no-such-tape: No such file or directory"],
      ["/dev/null", "/dev/null has no SCSI generic node"],
      [tmpdir(), "is no character device"],
    ] as const) {
      const drive = TapeDrive.open({ kind: "sg", path });
      const error = await failureOf(drive.inquiry());
      expect(error).to.be.instanceOf(DeviceError);
      expect((error as DeviceError).code).to.equal("ERR_TAPE_DEVICE_UNKNOWN");
      expect(error.message).to.contain(why);
      await drive.close();
    }
  });
});
