// SPDX-License-Identifier: Apache-2.0
/** The relay cuts where it says it does: a test of lost answers is worth no more than that. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { promisify } from "node:util";
import { expect } from "chai";
import { needs } from "../needs.ts";
import { PduSplitter } from "../peers/iscsi-pdu.ts";
import { TcpRelay, cutMoments, cutPointOf } from "../peers/tcp-relay.ts";
import type { Cut, CutMoment } from "../peers/tcp-relay.ts";
import { TgtLibrary } from "../peers/tgt.ts";

const run = promisify(execFile);
const write6 = 0x0a;
const headerBytes = 48;
const answerBytes = 48 + 96;
/** Not a multiple of four, so that there is padding. */
const immediateBytes = 1001;
const laterBytes = 3000;
/** Of one whole WRITE: the command with immediate data, one Data-Out unit. */
const requestBytes = headerBytes + 1004 + headerBytes + laterBytes;

function unit(kind: number, flags: number, taskTag: number, data: Buffer): Buffer {
  const bytes = Buffer.alloc(headerBytes + Math.ceil(data.length / 4) * 4);
  bytes.set([kind, flags]);
  bytes.writeUIntBE(data.length, 5, 3);
  bytes.writeUInt32BE(taskTag, 16);
  bytes.set(data, headerBytes);
  return bytes;
}

function writeRequest(taskTag: number): Buffer {
  const command = unit(0x01, 0xa0, taskTag, Buffer.alloc(immediateBytes, "i"));
  command.writeUInt32BE(immediateBytes + laterBytes, 20);
  command[32] = write6;
  return Buffer.concat([command, unit(0x05, 0x80, taskTag, Buffer.alloc(laterBytes, "l"))]);
}

/** Answers each WRITE when all of its data is there, and keeps count of what it was given. */
class FakeTarget {
  readonly server: Server = createServer();
  receivedBytes = 0;
  readonly written: number[] = [];
  readonly #onEnd: (() => void)[] = [];

