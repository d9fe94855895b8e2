import { Flag, Kind, PREFIX_BYTES, type Prefix, writePrefix } from '../prefix.ts';
import type { Transaction } from './codec.ts';

/** One datagram of a chunk: `Data` from an initiator to a rendezvous group, `GetData` from a target to an initiator. */
export interface Data extends Transaction {
  kind: 'Data' | 'GetData';
  /** Which piece of the chunk, from 0. */
  index: number;
  /** Pieces of the chunk. */
  count: number;
  repair: boolean;
  payload: Uint8Array;
}

/** Reads a datagram whose prefix was decoded already; the payload is a view, not a copy. */
export function readData(prefix: Prefix, bytes: Uint8Array): Data {
  return {
    kind: prefix.kind === Kind.Data ? 'Data' : 'GetData',
    txn: prefix.txn,
    attempt: prefix.attempt,
    index: prefix.index,
    count: prefix.count,
    repair: (prefix.flags & Flag.Repair) !== 0,
    payload: bytes.subarray(PREFIX_BYTES),
  };
}

/** What the datagrams of one transfer have in common. */
export interface DataStream extends Transaction {
  kind: 'Data' | 'GetData';
  repair: boolean;
  chunk: Uint8Array;
  /** Payload bytes of every datagram but the last. */
  datagram: number;
}

/** Datagrams that a chunk of `length` bytes takes. */
export function datagramCount(length: number, datagram: number): number {
  return Math.ceil(length / datagram);
}

/**
 * The payloads of the datagrams at `indices`, prefix and piece, one after the other in one buffer.
 * @param space for them; when it is too small, or there is none, the buffer is a new one
 */
export function encodeData(stream: DataStream, indices: readonly number[], space?: Uint8Array): Uint8Array[] {
  const { chunk, datagram } = stream;
  const sizes = indices.map((index) => Math.min(datagram, chunk.length - index * datagram));
  const total = sizes.reduce((sum, size) => sum + PREFIX_BYTES + size, 0);
  const arena = space && space.length >= total ? space : new Uint8Array(total);
  const prefix: Prefix = {
    kind: Kind[stream.kind],
    attempt: stream.attempt,
    flags: stream.repair ? Flag.Repair : 0,
    txn: stream.txn,
    index: 0,
    count: datagramCount(chunk.length, datagram),
  };
  let offset = 0;
  return indices.map((index, i) => {
    const begin = offset;
    const size = sizes[i]!;
    prefix.index = index;
    writePrefix(arena, prefix, begin);
    arena.set(chunk.subarray(index * datagram, index * datagram + size), begin + PREFIX_BYTES);
    offset += PREFIX_BYTES + size;
    return arena.subarray(begin, offset);
  });
}
