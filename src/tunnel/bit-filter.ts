import type { Instruction } from '../kernel/libc.ts';

/** The bit of this host in the datagrams of one label. */
export interface OwnBit {
  /** The label: which set of which group. */
  biftId: number;
  bit: number;
  /** bits */
  bitStringLength: number;
}

/** linux/bpf_common.h */
const LOAD_WORD = 0x20;
const LOAD_BYTE = 0x30;
const SHIFT_RIGHT = 0x74;
const IF_EQUAL = 0x15;
const IF_BITS = 0x45;
const RETURN = 0x06;
const EVERYTHING = 0xffff_ffff;

/** Where the program finds things: a UDP socket's begins at the UDP header, the bit string 12 bytes into the BIER header (RFC 8296 §2.1). */
const UDP_HEADER = 8;
const BIT_STRING = UDP_HEADER + 12;
/** More labels than a host has on one multicast address, unless addresses collide; and few enough for the kernel. */
const MOST = 256;

/**
 * A program for the kernel that leaves out frames to others: those of a label in which this host has a bit, and the bit is not set. What it does
 * not know is let through, and what it leaves out costs no copy and wakes nobody.
 */
export function bitFilter(own: readonly OwnBit[]): Instruction[] {
  const program: Instruction[] = [
    [LOAD_WORD, 0, 0, UDP_HEADER],
    // The first 20 bits are the label.
    [SHIFT_RIGHT, 0, 0, 12],
  ];
  for (const { biftId, bit, bitStringLength } of own.slice(0, MOST)) {
    program.push(
      [IF_EQUAL, 0, 4, biftId],
      // Bit 0 is the lowest of the last byte.
      [LOAD_BYTE, 0, 0, BIT_STRING + bitStringLength / 8 - 1 - (bit >>> 3)],
      [IF_BITS, 0, 1, 1 << (bit & 7)],
      [RETURN, 0, 0, EVERYTHING],
      [RETURN, 0, 0, 0],
    );
  }
  return [...program, [RETURN, 0, 0, EVERYTHING]];
}
