import type { Payloads } from '../../overlay/socket.ts';
import { Flag, KIND_OFFSET, Kind, newPrefix, PREFIX_BYTES, type Prefix, readPrefix, writePrefix } from '../prefix.ts';
import type { Transaction } from './codec.ts';

const NOTHING = new Uint8Array(0);

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

/** Whether messages of this kind are pieces of a chunk. */
export function isDataKind(kind: number): boolean {
  return kind === Kind.Data || kind === Kind.GetData;
}

/** The datagram whose prefix was read already, or what is wrong with it; the payload is a view, not a copy. */
export function readData(prefix: Prefix, bytes: Uint8Array): Data | string {
  const data = newData();
  const problem = fill(data, prefix, bytes.length);
  if (problem) return problem;
  data.payload = bytes.subarray(PREFIX_BYTES);
  return data;
}

/** The kind of all messages that came together; `undefined` when they are of several. */
export function kindOfAll({ bytes, step, start }: Payloads): number | undefined {
  const kind = bytes[start + KIND_OFFSET];
  for (let at = step; at < bytes.length; at += step) if (bytes[at + start + KIND_OFFSET] !== kind) return undefined;
  return kind;
}

const prefixAtHand = newPrefix();
const dataAtHand = newData();

/**
 * Calls `each` with every piece of a chunk of those that came together, always the same object, filled again: who keeps anything takes a copy.
 * @param malformed told why a message is none
 */
export function eachData(messages: Payloads, each: (data: Data) => void, malformed: (reason: string) => void): void {
  const { bytes, step, start, end } = messages;
  // Faster than `subarray`, which asks for these each time.
  const { buffer, byteOffset, length } = bytes;
  const size = end - start;
  for (let at = start; at < length; at += step) {
    const problem = readPrefix(bytes, at, at + size, prefixAtHand) ?? fill(dataAtHand, prefixAtHand, size);
    if (problem) malformed(problem);
    else {
      dataAtHand.payload = new Uint8Array(buffer, byteOffset + at + PREFIX_BYTES, size - PREFIX_BYTES);
      each(dataAtHand);
    }
  }
}

function newData(): Data {
  return { kind: 'Data', txn: 0, attempt: 0, index: 0, count: 0, repair: false, payload: NOTHING };
}

/** All but the payload. @param length bytes of the message @returns what is wrong with it */
function fill(data: Data, prefix: Prefix, length: number): string | undefined {
  if (!isDataKind(prefix.kind)) return 'no-data';
  if (prefix.attempt === 0) return 'bad-attempt';
  if (prefix.index >= prefix.count) return 'bad-index';
  if (length === PREFIX_BYTES) return 'empty-data';
  data.kind = prefix.kind === Kind.Data ? 'Data' : 'GetData';
  data.txn = prefix.txn;
  data.attempt = prefix.attempt;
  data.index = prefix.index;
  data.count = prefix.count;
  data.repair = (prefix.flags & Flag.Repair) !== 0;
  return undefined;
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

/** Bytes of the message with the piece at `index`. */
export function pieceLength({ chunk, datagram }: DataStream, index: number): number {
  return PREFIX_BYTES + Math.min(datagram, chunk.length - index * datagram);
}

/** Writes the message with the piece at `index`, its prefix and its bytes, to `into` from `at` on. */
export function writePiece(stream: DataStream, index: number, into: Uint8Array, at: number): void {
  const { chunk, datagram } = stream;
  prefixAtHand.kind = Kind[stream.kind];
  prefixAtHand.attempt = stream.attempt;
  prefixAtHand.flags = stream.repair ? Flag.Repair : 0;
  prefixAtHand.txn = stream.txn;
  prefixAtHand.index = index;
  prefixAtHand.count = datagramCount(chunk.length, datagram);
  writePrefix(into, prefixAtHand, at);
  into.set(chunk.subarray(index * datagram, (index + 1) * datagram), at + PREFIX_BYTES);
}

/** The message with the piece at `index`. */
export function encodePiece(stream: DataStream, index: number): Uint8Array {
  const bytes = new Uint8Array(pieceLength(stream, index));
  writePiece(stream, index, bytes, 0);
  return bytes;
}
