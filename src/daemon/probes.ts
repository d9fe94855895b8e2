import { randomInt } from 'node:crypto';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { type OverlaySocket, PROBE_PORT } from '../overlay/index.ts';
import { monotonicNow } from './clock.ts';
import { PROBE_HEADER_BYTES } from './constants.ts';
import type { MRouter } from './overlay-node.ts';

/** Generated datagrams to send. */
export interface ProbeRequest {
  group: string;
  /** Names of targets. */
  to: readonly string[];
  /** Bytes of each payload. */
  size: number;
  count: number;
  /** ms from one to the next; 0 = as fast as they go. */
  intervalMs: number;
  /** How often each datagram is sent, byte for byte the same: above 1 to see what a duplicate does. */
  copies: number;
}

/** Datagrams that leave before the event loop gets another turn. */
const BURST = 32;

/**
 * Sends generated datagrams to the probe port of some targets: a stream number and a sequence number of 32 bits each, then a fixed
 * pattern. No two numbers give the same bytes, so each has its own identity.
 * @throws RangeError when a target is unknown or the size impossible
 */
export async function sendProbes(mrouter: MRouter, request: ProbeRequest): Promise<{ sent: number }> {
  const { group, to, size, count, intervalMs, copies } = request;
  const socket: OverlaySocket = mrouter.socket(PROBE_PORT);
  const stream = randomInt(2 ** 32);
  const route = socket.route({ group, members: to }, { flow: stream, attempt: 1 });
  if (size < PROBE_HEADER_BYTES || size > route.maxPayload) {
    throw new RangeError(`size: ${size} bytes: it is ${PROBE_HEADER_BYTES} … ${route.maxPayload} to these targets`);
  }
  const start = monotonicNow();
  for (let sequence = 0; sequence < count; sequence++) {
    const wait = start + sequence * intervalMs - monotonicNow();
    if (wait > 0) await setTimeout(wait);
    else if (sequence % BURST === BURST - 1) await setImmediate();
    const payload = probe(stream, sequence, size);
    for (let copy = 0; copy < copies; copy++) route.send(payload);
  }
  return { sent: count };
}

function probe(stream: number, sequence: number, size: number): Uint8Array {
  const payload = Buffer.alloc(size, 0x5a);
  payload.writeUInt32BE(stream, 0);
  payload.writeUInt32BE(sequence, 4);
  return payload;
}
