// SPDX-License-Identifier: Apache-2.0
/**
 * Whose turn it is. Requests stand in a strict order: the more urgent first, among equals the one that asked first. What
 * an earlier one needs is kept for it, and a later one may only have what is left; so nobody waits for ever, however
 * many small requests arrive while a large one waits.
 */

/** A request that waits, or has what it asked for. */
export interface OrderedRequest {
  /** Counts the requests in the order of asking. */
  readonly ticket: number;
  readonly priority: number;
  readonly state: "waiting" | "holding";
  readonly drivesWanted: number;
  /** Drives that will do, best first. */
  readonly among: readonly number[];
  readonly volumeTags: readonly string[];
  /** Of a holder: the drives it has. */
  readonly drives: readonly number[];
  /** A holder that has been told that it is wanted, and is about to give everything back. */
  readonly givesWay: boolean;
}

/** Negative where `left` is served before `right`. */
export function servedBefore(left: OrderedRequest, right: OrderedRequest): number {
  // Not a difference: there is none between two infinities.
  if (left.priority !== right.priority) return left.priority > right.priority ? -1 : 1;
  return left.ticket - right.ticket;
}

/** Somebody who must give back before others go on, and those of its drives that nobody counts on yet. */
interface Blocker {
  readonly ticket: number;
  readonly volumeTags: readonly string[];
  unpromised: readonly number[];
}

/**
 * The waiting requests that can be granted now, each with its drives. It is all or nothing. One that must go on waiting
 * keeps free drives from all later ones - but only those that it would still lack when the requests that have its
 * cartridges are over: their drives come back with the cartridges. Without that, two restores from one cartridge would
 * occupy two drives and use one.
 *
 * So the first in the order is never delayed by what is granted behind it, as long as cartridges come back together with
 * drives. A holder that gives back a cartridge alone may make it wait for one drive more: for the next that comes free.
 */
export function grants(requests: readonly OrderedRequest[]): ReadonlyMap<number, readonly number[]> {
  const holders = requests.filter(({ state }) => state === "holding");
  const taken = new Set(holders.flatMap(({ drives }) => drives));
  const blockers: Blocker[] = holders.map(({ ticket, volumeTags, drives }) => ({
    ticket,
    volumeTags,
    unpromised: drives,
  }));
  const granted = new Map<number, readonly number[]>();
  for (const request of waitingInOrder(requests)) {
    const { drivesWanted, among, volumeTags, ticket } = request;
    const available = among.filter((drive) => !taken.has(drive));
    const inTheWay = blockers.filter((blocker) => haveCommon(blocker.volumeTags, volumeTags));
    let drives: readonly number[];
    if (inTheWay.length === 0 && available.length >= drivesWanted) {
      drives = available.slice(0, drivesWanted);
      granted.set(ticket, drives);
    } else {
      const promised = promise(inTheWay, among, drivesWanted);
      drives = [...promised, ...available.slice(0, drivesWanted - promised.length)];
    }
    for (const drive of drives) taken.add(drive);
    blockers.push({ ticket, volumeTags, unpromised: drives });
  }
  return granted;
}

/** Drives that come back from those in the way. Each stands in one blocker's list, and is promised to one request. */
function promise(inTheWay: readonly Blocker[], among: readonly number[], wanted: number): readonly number[] {
  const promised: number[] = [];
  // In an order that a grant does not change: else it would matter which of two that are granted takes its drives first.
  for (const blocker of inTheWay.toSorted((left, right) => left.ticket - right.ticket)) {
    const fitting = blocker.unpromised.filter((drive) => among.includes(drive));
    const drives = fitting.slice(0, wanted - promised.length);
    promised.push(...drives);
    blocker.unpromised = blocker.unpromised.filter((drive) => !drives.includes(drive));
  }
  return promised;
}

/** Those that a waiting request waits for: holders of what it wants, and earlier ones that want it too. */
export function standingBefore<Request extends OrderedRequest>(
  requests: readonly Request[],
  waiting: OrderedRequest,
): readonly Request[] {
  return requests.filter((other) => {
    if (other.ticket === waiting.ticket) return false;
    const drives = other.state === "holding" ? other.drives : other.among;
    const wantsTheSame = haveCommon(drives, waiting.among) || haveCommon(other.volumeTags, waiting.volumeTags);
    return wantsTheSame && (other.state === "holding" || servedBefore(other, waiting) < 0);
  });
}

/** May this holder take one cartridge more? Not where somebody else has it, or waits for it and comes first. */
export function mayClaim(requests: readonly OrderedRequest[], claimer: OrderedRequest, volumeTag: string): boolean {
  return !requests.some(
    (other) =>
      other.ticket !== claimer.ticket &&
      other.volumeTags.includes(volumeTag) &&
      (other.state === "holding" || servedBefore(other, claimer) < 0),
  );
}

/**
 * Should this holder give way? It should where a more urgent request waits that needs something of what it has, that
 * would be granted if less urgent ones gave way, and for which not enough of them have been told so already. Of several
 * that would do, it is the first that asks; the others keep what they have.
 */
export function shouldGiveWay(requests: readonly OrderedRequest[], holder: OrderedRequest): boolean {
  const remaining = requests.filter((other) => !other.givesWay || other.ticket === holder.ticket);
  return waitingInOrder(remaining).some(
    (waiting) => waiting.priority > holder.priority && isWantedBy(remaining, holder, waiting),
  );
}

function isWantedBy(requests: readonly OrderedRequest[], holder: OrderedRequest, waiting: OrderedRequest): boolean {
  const isGrantedWithout = (leaving: readonly OrderedRequest[]): boolean =>
    grants(requests.filter((request) => !leaving.includes(request))).has(waiting.ticket);
  const lessUrgent = requests.filter(({ state, priority }) => state === "holding" && priority < waiting.priority);
  if (!isGrantedWithout(lessUrgent)) return false;
  const mustLeave = lessUrgent.filter(({ volumeTags }) => haveCommon(volumeTags, waiting.volumeTags));
  if (mustLeave.some(({ ticket }) => ticket === holder.ticket)) return true;
  return !isGrantedWithout(mustLeave) && haveCommon(holder.drives, waiting.among);
}

function waitingInOrder(requests: readonly OrderedRequest[]): readonly OrderedRequest[] {
  return requests.filter(({ state }) => state === "waiting").toSorted(servedBefore);
}

function haveCommon<Value>(left: readonly Value[], right: readonly Value[]): boolean {
  return left.some((value) => right.includes(value));
}
