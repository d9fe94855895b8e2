import { BodyReader, BodyWriter, DecodeFailure } from './messages/body.ts';
import { type ChunkAck, chunkAck } from './messages/chunk-ack.ts';
import { type ChunkNack, chunkNack } from './messages/chunk-nack.ts';
import type { Codec, Transaction } from './messages/codec.ts';
import { type Data, isDataKind, readData } from './messages/data.ts';
import { type GetAccept, getAccept } from './messages/get-accept.ts';
import { type GetBid, getBid } from './messages/get-bid.ts';
import { type GetRequest, getRequest } from './messages/get-request.ts';
import { MAX_DATAGRAM } from './messages/limits.ts';
import { type PutAccept, putAccept } from './messages/put-accept.ts';
import { type PutBid, putBid } from './messages/put-bid.ts';
import { type PutCancel, putCancel } from './messages/put-cancel.ts';
import { type PutProposal, putProposal } from './messages/put-proposal.ts';
import { decodePrefix, Flag, Kind, kindName, PREFIX_BYTES, writePrefix } from './prefix.ts';

export type {
  ChunkAck,
  ChunkNack,
  Data,
  GetAccept,
  GetBid,
  GetRequest,
  PutAccept,
  PutBid,
  PutCancel,
  PutProposal,
  Transaction,
};

/** Everything but data: a prefix, and a body as `BodyWriter` writes it. */
export type ControlMessage =
  | PutProposal
  | PutBid
  | PutAccept
  | PutCancel
  | ChunkAck
  | ChunkNack
  | GetRequest
  | GetBid
  | GetAccept;

export type Message = ControlMessage | Data;

const codecs: { [K in ControlMessage['kind']]: Codec<Extract<ControlMessage, { kind: K }>> } = {
  PutProposal: putProposal,
  PutBid: putBid,
  PutAccept: putAccept,
  PutCancel: putCancel,
  ChunkAck: chunkAck,
  ChunkNack: chunkNack,
  GetRequest: getRequest,
  GetBid: getBid,
  GetAccept: getAccept,
};

/** The codec of a kind, for a caller that has the message of that kind, which the compiler cannot follow. */
function codecOf(kind: ControlMessage['kind']): Codec<ControlMessage> {
  return codecs[kind] as unknown as Codec<ControlMessage>;
}

/** Beside the longest payload: all the other fields. */
const BODY_ROOM = 4096;
/** For the message at hand. */
const space = Buffer.allocUnsafeSlow(PREFIX_BYTES + MAX_DATAGRAM + BODY_ROOM);

/**
 * The bytes of a control message.
 * @param serial the sender's running number, so that one that says the same again is another datagram; nobody needs to read it
 * @throws RangeError when a field has no place in its message: a payload that no datagram holds, a hash that is none
 */
export function encodeMessage(message: ControlMessage, serial = 0): Uint8Array {
  writePrefix(space, {
    kind: Kind[message.kind],
    attempt: message.attempt,
    flags: message.kind === 'PutProposal' && message.payload ? Flag.Immediate : 0,
    txn: message.txn,
    index: serial,
    count: 0,
  });
  const body = new BodyWriter(space, PREFIX_BYTES);
  codecOf(message.kind).write(message, body);
  return new Uint8Array(space.subarray(0, body.end));
}

/** The message in a datagram's payload, or the name of what is wrong with it. Never throws. */
export function decodeMessage(bytes: Uint8Array): Message | string {
  const prefix = decodePrefix(bytes);
  if (typeof prefix === 'string') return prefix;
  if (isDataKind(prefix.kind)) return readData(prefix, bytes);
  if (prefix.attempt === 0) return 'bad-attempt';
  const kind = kindName(prefix.kind) as ControlMessage['kind'];
  try {
    const body = new BodyReader(bytes, PREFIX_BYTES);
    const message = codecOf(kind).read({ txn: prefix.txn, attempt: prefix.attempt }, body);
    body.end();
    return message;
  } catch (error) {
    if (error instanceof DecodeFailure) return error.reason;
    throw error;
  }
}
