// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { grants, mayClaim, servedBefore, shouldGiveWay, standingBefore } from "../../../lib/media/drive-order.ts";
import type { OrderedRequest } from "../../../lib/media/drive-order.ts";

type Fields = Partial<OrderedRequest>;

function waiting(ticket: number, fields: Fields = {}): OrderedRequest {
  return {
    ticket,
    priority: 0,
    state: "waiting",
    drivesWanted: 1,
    among: [0, 1],
    volumeTags: [],
    drives: [],
    givesWay: false,
    ...fields,
  };
}

function holding(ticket: number, drives: readonly number[], fields: Fields = {}): OrderedRequest {
  return waiting(ticket, { state: "holding", drivesWanted: drives.length, among: drives, drives, ...fields });
}

const granted = (...requests: readonly OrderedRequest[]): Record<number, readonly number[]> =>
  Object.fromEntries(grants(requests));

const tags = ["A", "B", "C"];

/** What somebody asks for; few drives, cartridges and priorities, so that they meet. */
const wish: fc.Arbitrary<Fields> = fc
  .record({
    among: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1 }),
    drivesWanted: fc.integer({ min: 0, max: 3 }),
    priority: fc.integer({ min: 0, max: 2 }),
    volumeTags: fc.shuffledSubarray(tags, { maxLength: 2 }),
  })
  .map((fields) => ({ ...fields, drivesWanted: Math.min(fields.drivesWanted, fields.among.length) }));

/** A table as processes change it, one at a time. */
class Queue {
  requests: readonly OrderedRequest[] = [];
  readonly order: number[] = [];
  #tickets = 0;

  ask(fields: Fields): void {
    this.requests = [...this.requests, waiting(this.#tickets++, fields)];
  }

  /** Each looks by itself and takes only what is its own; `first` says who is quicker. */
  settle(first: (tickets: readonly number[]) => number = (tickets) => tickets[0] ?? 0): void {
    for (;;) {
      const now = grants(this.requests);
      if (now.size === 0) return;
      const ticket = first([...now.keys()]);
      this.order.push(ticket);
      this.#change(ticket, { state: "holding", drives: now.get(ticket) ?? [] });
      this.check();
    }
  }

  leave(ticket: number): void {
    this.requests = this.requests.filter((request) => request.ticket !== ticket);
  }

  claim(ticket: number, tag: string): void {
    const own = this.requests.find((request) => request.ticket === ticket);
    if (own === undefined || own.volumeTags.includes(tag) || !mayClaim(this.requests, own, tag)) return;
    this.#change(ticket, { volumeTags: [...own.volumeTags, tag] });
    this.check();
  }

  unclaim(ticket: number, tag: string): void {
    const own = this.requests.find((request) => request.ticket === ticket);
    this.#change(ticket, { volumeTags: own?.volumeTags.filter((other) => other !== tag) ?? [] });
  }

  holders(): readonly OrderedRequest[] {
    return this.requests.filter(({ state }) => state === "holding");
  }

  check(): void {
    const holders = this.holders();
    const drives = holders.flatMap((holder) => holder.drives);
    expect(new Set(drives).size, "a drive twice").to.equal(drives.length);
    const held = holders.flatMap(({ volumeTags }) => volumeTags);
    expect(new Set(held).size, "a cartridge twice").to.equal(held.length);
    for (const holder of holders) {
      expect(holder.drives).to.have.lengthOf(holder.drivesWanted);
      expect(holder.among).to.include.members([...holder.drives]);
    }
  }

  #change(ticket: number, fields: Fields): void {
    this.requests = this.requests.map((request) => (request.ticket === ticket ? { ...request, ...fields } : request));
  }
}

/** One thing that happens; numbers choose whom it happens to. */
const event = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("ask" as const), fields: wish }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("release" as const), whom: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("leave" as const), whom: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("claim" as const, "unclaim" as const),
      whom: fc.nat(),
      tag: fc.constantFrom(...tags),
    }),
  },
);

