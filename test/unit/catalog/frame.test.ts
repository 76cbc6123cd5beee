// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import * as frames from "../../../lib/catalog/frame.ts";
import type { Frame } from "../../../lib/catalog/frame.ts";

/** A chain of frames, and where each ends. */
function chain(payloads: readonly Uint8Array[]): { readonly bytes: Buffer; readonly ends: readonly number[] } {
  const pieces: Buffer[] = [];
  const ends: number[] = [];
  let previousCrc = 0;
  payloads.forEach((payload, index) => {
    const header = { sequence: BigInt(index + 1), epoch: 1, nonce: Buffer.alloc(8, 5), previousCrc, synchronised: 0n };
    const { bytes, crc } = frames.encodeFrame(header, payload);
    previousCrc = crc;
    pieces.push(bytes);
    ends.push((ends.at(-1) ?? 0) + bytes.length);
  });
  return { bytes: Buffer.concat(pieces), ends };
}

function validPrefix(bytes: Buffer): Frame[] {
  const found: Frame[] = [];
  for (let offset = 0; ;) {
    const frame = frames.decodeFrame(bytes, offset);
    if (frame === undefined || !frames.follows(frame, found.at(-1))) return found;
    found.push(frame);
    offset += frame.frameBytes;
  }
}

const payloads = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 12 });

describe("frames", () => {
  it("give back what was put in", () => {
    fc.assert(
      fc.property(payloads, (list) => {
        const { bytes } = chain(list);
        expect(validPrefix(bytes).map(({ payload }) => payload.toString("hex"))).to.deep.equal(
          list.map((payload) => Buffer.from(payload).toString("hex")),
        );
      }),
    );
  });

  it("cut at any byte leave exactly the frames before the cut", () => {
    fc.assert(
      fc.property(payloads, fc.nat(), (list, at) => {
        const { bytes, ends } = chain(list);
        const cut = at % (bytes.length + 1);
        expect(validPrefix(bytes.subarray(0, cut)).length).to.equal(ends.filter((end) => end <= cut).length);
      }),
    );
  });

  it("with any bit flipped leave exactly the frames before it", () => {
    fc.assert(
      fc.property(payloads, fc.nat(), fc.nat(7), (list, at, bit) => {
        const { bytes, ends } = chain(list);
        const flipped = at % bytes.length;
        bytes[flipped] = bytes[flipped]! ^ (1 << bit);
        expect(validPrefix(bytes).length).to.equal(ends.filter((end) => end <= flipped).length);
      }),
    );
  });

  it("do not follow when one is missing, doubled or exchanged", () => {
    const { bytes, ends } = chain([Buffer.from("a"), Buffer.from("b"), Buffer.from("c")]);
    const [one, two, three] = [bytes.subarray(0, ends[0]), bytes.subarray(ends[0], ends[1]), bytes.subarray(ends[1])];
    expect(validPrefix(Buffer.concat([one, three])).length).to.equal(1);
    expect(validPrefix(Buffer.concat([one, one])).length).to.equal(1);
    expect(validPrefix(Buffer.concat([two, one])).length).to.equal(0);
  });

  it("refuse lengths that no frame has", () => {
    const header = { sequence: 1n, epoch: 1, nonce: Buffer.alloc(8), previousCrc: 0, synchronised: 0n };
    expect(() => frames.encodeFrame(header, { length: frames.payloadMaximumBytes + 1 } as Uint8Array)).to.throw(
      RangeError,
    );
    expect(() => frames.encodeFrame({ ...header, nonce: Buffer.alloc(7) }, Buffer.alloc(0))).to.throw(RangeError);
    const { bytes } = frames.encodeFrame(header, Buffer.alloc(0));
    bytes.writeUInt32BE(0xffffffff, 4);
    expect(frames.decodeFrame(bytes)).to.equal(undefined);
  });
});
