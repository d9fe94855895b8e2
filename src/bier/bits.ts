/**
 * Bit strings as on the wire: bit 0 (BFR-id 1 of the set) is the lowest bit of the last byte. RFC 8296 §2.1.2, RFC 8279 §3.
 * Strings that are combined have the same length.
 */

export function hasBit(bits: Uint8Array, bit: number): boolean {
  return (bits[bits.length - 1 - (bit >>> 3)]! & (1 << (bit & 7))) !== 0;
}

export function setBit(bits: Uint8Array, bit: number): void {
  bits[bits.length - 1 - (bit >>> 3)]! |= 1 << (bit & 7);
}

export function clearBit(bits: Uint8Array, bit: number): void {
  bits[bits.length - 1 - (bit >>> 3)]! &= ~(1 << (bit & 7));
}

export function isEmpty(bits: Uint8Array): boolean {
  for (let i = 0; i < bits.length; i++) if (bits[i] !== 0) return false;
  return true;
}

/** A string of `length` bits in which only these are set. */
export function bitString(length: number, bits: Iterable<number>): Uint8Array {
  const string = new Uint8Array(length / 8);
  for (const bit of bits) setBit(string, bit);
  return string;
}

/** The positions of the bits that are set, ascending. */
export function listBits(bits: Uint8Array): number[] {
  const found: number[] = [];
  for (let bit = 0; bit < bits.length * 8; bit++) if (hasBit(bits, bit)) found.push(bit);
  return found;
}

/** The bits that are set in both. */
export function intersection(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte & b[i]!);
}

/** Sets in `bits` what is set in `more`. */
export function addBits(bits: Uint8Array, more: Uint8Array): void {
  for (let i = 0; i < bits.length; i++) bits[i]! |= more[i]!;
}
