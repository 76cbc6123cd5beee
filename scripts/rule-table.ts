// SPDX-License-Identifier: Apache-2.0
/** The rules without which models of the product lost or invented data, each with where it stands and who misses it. */

export interface Rule {
  readonly name: string;
  /** Of the design text on durability. */
  readonly section: string;
  readonly file: string;
  /** Stands there exactly once. */
  readonly text: string;
  /** What stands there without the rule. */
  readonly instead: string;
  /** Files of tests, of which one at least must fail then. */
  readonly tests: readonly string[];
  /** Only tests with this in their title. */
  readonly only?: string;
}

const manager = "lib/catalog-manager/catalog-manager.ts";
const managerTests = ["test/unit/catalog-manager/catalog-manager.test.ts"];
const claims = "lib/catalog/claims.ts";
const claimsTests = ["test/unit/catalog/claims.test.ts"];
const container = "lib/catalog/disk-based-catalog.ts";
const containerTests = ["test/unit/catalog/disk-based-catalog.test.ts"];
const adopted = "lib/job-manager/adopted-prefix.ts";
const chain = "lib/job-manager/footer-chain.ts";
const chainTests = ["test/unit/job-manager/records-from-tape.test.ts"];
const intake = "lib/catalog-manager/footer-intake.ts";
const intakeTests = ["test/unit/catalog-manager/lost-records.test.ts"];
const boundary = "lib/job-manager/resume-boundary.ts";
const courseTests = ["test/simulation/rules.test.ts"];
const boundaryTests = ["test/unit/job-manager/resume-boundary.test.ts"];

