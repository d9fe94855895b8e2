import { OFFLOAD_HEADER } from '../../src/kernel/index.ts';
import type { Damage } from './impairments.ts';

/** Frames as the kernel gives and takes them: behind a `struct virtio_net_hdr` (linux/virtio_net.h) of 10 bytes. Pure. */
const FLAGS = 0;
const NEEDS_CHECKSUM = 1;
/** Where the sum begins, from the frame's start, and where it is written to, from there. In the machine's byte order: little endian. */
const CHECKSUM_START = 6;
const CHECKSUM_OFFSET = 8;
const ETHERNET_HEADER = 14;

/**
 * Turns over one bit behind the Ethernet header. A checksum that the sender left to the hardware is filled in before: it has to tell that
 * something is wrong.
 */
export function damageFrame(bytes: Uint8Array, { place, bit }: Damage): void {
  completeChecksum(bytes);
  const first = OFFLOAD_HEADER + ETHERNET_HEADER;
  if (bytes.length <= first) return;
  bytes[first + Math.floor(place * (bytes.length - first))]! ^= 1 << bit;
}

/** Does what the offload header asks for, and clears it. */
export function completeChecksum(bytes: Uint8Array): void {
  if ((bytes[FLAGS]! & NEEDS_CHECKSUM) !== 0) {
    const start = OFFLOAD_HEADER + littleEndian(bytes, CHECKSUM_START);
    const place = start + littleEndian(bytes, CHECKSUM_OFFSET);
    // The sum of the pseudo header stands there already. RFC 1071
    let sum = 0;
    for (let i = start; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | (bytes[i + 1] ?? 0);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    // 0 would mean "none" to UDP: RFC 768. TCP takes either.
    const checksum = ~sum & 0xffff || 0xffff;
    bytes[place] = checksum >>> 8;
    bytes[place + 1] = checksum & 0xff;
  }
  bytes.fill(0, 0, OFFLOAD_HEADER);
}

function littleEndian(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}
