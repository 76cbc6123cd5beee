// SPDX-License-Identifier: Apache-2.0
/** CRC32C (Castagnoli, RFC 3720 appendix B.4), eight bytes at a step ("slicing by eight"). */

const polynomial = 0x82f63b78;
const tables = makeTables();

/**
 * @param seed CRC of the bytes before these; 0 at the beginning.
 * @returns an unsigned 32-bit number.
 */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = ~seed;
  let index = 0;
  const end = bytes.length;
  for (; index + 8 <= end; index += 8) {
    const low = crc ^ view.getUint32(index, true);
    const high = view.getUint32(index + 4, true);
    crc =
      at(t7, low & 0xff) ^
      at(t6, (low >>> 8) & 0xff) ^
      at(t5, (low >>> 16) & 0xff) ^
      at(t4, low >>> 24) ^
      at(t3, high & 0xff) ^
      at(t2, (high >>> 8) & 0xff) ^
      at(t1, (high >>> 16) & 0xff) ^
      at(t0, high >>> 24);
  }
  for (; index < end; index += 1) crc = (crc >>> 8) ^ at(t0, (crc ^ view.getUint8(index)) & 0xff);
  return ~crc >>> 0;
}

function at(table: Table, byte: number): number {
  return table[byte] ?? 0;
}

type Table = Uint32Array;

function makeTables(): readonly [Table, Table, Table, Table, Table, Table, Table, Table] {
  const first = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    first[byte] = crc >>> 0;
  }
  const next = (table: Table): Table => table.map((crc) => (crc >>> 8) ^ at(first, crc & 0xff));
  const second = next(first);
  const third = next(second);
  const fourth = next(third);
  const fifth = next(fourth);
  const sixth = next(fifth);
  const seventh = next(sixth);
  return [first, second, third, fourth, fifth, sixth, seventh, next(seventh)];
}
