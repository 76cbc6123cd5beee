// SPDX-License-Identifier: Apache-2.0
/**
 * A relay on the loopback interface between an initiator and a target, which cuts the connection at a chosen place of
 * a chosen command. What passes before and after the place is exact to the byte, so a test that failed fails again.
 */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { PduSplitter } from "./iscsi-pdu.ts";
import type { Pdu } from "./iscsi-pdu.ts";

/**
 * - `beforeRequest`: the target learns nothing of the command;
 * - `insideRequest`: it gets the command and a part of its data, or half of a command without data;
 * - `afterRequest`: it gets everything, and the connection is gone before it can answer;
 * - `beforeResponse`: it has done what it was told, and its answer is held back;
 * - `insideResponse`: a part of its answer passes;
 * - `afterResponse`: its answer passes, and the connection is gone afterwards.
 */
export const cutMoments = [
  "beforeRequest",
  "insideRequest",
  "afterRequest",
  "beforeResponse",
  "insideResponse",
  "afterResponse",
] as const;
export type CutMoment = (typeof cutMoments)[number];

export type CutPoint =
  /** After so many bytes to the target, counted from the call of {@link TcpRelay.cutAt} on. */
  | { readonly kind: "bytes"; readonly bytes: number }
  | {
      readonly kind: "command";
      /** First byte of the CDB. */
      readonly operationCode: number;
      /** 1 is the next one. */
      readonly count: number;
      readonly moment: CutMoment;
      /** How much of the request's data, or of the answer, passes where the cut is inside: from 0 to below 1. */
      readonly fraction: number;
    };

/** What had passed when the connection was cut. */
export interface Cut {
  readonly point: CutPoint;
  /** The target has been given the whole command that was cut; false for a cut by bytes. */
  readonly requestPassed: boolean;
  /** The target has answered it, whether the initiator saw the answer or not. */
  readonly answered: boolean;
}

/** The same number gives the same point. */
export function cutPointOf(seed: number, operationCode: number, countMax: number): CutPoint {
  let state = BigInt(seed);
  // Splitmix64: neighbouring seeds give numbers that have nothing to do with one another.
  const below = (bound: number): number => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let mixed = state;
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return Number((mixed ^ (mixed >> 31n)) % BigInt(bound));
  };
  const moment = cutMoments[below(cutMoments.length)] ?? "insideRequest";
  return { kind: "command", operationCode, count: 1 + below(countMax), moment, fraction: below(1000) / 1000 };
}

interface Armed {
  readonly point: CutPoint;
  readonly resolve: (cut: Cut) => void;
  /** Commands, or bytes, still to come. */
  left: number;
}

