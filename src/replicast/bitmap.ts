/** Bitmaps over datagrams of a chunk or members of a group: bit i is bit (i mod 8) of byte (i div 8). */

/** Bytes that a bitmap of `bits` bits takes. */
export function bitmapBytes(bits: number): number {
  return (bits + 7) >>> 3;
}

export function hasBit(bitmap: Uint8Array, index: number): boolean {
  return ((bitmap[index >>> 3] ?? 0) & (1 << (index & 7))) !== 0;
}

export function setBit(bitmap: Uint8Array, index: number): void {
  bitmap[index >>> 3]! |= 1 << (index & 7);
}

/** A bitmap of `bits` bits with the given ones set. */
export function bitmapOf(indices: Iterable<number>, bits: number): Uint8Array {
  const bitmap = new Uint8Array(bitmapBytes(bits));
  for (const index of indices) setBit(bitmap, index);
  return bitmap;
}

let lastEvery: readonly number[] = [];

/** All positions below `bits`, ascending: those of a bitmap with every bit set. Most chunks have as many datagrams as the one before. */
export function everyBit(bits: number): readonly number[] {
  if (lastEvery.length !== bits) lastEvery = Array.from({ length: bits }, (_, index) => index);
  return lastEvery;
}

/** The positions of the set bits below `bits`, ascending. */
export function bitsOf(bitmap: Uint8Array, bits: number): number[] {
  const indices: number[] = [];
  for (let index = 0; index < bits; index++) if (hasBit(bitmap, index)) indices.push(index);
  return indices;
}
