// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import type { AttentionNews } from "../../../lib/media-server/attention-news.ts";
import { newsOf } from "../../../lib/media-server/attention-news.ts";

const attention = (asc: number, ascq: number) => ({
  sense: {
    deferred: false,
    senseKey: 6,
    asc,
    ascq,
    filemark: false,
    endOfMedium: false,
    incorrectLength: false,
    raw: Buffer.alloc(0),
  },
});

describe("what unit attentions say about a job that is writing", () => {
  const rows: readonly (readonly [id: string, codes: readonly (readonly [number, number])[], news: AttentionNews])[] = [
    ["U1 medium changed", [[0x28, 0]], "position"],
    ["U2 reset", [[0x29, 0]], "position"],
    ["U2 nexus lost", [[0x29, 7]], "position"],
    ["U3 mode parameters changed", [[0x2a, 1]], "settings"],
    ["U4 reservations preempted", [[0x2a, 3]], "position"],
    ["U4 registrations preempted", [[0x2a, 5]], "position"],
    ["U5 commands cleared by another", [[0x2f, 0]], "position"],
    ["U6 microcode", [[0x3f, 1]], "position"],
    ["U6 inquiry data changed", [[0x3f, 3]], "position"],
    ["U7 eject button", [[0x5a, 1]], "ejectWanted"],
    ["log parameters changed", [[0x2a, 2]], "harmless"],
    ["a warning of temperature", [[0x0b, 1]], "harmless"],
    ["vendor's own", [[0x80, 1]], "position"],
    [
      "U10 the gravest of several",
      [
        [0x2a, 1],
        [0x5a, 1],
        [0x29, 0],
        [0x2a, 2],
      ],
      "position",
    ],
    [
      "U10 a wish behind a change of settings",
      [
        [0x2a, 1],
        [0x5a, 1],
      ],
      "ejectWanted",
    ],
  ];
  for (const [id, codes, news] of rows) {
    it(`${id}: ${news}`, () => expect(newsOf(codes.map(([asc, ascq]) => attention(asc, ascq)))).to.equal(news));
  }
});
