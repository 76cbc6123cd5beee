// SPDX-License-Identifier: Apache-2.0
/** Makes directory trees for the demonstration and the benchmark: the same bytes every time, and incompressible. */
import { spawnSync } from "node:child_process";
import { createCipheriv } from "node:crypto";
import { closeSync, linkSync, mkdirSync, openSync, symlinkSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** An endless deterministic stream of bytes that no compression shortens: AES in counter mode over zeros. */
export class Noise {
  readonly #cipher;
  readonly #zeros = Buffer.alloc(2 ** 20);

  constructor(seed: number) {
    const key = Buffer.alloc(16);
    key.writeUInt32BE(seed);
    this.#cipher = createCipheriv("aes-128-ctr", key, Buffer.alloc(16));
  }

  bytes(count: number): Buffer {
    return this.#cipher.update(count <= this.#zeros.length ? this.#zeros.subarray(0, count) : Buffer.alloc(count));
  }

  /** A whole number from `least` on and below `limit`. */
  number(least: number, limit: number): number {
    return least + (this.bytes(4).readUInt32BE() % (limit - least));
  }
}

/** `count` files of 100 bytes to 16 KiB, at most 100 in a folder. Says how many bytes they hold. */
export function makeSmallFiles(folder: string, count: number, seed = 1): bigint {
  const filesPerFolder = 100;
  const noise = new Noise(seed);
  let bytes = 0n;
  let inner = folder;
  for (let index = 0; index < count; index++) {
    if (index % filesPerFolder === 0) {
      const number = index / filesPerFolder;
      inner = join(folder, `part-${Math.floor(number / 20)}`, `folder-${number}`);
      mkdirSync(inner, { recursive: true });
    }
    const size = noise.number(100, 16 * 1024);
    writeFileSync(join(inner, `file-${index}.dat`), noise.bytes(size), { mode: index % 7 === 0 ? 0o600 : 0o644 });
    bytes += BigInt(size);
  }
  return bytes;
}

export function makeLargeFile(path: string, bytes: number, seed = 2): void {
  const noise = new Noise(seed);
  const descriptor = openSync(path, "wx");
  for (let left = bytes; left > 0;) {
    const piece = noise.bytes(Math.min(left, 2 ** 20));
    writeSync(descriptor, piece);
    left -= piece.length;
  }
  closeSync(descriptor);
}

/** Everything that is not a plain file with a plain name; what only root may make is left out for others. */
export function makeSpecialObjects(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const path = (name: string): string => join(folder, name);
  for (let index = 0; index < 100; index++) {
    writeFileSync(path(`original-${index}`), new Noise(index).bytes(1000 + index));
    linkSync(path(`original-${index}`), path(`hard-link-${index}`));
    symlinkSync(`original-${index}`, path(`symbolic-link-${index}`));
  }
  symlinkSync("/nowhere/at all", path("dangling"));
  writeFileSync(path("empty"), "");
  writeFileSync(path("name with\nnewline"), "x");
  writeFileSync(path(`long-${"n".repeat(240)}`), "x");
  const notUtf8 = Buffer.concat([Buffer.from(path("not-utf8-")), Buffer.from([0xff, 0xfe, 0x80])]);
  writeFileSync(notUtf8, "x");
  let deep = folder;
  for (let level = 0; level < 20; level++) deep = join(deep, `level-${level}-${"d".repeat(20)}`);
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, "bottom"), "x");
  makeSparseFile(path("sparse"));
  mkdirSync(path("empty folder"), { mode: 0o750 });
  addWhatNodeCannot(folder);
}

function makeSparseFile(path: string): void {
  const descriptor = openSync(path, "wx");
  writeSync(descriptor, new Noise(3).bytes(100_000), 0, 100_000, 10 * 2 ** 20);
  writeSync(descriptor, new Noise(4).bytes(5000), 0, 5000, 30 * 2 ** 20);
  closeSync(descriptor);
  truncateSync(path, 64 * 2 ** 20);
}

/** Extended attributes, an ACL, times to the nanosecond and a fifo: Python, which node-gyp needs anyway, has the calls. */
function addWhatNodeCannot(folder: string): void {
  const program = `
import os, struct, sys
folder = os.fsencode(sys.argv[1])
path = lambda name: os.path.join(folder, os.fsencode(name))
for index in range(100):
    os.setxattr(path("original-%d" % index), "user.tidemark.number", b"\\0\\xff%d" % index)
    os.utime(path("original-%d" % index), ns=(1, 1234567890123456789 + index))
os.setxattr(path("empty"), "user.large", os.urandom(0) + b"v" * 3000)
os.utime(path("dangling"), ns=(1, 987654321987654321), follow_symlinks=False)
os.utime(path("sparse"), ns=(1, 1700000000000000001))
# An ACL in the kernel's form (linux/posix_acl_xattr.h): owner rw, user 1000 r, group r, mask r, others nothing.
entry = lambda tag, permissions, who=0xFFFFFFFF: struct.pack("<HHI", tag, permissions, who)
acl = struct.pack("<I", 2) + entry(1, 6) + entry(2, 4, 1000) + entry(4, 4) + entry(16, 4) + entry(32, 0)
os.setxattr(path("name with\\nnewline"), "system.posix_acl_access", acl)
os.mkfifo(path("fifo"), 0o640)
os.chmod(path("original-1"), 0o4755)
if os.geteuid() == 0:
    for index in range(2, 50):
        os.chown(path("original-%d" % index), 1000 + index, 2000 + index)
        os.setxattr(path("original-%d" % index), "trusted.tidemark", b"root's")
    os.lchown(path("dangling"), 12345, 54321)
    os.mknod(path("null device"), 0o20666, os.makedev(1, 3))
`;
  const { status, stderr } = spawnSync("python3", ["-c", program, folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(`could not make extended attributes in ${folder}: ${stderr}`);
}
