// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { examineInterruptedJob, planOf, storyOf, undigestedPieces } from "../../../lib/job-manager/resume-plan.ts";
import type { ResumeDecision } from "../../../lib/job-manager/resume-plan.ts";
import type { TapeWish } from "../../../lib/job-manager/tape-decision.ts";
import type { JobRecords, ObjectAcross } from "../../../lib/protocol/catalog-manager.ts";
import type { TapeFacts } from "../../../lib/protocol/tape.ts";
import { block, facts, records, segment, size, volumeTag, volumeUuid } from "./tape-of-a-job.ts";

const across: ObjectAcross = {
  sourceIndex: 0,
  containerId: 1,
  containerPath: Buffer.from("source/"),
  name: Buffer.from("large"),
  sparse: false,
  fingerprint: new Uint8Array(52),
  headerOffset: 0n,
  dataOffset: 1024n,
  endOffset: 9n * size,
  archivedBytes: 9n * size - 2048n,
  digestedBytes: 0n,
};
const source = { index: 0, path: Buffer.from("/source"), status: "partial", objects: 3n, exceptions: 0n } as const;
const summary = { containersComplete: 1n, containersPartial: 2n, objectsDurable: 3n };

interface Given {
  readonly job?: Partial<JobRecords>;
  readonly wish?: TapeWish;
  readonly object?: ObjectAcross;
  readonly unchanged?: boolean;
  readonly tape?: TapeFacts;
}

function decide({ job, wish, object, unchanged = true, tape = facts([]) }: Given): Promise<ResumeDecision> {
  const catalogManager = {
    objectAcross: () => Promise.resolve(object),
    applyBoundary: () => Promise.resolve(),
    applyVolumeLost: () => Promise.resolve(),
    claimsProved: () => Promise.resolve(),
    sourceVolumes: () => Promise.resolve(job?.sourceVolumes ?? [source]),
  };
  const catalogServer = { generate: () => Promise.resolve(summary) };
  const data = { canContinue: () => Promise.resolve(unchanged) };
  const media = { examine: () => Promise.resolve(tape) };
  const loaded = records({ sourceVolumes: [source], ...job });
  return examineInterruptedJob({ catalogManager, catalogServer }, { data, media }, loaded, wish);
}

