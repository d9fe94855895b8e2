import { Encoder, setSizeLimits } from 'cbor-x';
import { type ChunkAck, chunkAck } from './messages/chunk-ack.ts';
import { type ChunkNack, chunkNack } from './messages/chunk-nack.ts';
import type { Codec, Transaction } from './messages/codec.ts';
import { type Data, readData } from './messages/data.ts';
import { DecodeFailure, Fields } from './messages/fields.ts';
import { type GetAccept, getAccept } from './messages/get-accept.ts';
import { type GetBid, getBid } from './messages/get-bid.ts';
import { type GetRequest, getRequest } from './messages/get-request.ts';
import { MAX_MEMBERS } from './messages/limits.ts';
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

/** Everything but data: a prefix and a CBOR body. */
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

// Plain maps and plain byte strings, so that any CBOR reader (a dissector's too) understands them; the limits keep a
// few hostile bytes from asking for much memory.
const cbor = new Encoder({ useRecords: false, mapsAsObjects: true, tagUint8Array: false, variableMapSize: true });
setSizeLimits({ maxArraySize: MAX_MEMBERS, maxMapSize: 64, maxObjectSize: 64 });

/**
 * The bytes of a control message.
 * @param serial the sender's running number, so that one that says the same again is another datagram; nobody needs to read it
 */
export function encodeMessage(message: ControlMessage, serial = 0): Uint8Array {
  const body = cbor.encode(codecOf(message.kind).body(message));
  const bytes = new Uint8Array(PREFIX_BYTES + body.length);
  writePrefix(bytes, {
    kind: Kind[message.kind],
    attempt: message.attempt,
    flags: message.kind === 'PutProposal' && message.payload ? Flag.Immediate : 0,
    txn: message.txn,
    index: serial,
    count: 0,
  });
  bytes.set(body, PREFIX_BYTES);
  return bytes;
}

/** The message in a datagram's payload, or the name of what is wrong with it. Never throws. */
export function decodeMessage(bytes: Uint8Array): Message | string {
  const prefix = decodePrefix(bytes);
  if (typeof prefix === 'string') return prefix;
  if (prefix.attempt === 0) return 'bad-attempt';
  if (prefix.kind === Kind.Data || prefix.kind === Kind.GetData) {
    if (prefix.index >= prefix.count) return 'bad-index';
    if (bytes.length === PREFIX_BYTES) return 'empty-data';
    return readData(prefix, bytes);
  }
  const kind = kindName(prefix.kind) as ControlMessage['kind'];
  try {
    const fields = new Fields(cbor.decode(bytes.subarray(PREFIX_BYTES)));
    return codecOf(kind).read({ txn: prefix.txn, attempt: prefix.attempt }, fields);
  } catch (error) {
    return error instanceof DecodeFailure ? error.reason : 'bad-cbor';
  }
}
