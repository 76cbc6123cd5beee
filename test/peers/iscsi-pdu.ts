// SPDX-License-Identifier: Apache-2.0
/** As much of iSCSI as the relay must understand to cut a connection at a chosen place (RFC 7143 clause 11). */

const headerBytes = 48;

/** Header of a protocol data unit, and how many bytes follow it: no digests, which the project never asks for. */
export interface Pdu {
  readonly kind: "command" | "dataOut" | "response" | "dataIn" | "other";
  readonly taskTag: number;
  /** Bytes of its data segment, without padding. */
  readonly dataBytes: number;
  /** Header, additional header, data and padding. */
  readonly totalBytes: number;
  /** First byte of the CDB; commands only. */
  readonly operationCode: number;
  /** Bytes that a command sends to the target in all, in this and in other units. */
  readonly dataOutBytes: number;
  /** The target says with this unit how the command ended. */
  readonly final: boolean;
}

/** Called for each piece of a unit, in order; `offset` is where the piece begins in the unit. */
export type PieceHandler = (pdu: Pdu, piece: Buffer, offset: number) => void;

const kinds: Readonly<Record<number, Pdu["kind"]>> = {
  0x01: "command",
  0x05: "dataOut",
  0x21: "response",
  0x25: "dataIn",
};

export function decodePdu(header: Buffer): Pdu {
  const kind = kinds[header.readUInt8(0) & 0x3f] ?? "other";
  const flags = header.readUInt8(1);
  const dataBytes = header.readUIntBE(5, 3);
  return {
    kind,
    taskTag: header.readUInt32BE(16),
    dataBytes,
    totalBytes: headerBytes + header.readUInt8(4) * 4 + Math.ceil(dataBytes / 4) * 4,
    operationCode: header.readUInt8(32),
    // W, and the expected data transfer length (clause 11.3).
    dataOutBytes: kind === "command" && (flags & 0x20) !== 0 ? header.readUInt32BE(20) : 0,
    // A Data-In unit may carry the status: S (clause 11.7).
    final: kind === "response" || (kind === "dataIn" && (flags & 0x01) !== 0),
  };
}

/** Cuts a stream of bytes into units; a header is held back until it is complete, data goes on at once. */
export class PduSplitter {
  readonly #onPiece: PieceHandler;
  #header = Buffer.alloc(0);
  #pdu: Pdu | undefined;
  #offset = 0;

  constructor(onPiece: PieceHandler) {
    this.#onPiece = onPiece;
  }

  /** The beginning of a header that is not complete yet. */
  get held(): Buffer {
    return this.#header;
  }

  push(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#pdu === undefined) {
        const missing = headerBytes - this.#header.length;
        this.#header = Buffer.concat([this.#header, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (this.#header.length < headerBytes) return;
        this.#begin(this.#header);
      } else {
        const piece = rest.subarray(0, this.#pdu.totalBytes - this.#offset);
        rest = rest.subarray(piece.length);
        this.#give(this.#pdu, piece);
      }
    }
  }

  #begin(header: Buffer): void {
    this.#header = Buffer.alloc(0);
    this.#offset = 0;
    this.#pdu = decodePdu(header);
    this.#give(this.#pdu, header);
  }

  #give(pdu: Pdu, piece: Buffer): void {
    const offset = this.#offset;
    this.#offset += piece.length;
    if (this.#offset === pdu.totalBytes) this.#pdu = undefined;
    this.#onPiece(pdu, piece, offset);
  }
}