describe("resume plan", () => {
  it("goes on with an unchanged object at its byte, and says so", async () => {
    const decision = await decide({ object: across });
    const plan = planOf(decision);
    expect(plan.continued).to.deep.equal({
      path: Buffer.from("source/large"),
      fromByte: 2n * size - 1024n,
      archivedBytes: across.archivedBytes,
    });
    expect(plan.reasons.join("\n")).to.match(
      /exactly at the last durable mark\n.*large is unchanged and goes on at byte/,
    );
    expect(plan.partialSourceVolume?.why).to.match(/9 frames, 900 bytes.*LTO001L9 holds its bytes up to/);
    expect(plan).to.deep.include({ tapeVolumesWanted: [volumeTag], bytesSaved: 2n * size, bytesRepeated: 3n * size });
    expect(undigestedPieces(decision)).to.have.length(1);
  });

  it("writes again what was changed, what has lost its source, and a sparse file cut in its map", async () => {
    const why = async (given: Given): Promise<string | undefined> => planOf(await decide(given)).restarted?.reason;
    expect(await why({ object: across, unchanged: false })).to.match(/changed or removed/);
    expect(await why({ object: { ...across, sourceIndex: 5 } })).to.match(/changed or removed/);
    const sparse = { ...across, firstDataEndOffset: 3n * size };
    expect(await why({ object: sparse })).to.match(/cut in its map/);
    expect(await why({ object: { ...sparse, firstDataEndOffset: size } })).to.equal(undefined);
    // Of a volume that is closed no boundary can go back before a header set that its end has cut.
    const ofHeaders = { ...across, dataOffset: 3n * size };
    expect(await why({ object: ofHeaders, wish: { giveUp: volumeTag }, job: { segments: [] } })).to.match(
      /cut in its headers/,
    );
    const decision = await decide({ object: across, unchanged: false });
    expect(planOf(decision).reasons.at(-1)).to.match(/source\/large is written again whole/);
    expect(storyOf(decision, "killed")).to.deep.include({ restarted: Buffer.from("source/large"), endOfData: 6n });
    expect(undigestedPieces(decision)).to.deep.equal([]);
  });

  it("says which bytes have nothing to be compared with: they lie on another cartridge", async () => {
    const segments = [segment({ volumeUuid: "uuid-0", streamEnd: size }), segment({ segment: 2, streamStart: size })];
    const plan = planOf(await decide({ job: { segments }, object: across }));
    expect(plan.reasons.join("\n")).to.match(/lie on a cartridge that is not loaded/);
  });

  it("counts what was announced, found, durable and read back", async () => {
    const marks = (durableBytes: bigint): Partial<JobRecords> => ({
      durableMarks: [{ volumeUuid, segment: 1, position: 6n, streamOffset: 2n * size, durableBytes, lastDigest: 101n }],
    });
    const counts = async (given: Given): Promise<unknown> => planOf(await decide(given)).tape?.counts;
    const tape = facts([block(102n), { kind: "filemark" }]);
    expect(await counts({ job: marks(1000n), tape })).to.deep.equal({
      submitted: 1000n + 3n * size,
      accepted: 1000n + size,
      durable: 1000n,
      verified: 1000n,
    });
    const many = facts([102n, 103n, 104n, 1n, 1n].map(block));
    expect(await counts({ job: marks(1000n), tape: many })).to.include({ submitted: 1000n + 5n * size });
    const label = 10320n;
    expect(await counts({ tape })).to.include({ durable: label + 3n * size });
    const other = facts([], { before: { digest: 5n, behindFilemark: false } });
    expect(await counts({ job: marks(1000n), tape: other })).to.include({ verified: 0n });
    const cut = facts([], { scannedFrom: 5n, endOfData: 5n });
    expect(await counts({ job: marks(1000n), tape: cut })).to.deep.equal({
      submitted: 1000n,
      accepted: 1000n,
      durable: 1000n,
      verified: 0n,
    });
  });

  it("names what is altered, left and given up", async () => {
    const reasons = async (given: Given): Promise<string> => planOf(await decide(given)).reasons.join("\n");
    const altered = facts([], { before: { digest: 5n, behindFilemark: false } });
    expect(await reasons({ tape: altered })).to.match(/is not the one that was written/);
    expect(await reasons({ wish: { leave: { volumeTag, reason: "it is away" } } })).to.match(
      /is not looked at.*\nit is away: the job goes on on another cartridge at byte/,
    );
    expect(await reasons({ wish: { giveUp: volumeTag } })).to.match(/is given up: nothing on it counts/);
    expect(await reasons({ wish: { giveUp: "LTO009L9" } })).to.match(/nothing is given up with LTO009L9/);
    const segments = [segment({ volumeUuid: "uuid-0", streamEnd: 0n }), segment({ segment: 2 })];
    const volumes = [
      { volumeUuid: "uuid-0", volumeTag: "LTO000L9" },
      { volumeUuid, volumeTag },
    ];
    const earlier = await reasons({ job: { segments, volumes }, wish: { giveUp: "LTO000L9" } });
    expect(earlier).to.match(/LTO000L9 is given up: what only it held counts as not backed up/);
  });

  it("wants no cartridge where none was being written, and no source volume where all are complete", async () => {
    const { currentVolumeUuid: _none, ...rest } = records({ sourceVolumes: [source] });
    const catalogManager = {
      objectAcross: () => Promise.resolve(undefined),
      applyBoundary: () => Promise.resolve(),
      applyVolumeLost: () => Promise.resolve(),
      claimsProved: () => Promise.resolve(),
      sourceVolumes: () => Promise.resolve([source]),
    };
    const servers = {
      data: { canContinue: () => Promise.resolve(true) },
      media: { examine: () => Promise.reject(new Error("nothing is to be looked at")) },
    };
    const environment = { catalogManager, catalogServer: { generate: () => Promise.resolve(summary) } };
    const decision = await examineInterruptedJob(environment, servers, { ...rest, announcedStreamOffset: size });
    const plan = planOf(decision);
    expect(plan.tapeVolumesWanted).to.deep.equal([]);
    expect(plan.partialSourceVolume?.why).to.match(/no tape volume holds a part of it/);
    expect(plan.reasons[0]).to.match(/goes on on another cartridge/);
    expect(storyOf(decision, "killed")).to.deep.include({ cause: "killed", discardedObjects: 0n, repeatedBytes: 0n });
    const all = planOf(await decide({ job: { sourceVolumes: [{ ...source, status: "complete" }] } }));
    expect(all).to.not.have.property("partialSourceVolume");
  });
});
