import { createHash } from 'node:crypto';

/** bytes of SHA-256 that name a datagram */
const ID_BYTES = 8;

/**
 * The identity of an overlay datagram, the same on every link that it crosses: the first 8 bytes of SHA-256 of the whole inner
 * IPv6 packet, as 16 hexadecimal digits. The inner packet is never rewritten on its way.
 */
export function datagramId(inner: Uint8Array): string {
  return createHash('sha256')
    .update(inner)
    .digest('hex')
    .slice(0, 2 * ID_BYTES);
}
