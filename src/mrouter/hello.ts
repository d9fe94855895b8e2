import { HELLO_BYTES, HELLO_NIBBLE, VOUCH_BYTES } from './constants.ts';

/**
 * The sign of life that MRouters exchange, on the port of the datagrams and told from them by the nibble in the fifth byte, where a
 * BIER header has 5:
 *
 *     | digest of the sender's cluster map (32)                           |
 *     | nibble 1 (4) | version 0 (4) | kind (8) | number of vouches (16)  |
 *     | sequence number (32); an answer repeats that of its hello         |
 *     | vouches: zone index (16) | bytes (16) | bit string of its targets |
 */
export interface Hello {
  kind: HelloKind;
  mapDigest: number;
  sequence: number;
  vouches: readonly Vouch[];
}

/** `hello` asks for an answer unless the receiver sends hellos to the sender itself. */
export type HelloKind = 'hello' | 'answer';

/**
 * What the owner of a connection says of the targets of a zone, because hellos do not cross connections one by one: those who gave a sign
 * of life in the last interval.
 */
export interface Vouch {
  /** Index of the zone in the cluster map of this digest. */
  zone: number;
  /** Bit i of byte k (from the lowest) is target 8 k + i of the zone, in the order of the map. */
  alive: Uint8Array;
}

const KIND_HELLO = 1;
const KIND_ANSWER = 2;

/** Whether a datagram claims to be a hello. */
export function isHello(datagram: Uint8Array): boolean {
  return datagram.length > 4 && datagram[4]! >>> 4 === HELLO_NIBBLE;
}

export function encodeHello({ kind, mapDigest, sequence, vouches }: Hello): Uint8Array {
  const bytes = new Uint8Array(vouches.reduce((sum, { alive }) => sum + VOUCH_BYTES + alive.length, HELLO_BYTES));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, mapDigest);
  bytes[4] = HELLO_NIBBLE << 4;
  bytes[5] = kind === 'hello' ? KIND_HELLO : KIND_ANSWER;
  view.setUint16(6, vouches.length);
  view.setUint32(8, sequence);
  let at = HELLO_BYTES;
  for (const { zone, alive } of vouches) {
    view.setUint16(at, zone);
    view.setUint16(at + 2, alive.length);
    bytes.set(alive, at + VOUCH_BYTES);
    at += VOUCH_BYTES + alive.length;
  }
  return bytes;
}

/** `undefined` when it is no hello of this version. */
export function decodeHello(datagram: Uint8Array): Hello | undefined {
  const kind = datagram[5];
  if (datagram.length < HELLO_BYTES || datagram[4] !== HELLO_NIBBLE << 4) return undefined;
  if (kind !== KIND_HELLO && kind !== KIND_ANSWER) return undefined;
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const vouches = decodeVouches(view);
  return (
    vouches && {
      kind: kind === KIND_HELLO ? 'hello' : 'answer',
      mapDigest: view.getUint32(0),
      sequence: view.getUint32(8),
      vouches,
    }
  );
}

/** `undefined` unless they fill the rest of the hello exactly. */
function decodeVouches(view: DataView): Vouch[] | undefined {
  const vouches: Vouch[] = [];
  let at = HELLO_BYTES;
  for (let left = view.getUint16(6); left > 0; left--) {
    if (at + VOUCH_BYTES > view.byteLength) return undefined;
    const length = view.getUint16(at + 2);
    const start = at + VOUCH_BYTES;
    at = start + length;
    if (at > view.byteLength) return undefined;
    vouches.push({
      zone: view.getUint16(start - VOUCH_BYTES),
      alive: new Uint8Array(view.buffer, view.byteOffset + start, length),
    });
  }
  return at === view.byteLength ? vouches : undefined;
}