function happen(queue: Queue, what: typeof event extends fc.Arbitrary<infer Event> ? Event : never): void {
  if (what.kind === "ask") {
    queue.ask(what.fields);
    return;
  }
  const from = what.kind === "leave" ? queue.requests : queue.holders();
  const ticket = from[what.whom % from.length]?.ticket;
  if (ticket === undefined) return;
  if (what.kind === "claim") queue.claim(ticket, what.tag);
  else if (what.kind === "unclaim") queue.unclaim(ticket, what.tag);
  else queue.leave(ticket);
}

describe("order of drive requests", () => {
  describe("grants", () => {
    it("gives the best drives that are free, to the more urgent first, among equals to the one that asked first", () => {
      expect(granted(waiting(1, { among: [1, 0] }), waiting(2))).to.deep.equal({ 1: [1], 2: [0] });
      expect(granted(waiting(1), waiting(2), waiting(3))).to.deep.equal({ 1: [0], 2: [1] });
      expect(granted(waiting(1), waiting(2), waiting(3, { priority: 1 }))).to.deep.equal({ 3: [0], 1: [1] });
      expect(granted(waiting(1), holding(2, [0]), waiting(3))).to.deep.equal({ 1: [1] });
    });

    it("gives two drives at once or none, and keeps the free one for who waits for two", () => {
      const two = waiting(2, { drivesWanted: 2 });
      expect(granted(holding(1, [0]), two, waiting(3))).to.deep.equal({});
      expect(granted(two, waiting(3))).to.deep.equal({ 2: [0, 1] });
      // A more urgent one goes before it.
      expect(granted(holding(1, [0]), two, waiting(3, { priority: 1 }))).to.deep.equal({ 3: [1] });
      // One that wants nothing of what it waits for does, too.
      expect(granted(holding(1, [0]), two, waiting(3, { among: [1, 2] }))).to.deep.equal({ 3: [2] });
    });

    it("keeps a cartridge for who waits for it", () => {
      const first = waiting(2, { among: [0], volumeTags: ["A"] });
      expect(granted(holding(1, [0]), first, waiting(3, { among: [1], volumeTags: ["A"] }))).to.deep.equal({});
      expect(granted(holding(1, [0]), first, waiting(3, { among: [1], volumeTags: ["B"] }))).to.deep.equal({ 3: [1] });
    });

    it("leaves no drive idle for who waits for a cartridge that comes back with a drive", () => {
      const wantsTape = waiting(2, { volumeTags: ["A"] });
      expect(granted(holding(1, [0], { volumeTags: ["A"] }), wantsTape, waiting(3))).to.deep.equal({ 3: [1] });
      // The drive that comes back will not do: the free one is kept.
      const elsewhere = holding(1, [2], { volumeTags: ["A"] });
      expect(granted(elsewhere, wantsTape, waiting(3, { among: [0] }))).to.deep.equal({});
      expect(granted(elsewhere, wantsTape, waiting(3, { among: [0, 1] }))).to.deep.equal({ 3: [1] });
      // One drive comes back, two are needed.
      const wantsTwo = waiting(2, { drivesWanted: 2, volumeTags: ["A"] });
      expect(granted(holding(1, [0], { volumeTags: ["A"] }), wantsTwo, waiting(3))).to.deep.equal({});
    });

    it("promises a drive that comes back to one request only", () => {
      const holder = holding(1, [0], { volumeTags: ["A", "B"] });
      const requests = [holder, waiting(2, { volumeTags: ["A"] }), waiting(3, { volumeTags: ["B"] }), waiting(4)];
      expect(granted(...requests)).to.deep.equal({});
      // Who waits for somebody who waits himself is served after him, by the same drive.
      const chain = [holder, waiting(2, { volumeTags: ["A"] }), waiting(3, { volumeTags: ["A"] }), waiting(4)];
      expect(granted(...chain)).to.deep.equal({ 4: [1] });
    });

    it("grants whatever is alone, also cartridges without a drive", () => {
      fc.assert(
        fc.property(wish, (fields) => {
          expect(grants([waiting(1, fields)]).get(1)).to.deep.equal(fields.among?.slice(0, fields.drivesWanted));
        }),
      );
      expect(granted(holding(1, [0, 1]), waiting(2, { drivesWanted: 0, volumeTags: ["A"] }))).to.deep.equal({ 2: [] });
    });

    it("gives nothing twice, and everybody his turn, whatever comes and goes", () => {
      fc.assert(
        fc.property(fc.array(event, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (events, luck) => {
          const chance = (): number => Number(luck.next().value);
          const queue = new Queue();
          const anyOf = (tickets: readonly number[]): number => tickets[chance() % tickets.length] ?? 0;
          for (const what of events) {
            happen(queue, what);
            queue.check();
            // Who could go on may be slow to notice.
            if (chance() % 3 > 0) queue.settle(anyOf);
          }
          while (queue.requests.length > 0) {
            queue.settle(anyOf);
            const holders = queue.holders();
            expect(holders, "nobody has anything, and nobody goes on").not.to.have.lengthOf(0);
            queue.leave(anyOf(holders.map(({ ticket }) => ticket)));
          }
        }),
        { numRuns: 1000 },
      );
    });

    it("makes the same promises before and after one has taken what it was granted", () => {
      const others = [
        holding(2, [0], { volumeTags: ["A", "B"] }),
        waiting(3, { volumeTags: ["A", "C"] }),
        waiting(4, { among: [0, 2], volumeTags: ["B"] }),
        waiting(5, { among: [2] }),
      ];
      expect(granted(waiting(1, { among: [1], volumeTags: ["C"] }), ...others)).to.deep.equal({ 1: [1], 5: [2] });
      expect(granted(holding(1, [1], { volumeTags: ["C"] }), ...others)).to.deep.equal({ 5: [2] });
    });

    it("gives the same whoever looks first", () => {
      fc.assert(
        fc.property(fc.array(event, { maxLength: 20 }), (events) => {
          const queue = new Queue();
          for (const what of events.slice(0, -4)) happen(queue, what);
          queue.settle();
          for (const what of events.slice(-4)) happen(queue, what);
          const other = new Queue();
          other.requests = queue.requests;
          queue.settle((tickets) => tickets[0] ?? 0);
          other.settle((tickets) => tickets.at(-1) ?? 0);
          expect(other.requests).to.deep.equal(queue.requests);
        }),
        { numRuns: 1000 },
      );
    });

    it("serves those who want the same in the order of asking", () => {
      const same: Fields = { among: [2, 0, 1, 3] };
      fc.assert(
        fc.property(
          fc.array(fc.record({ priority: fc.integer({ min: 0, max: 2 }), leaves: fc.array(fc.nat()) })),
          (steps) => {
            const queue = new Queue();
            // They come all before the first is served, so that nobody has come too late to be before another one.
            for (const { priority } of steps) queue.ask({ ...same, priority });
            const expected = queue.requests.toSorted(servedBefore).map(({ ticket }) => ticket);
            for (let turn = 0; queue.requests.length > 0; turn++) {
              queue.settle();
              const holders = queue.holders();
              const leaving = holders[(steps[turn]?.leaves[0] ?? 0) % holders.length];
              queue.leave(leaving?.ticket ?? -1);
            }
            expect(queue.order).to.deep.equal(expected);
          },
        ),
      );
    });

    it("never delays the first in the order by those behind it, even if they keep what they get for ever", () => {
      const inOrder = fc.array(wish, { minLength: 1, maxLength: 8 });
      fc.assert(
        fc.property(inOrder, wish, inOrder, fc.infiniteStream(fc.nat()), (before, head, behind, luck) => {
          const queue = new Queue();
          for (const fields of before) queue.ask({ ...fields, priority: 2 });
          queue.settle();
          // Only those that have got something stand before it.
          for (const { ticket, state } of queue.requests) if (state === "waiting") queue.leave(ticket);
          const holders = queue.holders().map(({ ticket }) => ticket);
          queue.ask({ ...head, priority: 1 });
          const headTicket = queue.requests.at(-1)?.ticket ?? -1;
          const alone = new Queue();
          alone.requests = queue.requests;
          for (const fields of behind) queue.ask({ ...fields, priority: 0 });
          const isServed = (line: Queue): boolean => line.order.includes(headTicket);
          for (;;) {
            queue.settle();
            alone.settle();
            expect(isServed(queue), "with others behind it").to.equal(isServed(alone));
            if (isServed(queue)) return;
            const leaving = holders.splice(Number(luck.next().value) % holders.length, 1)[0] ?? -1;
            queue.leave(leaving);
            alone.leave(leaving);
          }
        }),
        { numRuns: 1000 },
      );
    });
  });

  describe("who stands before a request", () => {
    it("is who has something of what it wants, and who comes first and wants the same", () => {
      const requests = [
        holding(1, [0]),
        holding(2, [3]),
        holding(3, [2], { volumeTags: ["A"] }),
        waiting(4, { among: [1] }),
        waiting(5, { among: [3], volumeTags: ["A"] }),
        waiting(6, { among: [3] }),
        waiting(7, { volumeTags: ["A"] }),
        waiting(8),
        waiting(9, { priority: 1 }),
      ];
      const own = requests[6] ?? waiting(7);
      expect(standingBefore(requests, own).map(({ ticket }) => ticket)).to.deep.equal([1, 3, 4, 5, 9]);
    });

    it("is somebody, wherever a request is not granted", () => {
      fc.assert(
        fc.property(fc.array(event, { maxLength: 30 }), (events) => {
          const queue = new Queue();
          for (const what of events) {
            happen(queue, what);
            queue.settle();
          }
          for (const request of queue.requests.filter(({ state }) => state === "waiting")) {
            expect(standingBefore(queue.requests, request)).not.to.have.lengthOf(0);
          }
        }),
      );
    });
  });

  describe("a further cartridge", () => {
    const holder = holding(5, [0], { priority: 1 });
    const isFree = (...others: readonly OrderedRequest[]): boolean => mayClaim([holder, ...others], holder, "A");

    it("can be claimed unless another one has it, or waits for it and comes first", () => {
      expect(isFree()).to.equal(true);
      expect(isFree(holding(9, [1], { volumeTags: ["A"] }))).to.equal(false);
      expect(isFree(holding(9, [1], { volumeTags: ["B"] }))).to.equal(true);
      expect(isFree(waiting(9, { priority: 1, volumeTags: ["A"] }))).to.equal(true);
      expect(isFree(waiting(9, { priority: 2, volumeTags: ["A"] }))).to.equal(false);
      expect(isFree(waiting(3, { priority: 1, volumeTags: ["A"] }))).to.equal(false);
    });

    it("is still claimable by who has it", () => {
      const owner = holding(1, [0], { volumeTags: ["A"] });
      expect(mayClaim([owner, holding(2, [1])], owner, "A")).to.equal(true);
    });
  });

  describe("giving way", () => {
    /** Asks the holders one after the other, and remembers what each was told. */
    function told(requests: readonly OrderedRequest[], ...asking: readonly number[]): readonly number[] {
      let now = requests;
      for (const ticket of asking) {
        const own = now.find((request) => request.ticket === ticket);
        if (own === undefined) continue;
        const givesWay = shouldGiveWay(now, own);
        now = now.map((request) => (request === own ? { ...own, givesWay } : request));
      }
      return now.filter(({ givesWay }) => givesWay).map(({ ticket }) => ticket);
    }
    const urgent = (fields: Fields = {}): OrderedRequest => waiting(9, { priority: 1, ...fields });

    it("is asked for only by a more urgent one", () => {
      expect(told([holding(1, [0]), urgent({ among: [0] })], 1)).to.deep.equal([1]);
      expect(told([holding(1, [0]), waiting(9, { among: [0] })], 1)).to.deep.equal([]);
      expect(told([holding(1, [0], { priority: 2 }), urgent({ among: [0] })], 1)).to.deep.equal([]);
      expect(told([holding(1, [0], { priority: 1 }), holding(2, [1]), urgent()], 1, 2)).to.deep.equal([2]);
    });

    it("is asked for where it helps, and only there", () => {
      // The other drive is free: it will be granted as it is.
      expect(told([holding(1, [0]), urgent()], 1)).to.deep.equal([]);
      // It wants another drive.
      expect(told([holding(1, [0]), holding(2, [1]), urgent({ among: [1] })], 1)).to.deep.equal([]);
      // Its cartridge is in the hands of an equal, who will not give way.
      const equal = holding(2, [1], { priority: 1, volumeTags: ["A"] });
      expect(told([holding(1, [0]), equal, urgent({ volumeTags: ["A"] })], 1, 2)).to.deep.equal([]);
      expect(told([holding(1, [0]), equal, urgent({ among: [0], volumeTags: ["A"] })], 1, 2)).to.deep.equal([]);
    });

    it("is asked of the first that asks where one is enough", () => {
      const requests = [holding(1, [0]), holding(2, [1]), urgent()];
      expect(told(requests, 1, 2, 1)).to.deep.equal([1]);
      expect(told(requests, 2, 1, 2)).to.deep.equal([2]);
      // A second urgent one needs the second drive.
      expect(told([...requests, urgent({ ticket: 10 })], 1, 2)).to.deep.equal([1, 2]);
    });

    it("is asked of two where two drives are wanted", () => {
      const among = [0, 1, 2];
      const requests = [holding(1, [0]), holding(2, [1]), holding(3, [2]), urgent({ drivesWanted: 2, among })];
      expect(told(requests, 3, 1, 2)).to.deep.equal([1, 3]);
    });

    it("is asked of who has the cartridge, not of who only has a drive", () => {
      const owner = holding(2, [1], { volumeTags: ["A"] });
      expect(told([holding(1, [0]), owner, urgent({ volumeTags: ["A"] })], 1, 2, 1)).to.deep.equal([2]);
      // The owner's drive will not do: another one is needed as well.
      const elsewhere = holding(2, [7], { volumeTags: ["A"] });
      const requests = [holding(1, [0]), elsewhere, urgent({ among: [0], volumeTags: ["A"] })];
      expect(told(requests, 1, 2)).to.deep.equal([1, 2]);
    });

    it("is over when the urgent one does not wait any more", () => {
      expect(shouldGiveWay([holding(1, [0], { givesWay: true })], holding(1, [0], { givesWay: true }))).to.equal(false);
    });

    it("lets the most urgent one go on as soon as all who were told have given back", () => {
      fc.assert(
        fc.property(fc.array(wish, { maxLength: 6 }), wish, fc.infiniteStream(fc.nat()), (others, fields, luck) => {
          const queue = new Queue();
          for (const other of others) queue.ask(other);
          queue.settle();
          const holders = queue.holders().map(({ ticket }) => ticket);
          const asking = holders.toSorted(() => (Number(luck.next().value) % 2) - 1);
          const request = waiting(99, { ...fields, priority: 3 });
          const leaving = told([...queue.requests, request], ...asking);
          const rest = queue.requests.filter(({ ticket }) => !leaving.includes(ticket));
          expect(grants([...rest, request]).has(99)).to.equal(true);
        }),
        { numRuns: 500 },
      );
    });
  });

  it("has an order for any priorities", () => {
    const never = waiting(1, { priority: -Infinity });
    const sorted = [never, waiting(2), waiting(3, { priority: Infinity }), waiting(4, { priority: -Infinity })];
    expect(sorted.toSorted(servedBefore).map(({ ticket }) => ticket)).to.deep.equal([3, 2, 1, 4]);
  });
});