export class TcpRelay {
  readonly port: number;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  readonly #commands = new Map<number, number>();
  #connections = 0;
  #armed: Armed | undefined;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (initiator) => {
      this.#connections++;
      const link = new Link(initiator, connect({ port: targetPort, host: "127.0.0.1", allowHalfOpen: true }), this);
      this.#links.add(link);
    });
  }

  /**
   * @example
   * const relay = await TcpRelay.start(library.port);
   * const cut = relay.cutAt(cutPointOf(17, 0x0a, 10));
   * ... write through relay.through(library.driveUrl(0)) until it fails ...
   * const { requestPassed, answered } = await cut;
   */
  static async start(targetPort: number): Promise<TcpRelay> {
    // A half that has been ended must not end the other: what the target was given it shall still read.
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TcpRelay(server, targetPort);
  }

  /** The same address, by way of the relay. */
  through(url: string): string {
    return url.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${this.port}`);
  }

  /** Connections made since the start: more than expected mean that somebody logged in again by itself. */
  get connections(): number {
    return this.#connections;
  }

  /** Commands with this first byte of their CDB of which the target has been given something. */
  commandsPassed(operationCode: number): number {
    return this.#commands.get(operationCode) ?? 0;
  }

  /** Waits for one point; connections made later pass again. Resolves when the cut has been made. */
  async cutAt(point: CutPoint): Promise<Cut> {
    if (this.#armed !== undefined) throw new Error("the relay waits for another point to cut at");
    return new Promise((resolve) => {
      this.#armed = { point, resolve, left: point.kind === "bytes" ? point.bytes : point.count };
    });
  }

  /** Ends every connection at once. */
  cutNow(): void {
    for (const link of this.#links) link.cut();
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const link of this.#links) link.destroy();
    await closed;
  }

  /** For the links: how many of these bytes to the target may pass; undefined where all may. */
  bytesThatPass(length: number): number | undefined {
    const armed = this.#armed;
    if (armed?.point.kind !== "bytes") return undefined;
    if (length < armed.left) {
      armed.left -= length;
      return undefined;
    }
    return armed.left;
  }

  /** For the links: is this the command that is to be cut? */
  isChosen(operationCode: number): Extract<CutPoint, { kind: "command" }> | undefined {
    const armed = this.#armed;
    if (armed?.point.kind !== "command" || armed.point.operationCode !== operationCode) return undefined;
    return --armed.left === 0 ? armed.point : undefined;
  }

  countCommand(operationCode: number): void {
    this.#commands.set(operationCode, this.commandsPassed(operationCode) + 1);
  }

  reportCut(requestPassed: boolean, answered: boolean): void {
    const armed = this.#armed;
    this.#armed = undefined;
    armed?.resolve({ point: armed.point, requestPassed, answered });
  }

  forget(link: Link): void {
    this.#links.delete(link);
  }
}

/** The command that is going to be cut, as far as it has come. */
interface Chosen {
  readonly moment: CutMoment;
  readonly fraction: number;
  readonly taskTag: number;
  readonly dataOutBytes: number;
  dataPassedBytes: number;
}

/** One connection of an initiator, and the one to the target that belongs to it. */
class Link {
  readonly #initiator: Socket;
  readonly #target: Socket;
  readonly #relay: TcpRelay;
  #chosen: Chosen | undefined;
  #isCut = false;

  constructor(initiator: Socket, target: Socket, relay: TcpRelay) {
    this.#initiator = initiator;
    this.#target = target;
    this.#relay = relay;
    const request = new PduSplitter((pdu, piece, offset) => this.#onRequest(pdu, piece, offset));
    const response = new PduSplitter((pdu, piece, offset) => this.#onResponse(pdu, piece, offset));
    this.#pump(initiator, target, (bytes) => this.#onBytesToTarget(bytes, request));
    this.#pump(target, initiator, (bytes) => response.push(bytes));
  }

  /** Ends both halves behind what has been passed; what still comes is thrown away. */
  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    // Not reset: that could overtake the bytes which have passed.
    this.#initiator.end();
    this.#target.end();
  }

  destroy(): void {
    this.#initiator.destroy();
    this.#target.destroy();
  }

  #pump(from: Socket, to: Socket, onData: (bytes: Buffer) => void): void {
    from.setNoDelay(true);
    from.on("data", (bytes: Buffer) => {
      if (this.#isCut) return;
      onData(bytes);
      if (!to.writableNeedDrain) return;
      from.pause();
      to.once("drain", () => from.resume());
    });
    from.once("end", () => this.cut());
    // A connection that breaks down by itself, such as that of a killed target, breaks down on both sides.
    from.on("error", () => this.cut());
    from.once("close", () => {
      to.destroySoon();
      this.#relay.forget(this);
    });
  }

  #onBytesToTarget(bytes: Buffer, request: PduSplitter): void {
    const passing = this.#relay.bytesThatPass(bytes.length);
    request.push(bytes.subarray(0, passing));
    if (passing === undefined) return;
    this.#target.write(request.held);
    this.#cutHere(false, false);
  }

  #onRequest(pdu: Pdu, piece: Buffer, offset: number): void {
    if (this.#isCut) return;
    if (pdu.kind === "command" && offset === 0) this.#choose(pdu);
    const chosen = this.#chosen;
    const belongs = chosen?.taskTag === pdu.taskTag && (pdu.kind === "command" || pdu.kind === "dataOut");
    if (chosen === undefined || !belongs) {
      this.#target.write(piece);
      return;
    }
    if (chosen.moment === "beforeRequest") {
      this.#cutHere(false, false);
    } else if (chosen.moment === "insideRequest") {
      this.#passPartly(chosen, pdu, piece, offset);
    } else {
      this.#target.write(piece);
      chosen.dataPassedBytes += dataIn(pdu, piece, offset);
      const isWhole = offset + piece.length === pdu.totalBytes && chosen.dataPassedBytes >= chosen.dataOutBytes;
      if (isWhole && chosen.moment === "afterRequest") this.#cutHere(true, false);
    }
  }

  #choose(pdu: Pdu): void {
    const point = this.#relay.isChosen(pdu.operationCode);
    if (point?.moment !== "beforeRequest") this.#relay.countCommand(pdu.operationCode);
    if (point === undefined) return;
    const { moment, fraction } = point;
    this.#chosen = { moment, fraction, taskTag: pdu.taskTag, dataOutBytes: pdu.dataOutBytes, dataPassedBytes: 0 };
  }

  #passPartly(chosen: Chosen, pdu: Pdu, piece: Buffer, offset: number): void {
    const isHeader = offset === 0;
    if (chosen.dataOutBytes === 0) {
      // A header alone says everything about a command without data, so half of it must do.
      this.#target.write(piece.subarray(0, piece.length / 2));
      this.#cutHere(false, false);
      return;
    }
    const allowed = Math.floor(chosen.dataOutBytes * chosen.fraction) - chosen.dataPassedBytes;
    const dataBytes = dataIn(pdu, piece, offset);
    if (dataBytes < allowed) {
      this.#target.write(piece);
      chosen.dataPassedBytes += dataBytes;
    } else {
      this.#target.write(isHeader ? piece : piece.subarray(0, allowed));
      this.#cutHere(false, false);
    }
  }

  #onResponse(pdu: Pdu, piece: Buffer, offset: number): void {
    if (this.#isCut) return;
    const chosen = this.#chosen;
    const belongs = chosen?.taskTag === pdu.taskTag && (pdu.kind === "response" || pdu.kind === "dataIn");
    if (chosen === undefined || !belongs) {
      this.#initiator.write(piece);
      return;
    }
    if (chosen.moment === "beforeResponse") {
      // Data before the status would be half an answer; all of it is held back.
      if (pdu.final && offset + piece.length === pdu.totalBytes) this.#cutHere(true, true);
    } else if (chosen.moment === "insideResponse") {
      const allowed = Math.floor(pdu.totalBytes * chosen.fraction);
      this.#initiator.write(piece.subarray(0, Math.max(0, allowed - offset)));
      if (offset + piece.length >= allowed) this.#cutHere(true, pdu.final);
    } else {
      this.#initiator.write(piece);
      if (pdu.final && offset + piece.length === pdu.totalBytes) this.#cutHere(true, true);
    }
  }

  #cutHere(requestPassed: boolean, answered: boolean): void {
    this.cut();
    this.#relay.reportCut(requestPassed, answered);
  }
}

/** How many bytes of a piece are data: neither header nor padding. */
function dataIn(pdu: Pdu, piece: Buffer, offset: number): number {
  if (offset === 0) return 0;
  const dataEnd = pdu.totalBytes - (Math.ceil(pdu.dataBytes / 4) * 4 - pdu.dataBytes);
  const dataStart = dataEnd - pdu.dataBytes;
  return Math.max(0, Math.min(offset + piece.length, dataEnd) - Math.max(offset, dataStart));
}