export const rules: readonly Rule[] = [
  {
    name: "SEGMENT_OPEN is on the disk before the first write",
    section: "2",
    file: manager,
    text: `    await this.#append(token, [segmentOpenRecord(segment)]);
    await this.#writing(token).catalog.synchronise();`,
    instead: `    await this.#append(token, [segmentOpenRecord(segment)]);`,
    tests: managerTests,
  },
  {
    name: "an object is durable only where a segment's end says so",
    section: "2",
    file: claims,
    text: "segment.streamEnd ?? segment.durableTo ?? segment.streamStart,",
    instead: "this.#durableOffset,",
    tests: claimsTests,
  },
  {
    name: "an object is durable only before the last DURABLE",
    section: "2",
    file: claims,
    text: `        (least, end) => (end !== undefined && end < least ? end : least),
        this.#durableOffset,`,
    instead: `        (least, end) => (end !== undefined && end < least ? end : least),
        2n ** 63n,`,
    tests: claimsTests,
  },
  {
    name: "block digests are the only ground for adopting",
    section: "2",
    file: adopted,
    text: "object.lengthBytes === volume.recordSizeBytes && object.digest === announced.digest",
    instead: "object.lengthBytes === volume.recordSizeBytes && announced.digest !== undefined",
    tests: boundaryTests,
  },
  {
    name: "what was not announced is not adopted",
    section: "5, step 4",
    file: adopted,
    text: `      if (!standsBeforeKnownData(records, here, object, segments)) break;
      continue;`,
    instead: "      continue;",
    tests: boundaryTests,
  },
  {
    name: "the adopted prefix ends at the first other block",
    section: "5, step 4",
    file: adopted,
    text: "    if (!isAnnounced(object, announced, facts)) break;",
    instead: "    if (!isAnnounced(object, announced, facts)) continue;",
    tests: boundaryTests,
  },
  {
    name: "DURABLE is on the disk before anybody is told",
    section: "3",
    file: manager,
    text: `    await catalog.append(encodeRecords([record]));
    await catalog.synchronise();
  }

  async volumeClosed(`,
    instead: `    await catalog.append(encodeRecords([record]));
  }

  async volumeClosed(`,
    tests: managerTests,
  },
  {
    name: "a container's number of entries must be its close's",
    section: "3",
    file: container,
    text: "hasher.entries === container.entries && hasher.digest(hash128).equals(container.hash)",
    instead: "hasher.entries >= 0",
    tests: containerTests,
  },
  {
    name: "a container's hash must be its close's: a count is not enough",
    section: "3",
    file: container,
    text: "hasher.entries === container.entries && hasher.digest(hash128).equals(container.hash)",
    instead: "hasher.entries === container.entries",
    tests: containerTests,
  },
  {
    name: "a late frame of another start is dropped",
    section: "4",
    file: manager,
    text: "writing.token.epoch === token.epoch && Buffer.from(writing.token.nonce).equals(Buffer.from(token.nonce))",
    instead: "writing.token.epoch >= 0 && writing.token.nonce.length >= 0",
    tests: managerTests,
  },
  {
    name: "a late frame of another start is known by its nonce",
    section: "4",
    file: manager,
    text: "writing.token.epoch === token.epoch && Buffer.from(writing.token.nonce).equals(Buffer.from(token.nonce))",
    instead: "writing.token.epoch === token.epoch",
    tests: managerTests,
  },
  {
    name: "another block before the boundary: altered",
    section: "5, step 6",
    file: boundary,
    text: "if (mark.lastDigest !== undefined && before.digest !== mark.lastDigest)",
    instead: "if (mark.lastDigest !== undefined && before.digest === undefined)",
    tests: boundaryTests,
  },
  {
    name: "TRUNCATE voids what ends past it: source volumes",
    section: "5, step 7",
    file: claims,
    text: "if (source.done !== undefined && source.done.endOffset > offset) source.done = undefined;",
    instead: "",
    tests: claimsTests,
  },
  {
    name: "TRUNCATE voids what ends past it: objects",
    section: "5, step 7",
    file: claims,
    text: "(truncation) => truncation.ordinal > ordinal && endOffset > truncation.record.streamOffset,",
    instead: "(truncation) => truncation.ordinal > ordinal && endOffset < 0n,",
    tests: [...claimsTests, ...containerTests],
  },
  {
    name: "TRUNCATE voids block digests behind it",
    section: "5, step 7",
    file: claims,
    text: "volume.blocks.truncate(volume.volumeUuid === record.volumeUuid ? record.boundaryBlock : undefined, offset);",
    instead: "",
    tests: claimsTests,
  },
  {
    name: "TRUNCATE and its DURABLE are one frame, on the disk before the first write",
    section: "5, step 7",
    file: manager,
    text: "await this.#start(job, token, [epoch, ...losses, ...pending.records, told], footers);",
    instead: `await this.#start(job, token, [epoch], footers);
    await job.writing?.catalog.append(encodeRecords([...losses, ...pending.records, told]));`,
    tests: managerTests,
  },
  {
    name: "a resume synchronises before any position is asked",
    section: "5, step 1",
    file: "lib/media-server/media-session.ts",
    text: "    await drive.synchronise(0).catch((error: unknown) => {",
    instead: "    await Promise.resolve().catch((error: unknown) => {",
    tests: courseTests,
  },
  {
    name: "a WRITE of unknown outcome is never repeated blindly",
    section: "5",
    file: "lib/device/tape-drive.ts",
    text: "    const outcome = await this.native.writeBlock(data);",
    instead: `    let outcome = await this.native.writeBlock(data);
    if (outcome.result.outcome === "unknown") outcome = await this.native.writeBlock(data);`,
    tests: courseTests,
  },
  {
    name: "a link's claim lives only while its target's does",
    section: "5, step 10",
    file: container,
    text: "    if (!lives) drop.run(link.row, link.name);",
    instead: "",
    tests: containerTests,
  },
  {
    name: "a link's target has the same fingerprint",
    section: "5, step 10",
    file: container,
    text: "      found.fingerprint.equals(link.fingerprint) &&\n",
    instead: "",
    tests: containerTests,
  },
  {
    name: "a link's target stands earlier in the stream",
    section: "5, step 10",
    file: container,
    text: "      found.header_offset < link.header_offset;",
    instead: "      found.header_offset >= 0;",
    tests: containerTests,
  },
  {
    name: "a footer of an older epoch gives nothing back",
    section: "4",
    file: chain,
    text: " || head.epoch < place.epoch ||",
    instead: " ||",
    tests: chainTests,
  },
  {
    name: "a footer counts where the next head goes on",
    section: "4",
    file: chain,
    text: " && behind.streamOffset === streamEnd;",
    instead: ";",
    tests: chainTests,
  },
  {
    name: "a footer behind which a later start is lost gives nothing back",
    section: "4",
    file: chain,
    text: "  return epochBehindDamage > heads",
    instead: "  return epochBehindDamage < 0 * heads",
    tests: chainTests,
  },
  {
    name: "a footer names every segment that counts",
    section: "4",
    file: intake,
    text: "const missing = [...counted, ...before]",
    instead: "const missing = counted.slice(0, 0)",
    tests: intakeTests,
  },
  {
    name: "a lost TRUNCATE comes back with the head of its start",
    section: "4",
    file: intake,
    text: "    ...[restartBefore(claims, segments, index)].filter((restart) => restart !== undefined),\n",
    instead: "",
    tests: intakeTests,
  },
  {
    name: "no source volume is done by a footer once claims are withdrawn",
    section: "4",
    file: intake,
    text: "return !this.#isAnythingLost && ",
    instead: "return ",
    tests: intakeTests,
  },
];
