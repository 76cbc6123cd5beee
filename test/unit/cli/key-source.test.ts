// SPDX-License-Identifier: Apache-2.0
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { withKey } from "../../../lib/cli/key-source.ts";
import type { KeyOptions } from "../../../lib/cli/key-source.ts";
import { Session } from "../../../lib/cli/session.ts";
import { UsageError } from "../../../lib/cli/usage-error.ts";
import { FakeTerminal } from "./fake-terminal.ts";

const key = Buffer.from("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff", "hex");

describe("an encryption key", () => {
  let folder: string;
  let terminal: FakeTerminal;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-key-"));
    terminal = new FakeTerminal();
    terminal.workingFolder = folder;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const session = (): Session =>
    new Session(terminal, { color: false }, () => Promise.reject(new Error("unexpected call")));
  const write = (content: Buffer | string, mode = 0o600): string => {
    const path = join(folder, "key");
    writeFileSync(path, content, { mode });
    return path;
  };
  /** What the work sees, and what is left of it afterwards. */
  const used = async (options: KeyOptions): Promise<{ readonly seen: string; readonly left: Buffer }> => {
    const { seen, left } = await withKey(session(), options, (given) =>
      Promise.resolve({ seen: given.toString("hex"), left: given }),
    );
    return { seen, left };
  };

  it("is 32 bytes or 64 hexadecimal digits, and is wiped", async () => {
    const digits = key.toString("hex");
    for (const content of [key, digits, digits.toUpperCase(), `${digits}\n`, `${digits}\r\n`]) {
      write(content);
      const { seen, left } = await used({ keyFile: "key" });
      expect(seen).to.equal(digits);
      expect(left.every((byte) => byte === 0)).to.equal(true);
    }
    expect(terminal.error).to.equal("");
  });

  it("comes from a descriptor as well", async () => {
    const descriptor = openSync(write(key), "r");
    try {
      expect((await used({ keyFd: String(descriptor) })).seen).to.equal(key.toString("hex"));
    } finally {
      closeSync(descriptor);
    }
  });

  it("is wiped when the work fails", async () => {
    write(key);
    let held: Buffer = Buffer.alloc(0);
    const failed = await withKey(session(), { keyFile: "key" }, (given) => {
      held = given;
      return Promise.reject(new Error("the drive refused"));
    }).catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(Error);
    expect(held).to.have.lengthOf(32);
    expect(held.every((byte) => byte === 0)).to.equal(true);
  });

  it("that others can read is remarked upon", async () => {
    chmodSync(write(key), 0o644);
    await used({ keyFile: "key" });
    expect(terminal.error).to.match(/can be read by others: chmod 600/);
  });

  it("that is none is refused, without showing it", async () => {
    const digits = key.toString("hex");
    const wrong = ["", digits.slice(1), `${digits}0`, `${digits}\n\n`, digits.replace("ff", "fg"), `${digits} \r\n\n`];
    for (const content of wrong) {
      write(content);
      const error: unknown = await used({ keyFile: "key" }).catch((reason: unknown) => reason);
      expect(error, JSON.stringify(content)).to.be.instanceOf(UsageError);
      expect((error as Error).message)
        .to.include("64 hexadecimal digits")
        .and.not.include(digits.slice(0, 8));
    }
  });

  it("must be named, once, and be there", async () => {
    const wrong: readonly (readonly [options: KeyOptions, word: string])[] = [
      [{}, "--key-file FILE or with --key-fd"],
      [{ keyFile: "key", keyFd: "3" }, "--key-file FILE or with --key-fd"],
      [{ keyFile: "nowhere" }, "cannot read the key file"],
      [{ keyFile: "." }, "cannot read the key"],
      [{ keyFd: "x" }, "no file descriptor"],
      [{ keyFd: "987" }, "cannot read the key from descriptor 987"],
    ];
    for (const [options, word] of wrong) {
      const error: unknown = await used(options).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(UsageError);
      expect((error as Error).message).to.include(word);
    }
  });
});
