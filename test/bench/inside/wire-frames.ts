import { Kind } from '../../../src/replicast/prefix.ts';
import { overlayFrame } from '../../lab/fixtures/frames.ts';

/** Bytes behind the Replicast prefix. */
const PAYLOAD = 1000;

/** A part of a chunk. */
export const frameOf = (index: number): Buffer =>
  overlayFrame({
    bits: [1],
    payload: PAYLOAD,
    replicast: { kind: Kind.Data, attempt: 1, flags: 0, txn: 1, index, count: 0xffffffff },
  }).frame;

/** Where its index stands: where two that differ in nothing else (but a checksum) differ. */
const PLACE = (() => {
  const [some, other] = [frameOf(0x01010101), frameOf(0x02020202)];
  let place = some.length - PAYLOAD;
  while (some.readUInt32BE(place) !== 0x01010101 || other.readUInt32BE(place) !== 0x02020202) place--;
  return place;
})();

export const indexIn = (frame: Uint8Array): number => Buffer.from(frame.buffer, frame.byteOffset).readUInt32BE(PLACE);
export const setIndex = (frame: Buffer, index: number): void => void frame.writeUInt32BE(index, PLACE);