  constructor() {
    this.server.on("connection", (socket) => {
      let dataBytes = 0;
      const splitter = new PduSplitter((pdu, piece, offset) => {
        if (offset + piece.length < pdu.totalBytes) return;
        dataBytes += pdu.dataBytes;
        if (dataBytes < immediateBytes + laterBytes) return;
        dataBytes = 0;
        this.written.push(pdu.taskTag);
        socket.write(unit(0x21, 0x80, pdu.taskTag, Buffer.alloc(96, "a")));
      });
      socket.on("data", (bytes: Buffer) => {
        this.receivedBytes += bytes.length;
        splitter.push(bytes);
      });
      socket.on("error", () => undefined);
      socket.once("end", () => this.#onEnd.splice(0).forEach((resolve) => resolve()));
    });
  }

  /** Resolves when the next connection has ended and everything before has been read. */
  async nextEnd(): Promise<void> {
    return new Promise((resolve) => this.#onEnd.push(resolve));
  }

  async listen(): Promise<number> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return (this.server.address() as AddressInfo).port;
  }
}

async function readAll(socket: Socket): Promise<number> {
  let bytes = 0;
  socket.on("data", (piece: Buffer) => (bytes += piece.length));
  await once(socket, "end");
  return bytes;
}

describe("TCP relay", () => {
  let target: FakeTarget;
  let relay: TcpRelay;

  beforeEach(async () => {
    target = new FakeTarget();
    relay = await TcpRelay.start(await target.listen());
  });

  afterEach(async () => {
    await relay.stop();
    target.server.close();
  });

  /** Sends three WRITEs, each after the other's answer, until the connection ends. */
  async function writeThree(pieceBytes: number): Promise<number> {
    const socket = connect({ port: relay.port, host: "127.0.0.1", noDelay: true });
    let answered = 0;
    const send = (): void => {
      const request = writeRequest(answered + 1);
      for (let at = 0; at < request.length; at += pieceBytes) socket.write(request.subarray(at, at + pieceBytes));
    };
    socket.on("data", (bytes: Buffer) => {
      answered += bytes.length / answerBytes;
      if (answered === 3) socket.end();
      else if (Number.isInteger(answered)) send();
    });
    const received = readAll(socket);
    send();
    const bytes = await received;
    socket.destroy();
    return bytes;
  }

  it("lets everything pass that it was not told to cut, however it is cut into pieces", async () => {
    for (const pieceBytes of [7, 48, 1000, 1e6]) expect(await writeThree(pieceBytes)).to.equal(3 * answerBytes);
    expect(target.written).to.deep.equal([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
    expect(target.receivedBytes).to.equal(12 * requestBytes);
    expect([relay.connections, relay.commandsPassed(write6)]).to.deep.equal([4, 12]);
  });

  /** Of the second of three WRITEs: bytes to the target, bytes of the answer, blocks written. */
  const places: Readonly<Record<CutMoment, readonly [toTarget: number, toInitiator: number, written: number]>> = {
    beforeRequest: [0, 0, 1],
    // Half of the data: all of the immediate data, and of the other what is missing to the half.
    insideRequest: [headerBytes + 1004 + headerBytes + (2000 - immediateBytes), 0, 1],
    afterRequest: [requestBytes, 0, 2],
    beforeResponse: [requestBytes, 0, 2],
    insideResponse: [requestBytes, answerBytes / 2, 2],
    afterResponse: [requestBytes, answerBytes, 2],
  };

  for (const moment of cutMoments) {
    it(`cuts to the byte: ${moment}`, async () => {
      const [toTarget, toInitiator, written] = places[moment];
      const ended = target.nextEnd();
      const cut = relay.cutAt({ kind: "command", operationCode: write6, count: 2, moment, fraction: 0.5 });
      expect(await writeThree(100)).to.equal(answerBytes + toInitiator);
      await ended;
      expect(target.receivedBytes).to.equal(requestBytes + toTarget);
      expect(target.written).to.have.lengthOf(written);
      expect(await cut).to.include({
        requestPassed: toTarget === requestBytes,
        answered: ["beforeResponse", "insideResponse", "afterResponse"].includes(moment),
      } satisfies Partial<Cut>);
      // Only one connection was to be cut.
      expect(await writeThree(1e6)).to.equal(3 * answerBytes);
    });
  }

  it("cuts after a number of bytes, wherever they lie in a unit", async () => {
    for (const bytes of [0, 1, headerBytes + 5, requestBytes, requestBytes + 47]) {
      for (const pieceBytes of [20, 1e6]) {
        const before = target.receivedBytes;
        const ended = target.nextEnd();
        const cut = relay.cutAt({ kind: "bytes", bytes });
        await writeThree(pieceBytes);
        await Promise.all([cut, ended]);
        expect(target.receivedBytes - before).to.equal(bytes);
      }
    }
  });

  it("draws every moment from small numbers, and the same from the same", () => {
    const points = Array.from({ length: 200 }, (_, seed) => cutPointOf(seed, write6, 10));
    for (const moment of cutMoments) {
      const drawn = points.filter((point) => point.kind === "command" && point.moment === moment);
      expect(drawn.length, moment).to.be.greaterThan(15);
    }
    expect(Array.from({ length: 200 }, (_, seed) => cutPointOf(seed, write6, 10))).to.deep.equal(points);
  });

  it("shows an initiator that sends a command again when its answer is lost", async function () {
    needs(this, "tgtd", "setpriv", "iscsi-inq");
    const inquiry = 0x12;
    const library = await TgtLibrary.start({ drives: 1, cartridges: 1, cartridgeMiB: 16 });
    const toLibrary = await TcpRelay.start(library.port);
    try {
      const url = toLibrary.through(library.driveUrl(0));
      await run("iscsi-inq", [url]);
      const usual = toLibrary.commandsPassed(inquiry);
      const cut = toLibrary.cutAt({
        kind: "command",
        operationCode: inquiry,
        count: 1,
        moment: "beforeResponse",
        fraction: 0,
      });
      const { stdout } = await run("iscsi-inq", [url]);
      expect(await cut).to.include({ requestPassed: true, answered: true });
      expect(stdout).to.contain("Product:TGT-DRIVE");
      expect([toLibrary.connections, toLibrary.commandsPassed(inquiry)]).to.deep.equal([3, 2 * usual + 1]);
    } finally {
      await toLibrary.stop();
      await library.stop();
    }
  });
});
