import { HELLO_BYTES, HELLO_NIBBLE } from './constants.ts';

/**
 * The sign of life that MRouters exchange, on the port of the datagrams and told from them by the nibble in the fifth byte, where a
 * BIER header has 5:
 *
 *     | digest of the sender's cluster map (32)                           |
 *     | nibble 1 (4) | version 0 (4) | kind (8) | 0 (16)                  |
 *     | sequence number (32); an answer repeats that of its hello         |
 */
export interface Hello {
  kind: HelloKind;
  mapDigest: number;
  sequence: number;
}

/** `hello` asks for an answer unless the receiver sends hellos to the sender itself. */
export type HelloKind = 'hello' | 'answer';

const KIND_HELLO = 1;
const KIND_ANSWER = 2;

/** Whether a datagram claims to be a hello. */
export function isHello(datagram: Uint8Array): boolean {
  return datagram.length > 4 && datagram[4]! >>> 4 === HELLO_NIBBLE;
}

export function encodeHello({ kind, mapDigest, sequence }: Hello): Uint8Array {
  const bytes = new Uint8Array(HELLO_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, mapDigest);
  bytes[4] = HELLO_NIBBLE << 4;
  bytes[5] = kind === 'hello' ? KIND_HELLO : KIND_ANSWER;
  view.setUint32(8, sequence);
  return bytes;
}

/** `undefined` when it is no hello of this version. */
export function decodeHello(datagram: Uint8Array): Hello | undefined {
  const kind = datagram[5];
  if (datagram.length !== HELLO_BYTES || datagram[4] !== HELLO_NIBBLE << 4) return undefined;
  if (kind !== KIND_HELLO && kind !== KIND_ANSWER) return undefined;
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  return {
    kind: kind === KIND_HELLO ? 'hello' : 'answer',
    mapDigest: view.getUint32(0),
    sequence: view.getUint32(8),
  };
}
