// SPDX-License-Identifier: Apache-2.0
/** Every register gives back what was put in, also to another process. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { SqliteCatalogStore } from "../../../../lib/catalog/sqlite/catalog-store.ts";
import type { DriveEntry } from "../../../../lib/protocol/library-state.ts";
import type { CartridgeEntry, VolumeEntry } from "../../../../lib/protocol/volume.ts";

const bareCartridge: CartridgeEntry = {
  volumeTag: "TM0001L9",
  kind: "unknown",
  location: { kind: "outside" },
  worm: false,
  writeProtected: false,
};
const fullCartridge: CartridgeEntry = {
  volumeTag: "CLN001L1",
  kind: "cleaning",
  location: { kind: "library", elementAddress: 1001 },
  worm: true,
  writeProtected: true,
  cleanings: { used: 3, limit: 50 },
  wear: {
    atMs: 1700000000000,
    loads: 12,
    capacityBytes: 2n ** 60n,
    remainingBytes: 0n,
    lifetimeWrittenBytes: 2n ** 62n,
    lifetimeReadBytes: 7n,
    alerts: ["media life", "nearing media life"],
  },
  lastError: { atMs: 1700000000001, text: "Medium Error 3/0C/00, write error" },
};

describe("the registers of the catalog store", () => {
  let folder = "";
  let store: SqliteCatalogStore;
  let other: SqliteCatalogStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-registers-"));
    store = SqliteCatalogStore.open(join(folder, "catalog.sqlite"));
    other = SqliteCatalogStore.open(join(folder, "catalog.sqlite"));
  });
  afterEach(() => {
    store.close();
    other.close();
    rmSync(folder, { recursive: true });
  });

  const job = { status: "running", startedAtMs: 1, pool: "p", sources: [Buffer.from("/a")], interruptions: 0 } as const;

  it("jobs: what a job is at its beginning, and what changes", () => {
    const parent = store.jobs.create({ ...job, mediaSet: "s1" });
    const part = store.jobs.create({ ...job, parentJobId: parent.jobId });
    const copy = store.jobs.create({ ...job, copyOfJobId: parent.jobId, endedAtMs: 3, expiredAtMs: 4 });
    expect(other.jobs.list()).to.deep.equal([parent, part, copy]);
    expect(other.jobs.parts(parent.jobId)).to.deep.equal([part]);
    expect(other.jobs.parts(part.jobId)).to.deep.equal([]);
    const changed = {
      ...parent,
      status: "complete" as const,
      interruptions: 2,
      endedAtMs: 5,
      mediaSet: "s2",
      expiredAtMs: 6,
      time: { totalMs: 9, sourceMs: 1, driveMs: 2, syncMs: 3, catalogMs: 4, ringFullMs: 5 },
    };
    store.jobs.update(changed);
    expect(other.jobs.get(parent.jobId)).to.deep.equal(changed);
    store.jobs.update(parent);
    expect(other.jobs.get(parent.jobId)).to.deep.equal(parent);
    expect(other.jobs.get(part.jobId)).to.deep.equal(part);
  });

  it("volumes: the media set and their number in it", () => {
    const volume: VolumeEntry = {
      volumeUuid: "u1",
      volumeTag: "TM0001L9",
      pool: "p",
      state: "damaged",
      recordSizeBytes: 16384,
      labelBytes: 10320n,
      endPosition: 3n,
      bytes: 10320n,
      tapeFiles: 1,
      labelledAtMs: 5,
      mediaSet: "s1",
      setNumber: 2,
    };
    store.volumes.put(volume);
    expect(other.volumes.get("u1")).to.deep.equal(volume);
  });

  it("what one process changes is decided on what another one has just written", () => {
    const drive: DriveEntry = { name: "/dev/nst0", state: "inService", cleaning: "notNeeded" };
    const entry = store.jobs.create(job);
    store.cartridges.put(bareCartridge);
    expect(other.drives.change(drive.name, (now) => now ?? drive)).to.deep.equal(drive);
    // As each process has read it before the other one writes.
    store.drives.change(drive.name, (now) => ({ ...(now ?? drive), state: "outOfService" }));
    other.drives.change(drive.name, (now) => ({ ...(now ?? drive), cleaning: "soon" }));
    expect(store.drives.get(drive.name)).to.deep.equal({ ...drive, state: "outOfService", cleaning: "soon" });
    store.cartridges.change("TM0001L9", (now) => ({ ...now, writeProtected: true }));
    other.cartridges.change("TM0001L9", (now) => ({ ...now, kind: "data" }));
    expect(store.cartridges.get("TM0001L9")).to.deep.equal({ ...bareCartridge, writeProtected: true, kind: "data" });
    store.jobs.change(entry.jobId, (now) => ({ ...now, mediaSet: "s1" }));
    other.jobs.change(entry.jobId, (now) => ({ ...now, expiredAtMs: 4 }));
    expect(store.jobs.get(entry.jobId)).to.deep.equal({ ...entry, mediaSet: "s1", expiredAtMs: 4 });
  });

  it("a change that is not wanted, or of nothing, changes nothing", () => {
    store.cartridges.put(bareCartridge);
    expect(store.cartridges.change("TM0001L9", () => undefined)).to.deep.equal(bareCartridge);
    expect(store.cartridges.change("none", (now) => ({ ...now, worm: true }))).to.equal(undefined);
    const refused = (): void => {
      store.atomically(() => {
        store.cartridges.change("TM0001L9", (now) => ({ ...now, worm: true }));
        throw new Error("not like this");
      });
    };
    expect(refused).to.throw("not like this");
    expect(other.cartridges.list()).to.deep.equal([bareCartridge]);
  });

  it("media sets: in order of creation, one closed where it stands", () => {
    const [first, second] = [
      { uuid: "s9", pool: "p", createdAtMs: 5 },
      { uuid: "s1", pool: "p", createdAtMs: 5 },
    ] as const;
    store.mediaSets.put(first);
    store.mediaSets.put(second);
    store.mediaSets.put({ ...first, closedAtMs: 9 });
    expect(other.mediaSets.list()).to.deep.equal([{ ...first, closedAtMs: 9 }, second]);
    expect(other.mediaSets.get("s1")).to.deep.equal(second);
    expect(other.mediaSets.get("none")).to.equal(undefined);
  });

  it("cartridges: wherever they are, and whatever is known of them", () => {
    const inVault: CartridgeEntry = { ...bareCartridge, volumeTag: "V1", location: { kind: "vault", name: "bank" } };
    const somewhere: CartridgeEntry = { ...bareCartridge, volumeTag: "X1", location: { kind: "library" } };
    for (const cartridge of [inVault, bareCartridge, fullCartridge, somewhere]) store.cartridges.put(cartridge);
    expect(other.cartridges.list()).to.deep.equal([fullCartridge, bareCartridge, inVault, somewhere]);
    store.cartridges.put({ ...fullCartridge, wear: { atMs: 9 } });
    expect(other.cartridges.get("CLN001L1")).to.deep.equal({ ...fullCartridge, wear: { atMs: 9 } });
    expect(other.cartridges.get("none")).to.equal(undefined);
  });

  it("moves: those whose end nobody recorded, oldest first", () => {
    const simple = { fromAddress: 1001, toAddress: 256, startedAtMs: 7 };
    const exchange = {
      ...simple,
      volumeTag: "TM0001L9",
      secondAddress: 1002,
      secondVolumeTag: "TM0002L9",
      startedAtMs: 8,
    };
    const [first, second, third] = [simple, exchange, simple].map((move) => store.moves.begin(move));
    expect(other.moves.open()).to.deep.equal([first, second, third]);
    store.moves.end(first?.id ?? "");
    expect(other.moves.open()).to.deep.equal([{ ...exchange, id: second?.id }, third]);
    store.moves.end(third?.id ?? "");
    expect(store.moves.begin(simple).id, "numbers are not given out again").not.to.equal(third?.id);
  });

  it("requests: the same one is asked once, for each job", () => {
    const wanted = {
      kind: "load",
      volumeTags: ["B", "A"],
      pool: "p",
      jobId: "1",
      text: "load A or B",
      sinceMs: 5,
    } as const;
    const asked = store.requests.open(wanted);
    expect(other.requests.open({ ...wanted, volumeTags: ["A", "B"], text: "again", sinceMs: 9 })).to.deep.equal(asked);
    const others = [
      { ...wanted, jobId: "2" },
      { ...wanted, volumeTags: ["A"] },
      { ...wanted, kind: "remove" as const },
      { ...wanted, pool: "q" },
      { ...wanted, device: "/dev/nst0" },
      { kind: "look" as const, volumeTags: [], text: "look at it", sinceMs: 6 },
    ].map((request) => other.requests.open(request));
    expect(store.requests.list()).to.deep.equal([asked, ...others]);
    store.requests.closeOfJob("1");
    expect(other.requests.list()).to.deep.equal([others[0], others.at(-1)]);
    store.requests.close(others[0]?.id ?? "");
    expect(other.requests.list()).to.deep.equal([others.at(-1)]);
  });

  it("drives: by their names", () => {
    const bare: DriveEntry = { name: "/dev/nst1", state: "inService", cleaning: "notNeeded" };
    const full: DriveEntry = {
      name: "/dev/nst0",
      serialNumber: "S1",
      elementAddress: 256,
      state: "outOfService",
      reason: "hardware error",
      cleaning: "now",
      lastCleanedAtMs: 7,
      lastError: { atMs: 8, text: "Hardware Error 4/15/01" },
    };
    store.drives.put(bare);
    store.drives.put(full);
    expect(other.drives.list()).to.deep.equal([full, bare]);
    store.drives.put({ ...bare, name: "/dev/nst0" });
    expect(other.drives.get("/dev/nst0")).to.deep.equal({ ...bare, name: "/dev/nst0" });
    expect(other.drives.get("none")).to.equal(undefined);
  });
});
