// SPDX-License-Identifier: Apache-2.0
/** Builds a tree of deterministic objects; what Node cannot make is noted and made by one Python program at the end. */
import { spawnSync } from "node:child_process";
import { closeSync, linkSync, mkdirSync, openSync, symlinkSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Noise } from "../../scripts/make-tree.ts";

export interface Stretch {
  readonly at: number;
  readonly bytes: number;
}

/** Paths below the tree's folder; bytes that are no text come as a Buffer. */
export type TreePath = string | Buffer;

export class TreeBuilder {
  readonly #folder: string;
  readonly #noise: Noise;
  readonly #rest: (readonly string[])[] = [];

  constructor(folder: string, seed: number) {
    this.#folder = folder;
    this.#noise = new Noise(seed);
    mkdirSync(folder, { recursive: true });
  }

  /** A whole number from `least` on and below `limit`. */
  number(least: number, limit: number): number {
    return this.#noise.number(least, limit);
  }

  folder(path: TreePath, mode = 0o755): this {
    mkdirSync(this.#full(path), { recursive: true, mode });
    return this;
  }

  file(path: TreePath, bytes: number, mode = 0o644): this {
    writeFileSync(this.#full(path), this.#noise.bytes(bytes), { mode, flag: "wx" });
    return this;
  }

  /** Files of sizes within bounds, called `name-0` and so on. */
  files(path: string, count: number, least: number, limit: number): this {
    for (let index = 0; index < count; index++)
      this.file(`${path}-${index}`, this.number(least, limit), index % 5 === 0 ? 0o600 : 0o644);
    return this;
  }

  sparse(path: TreePath, bytes: number, stretches: readonly Stretch[]): this {
    const full = this.#full(path);
    const descriptor = openSync(full, "wx");
    for (const stretch of stretches) {
      writeSync(descriptor, this.#noise.bytes(stretch.bytes), 0, stretch.bytes, stretch.at);
    }
    closeSync(descriptor);
    truncateSync(full, bytes);
    return this;
  }

  hardLink(target: TreePath, path: TreePath): this {
    linkSync(this.#full(target), this.#full(path));
    return this;
  }

  symbolicLink(target: string, path: TreePath): this {
    symlinkSync(target, this.#full(path));
    return this;
  }

  fifo(path: string): this {
    return this.#later("fifo", path);
  }

  /** Only root can make one; the tree of somebody else has none. */
  device(path: string): this {
    return this.#later("device", path);
  }

  /** Left out where the file system has no such attributes; as long as it takes where it has, at most `bytes`. */
  attribute(path: string, name: string, bytes: number): this {
    return this.#later("attribute", path, name, String(bytes));
  }

  /** Owner, a named user, group, mask, others. */
  accessList(path: string): this {
    return this.#later("accessList", path);
  }

  /** Of a folder: what is made in it gets these. */
  defaultAccessList(path: string): this {
    return this.#later("defaultAccessList", path);
  }

  mode(path: string, mode: number): this {
    return this.#later("mode", path, String(mode));
  }

  /** Another owner, where this is root. */
  owner(path: string, uid: number, gid: number): this {
    return this.#later("owner", path, String(uid), String(gid));
  }

  /** Makes the rest, and gives everything its time: a whole second for some, nanoseconds for others. */
  finish(): void {
    const lines = this.#rest.map((words) => words.join("\t")).join("\n");
    const { status, stderr } = spawnSync("python3", ["-c", program, this.#folder], { input: lines, encoding: "utf8" });
    if (status !== 0) throw new Error(`could not finish the tree ${this.#folder}: ${stderr}`);
  }

  #later(...words: readonly string[]): this {
    this.#rest.push(words);
    return this;
  }

  #full(path: TreePath): Buffer | string {
    if (typeof path === "string") return join(this.#folder, path);
    return Buffer.concat([Buffer.from(`${this.#folder}/`), path]);
  }
}

/** An ACL in the kernel's form (linux/posix_acl_xattr.h). Of a file with several names the first one decides on the time. */
const program = `
import errno, os, struct, sys, zlib
folder = os.fsencode(sys.argv[1])
entry = lambda tag, permissions, who=0xFFFFFFFF: struct.pack("<HHI", tag, permissions, who)
acl = struct.pack("<I", 2) + entry(1, 6) + entry(2, 4, 1000) + entry(4, 4) + entry(16, 4) + entry(32, 0)
def attribute(path, name, value):
    try:
        os.setxattr(path, name, value)
        return True
    except OSError as error:
        if error.errno not in (errno.ENOTSUP, errno.EPERM, errno.ENOSPC, errno.E2BIG, errno.ERANGE): raise
        return False
for line in sys.stdin.buffer.read().split(b"\\n"):
    if not line: continue
    what, name, *words = line.split(b"\\t")
    path = os.path.join(folder, name)
    if what == b"fifo": os.mkfifo(path, 0o640)
    elif what == b"device":
        if os.geteuid() == 0: os.mknod(path, 0o20666, os.makedev(1, 3))
    elif what == b"attribute":
        wanted = int(words[1])
        while wanted > 0 and not attribute(path, words[0], bytes(i * 7 % 256 for i in range(wanted))): wanted //= 2
    elif what == b"accessList": attribute(path, "system.posix_acl_access", acl)
    elif what == b"defaultAccessList": attribute(path, "system.posix_acl_default", acl)
    elif what == b"mode": os.chmod(path, int(words[0]))
    elif what == b"owner":
        if os.geteuid() == 0: os.lchown(path, int(words[0]), int(words[1]))
def stamp(path):
    number = zlib.crc32(os.path.relpath(path, folder))
    seconds = 1500000000 + number % 100000000
    if number % 31 == 0: seconds = -seconds
    nanoseconds = 0 if number % 3 == 0 else number % 1000000000
    os.utime(path, ns=(1000000000, seconds * 1000000000 + nanoseconds), follow_symlinks=False)
paths = [os.path.join(place, name) for place, folders, files in os.walk(folder) for name in folders + files]
for path in sorted(paths, reverse=True): stamp(path)
stamp(folder)
`;
