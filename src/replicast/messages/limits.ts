import { bitmapBytes } from '../bitmap.ts';
import { MAX_CHUNK_BYTES } from '../constants.ts';

/** Bounds that a decoded field must keep; beyond them a message is refused, whoever sent it. */

/** ms: a day; no window or pause of the protocol comes near it. */
export const MAX_MS = 86_400_000;
/** bit/s */
export const MAX_RATE = 1e15;
/** Payload bytes of one datagram: what an IPv6 packet can carry. */
export const MAX_DATAGRAM = 65_527;
export const MIN_DATAGRAM = 64;
/** Of the datagrams of a chunk. */
export const MAX_BITMAP_BYTES = bitmapBytes(MAX_CHUNK_BYTES / MIN_DATAGRAM);
export const MAX_MEMBERS = 4096;
export const MAX_QUEUE = 1_000_000;
