import { PROTOCOL_VERSION } from './constants.ts';

/** Bytes at the start of every Replicast message. */
export const PREFIX_BYTES = 20;

/** Message kinds as on the wire. */
export const Kind = {
  PutProposal: 1,
  PutBid: 2,
  PutAccept: 3,
  PutCancel: 4,
  Data: 5,
  ChunkAck: 6,
  ChunkNack: 7,
  GetRequest: 8,
  GetBid: 9,
  GetAccept: 10,
  GetData: 11,
} as const;

export type KindName = keyof typeof Kind;
export type KindCode = (typeof Kind)[KindName];

const names = new Map<number, KindName>(Object.entries(Kind).map(([name, code]) => [code, name as KindName]));

/** The name of a message kind, or `undefined` when there is none with that code. */
export function kindName(code: number): KindName | undefined {
  return names.get(code);
}

/** Where a message says its kind. */
export const KIND_OFFSET = 1;

/** Flag bits of the prefix. */
export const Flag = {
  /** The datagram was sent before, in an earlier attempt. */
  Repair: 1,
  /** The proposal carries the whole chunk. */
  Immediate: 2,
} as const;

/** What every message starts with, so that a capture can be read without knowing the rest. */
export interface Prefix {
  kind: number;
  /** Round of the transaction, from 1. */
  attempt: number;
  flags: number;
  /**
   * Number that the initiator gave the transaction, unique only together with the initiator's address. 64 bits on the
   * wire; initiators keep to safe integers (53 bits) and anything above is refused.
   */
  txn: number;
  /** Of the datagram within its chunk; 0 in control messages. */
  index: number;
  /** Datagrams of the chunk; 0 in control messages. */
  count: number;
}

/**
 * Writes a prefix (big endian: version, kind, attempt and flags one byte each; txn eight bytes, index and count four) at
 * `offset` of `bytes`.
 */
export function writePrefix(bytes: Uint8Array, prefix: Prefix, offset = 0): void {
  bytes[offset] = PROTOCOL_VERSION;
  bytes[offset + KIND_OFFSET] = prefix.kind;
  bytes[offset + 2] = prefix.attempt;
  bytes[offset + 3] = prefix.flags;
  writeUint32(bytes, offset + 4, Math.floor(prefix.txn / WORD));
  writeUint32(bytes, offset + 8, prefix.txn);
  writeUint32(bytes, offset + 12, prefix.index);
  writeUint32(bytes, offset + 16, prefix.count);
}

/** A prefix to be read into. */
export function newPrefix(): Prefix {
  return { kind: 0, attempt: 0, flags: 0, txn: 0, index: 0, count: 0 };
}

/** The prefix of a message, or the reason why there is none. Never throws. */
export function decodePrefix(payload: Uint8Array): Prefix | string {
  const prefix = newPrefix();
  return readPrefix(payload, 0, payload.length, prefix) ?? prefix;
}

/** Reads the prefix of the message `bytes[start … end)`. Never throws. @returns why there is none */
export function readPrefix(bytes: Uint8Array, start: number, end: number, prefix: Prefix): string | undefined {
  if (end - start < PREFIX_BYTES) return 'truncated';
  if (bytes[start] !== PROTOCOL_VERSION) return 'wrong-version';
  if (!names.has(bytes[start + KIND_OFFSET]!)) return 'unknown-kind';
  const high = readUint32(bytes, start + 4);
  if (high > MAX_HIGH) return 'bad-transaction';
  prefix.kind = bytes[start + KIND_OFFSET]!;
  prefix.attempt = bytes[start + 2]!;
  prefix.flags = bytes[start + 3]!;
  prefix.txn = high * WORD + readUint32(bytes, start + 8);
  prefix.index = readUint32(bytes, start + 12);
  prefix.count = readUint32(bytes, start + 16);
  return undefined;
}

/** A transaction number as events and logs show it: 16 hex digits. */
export function txnHex(txn: number): string {
  return txn.toString(16).padStart(16, '0');
}

const WORD = 0x1_0000_0000;
/** Largest high word of a safe integer. */
const MAX_HIGH = 0x1f_ffff;

function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

function readUint32(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0;
}
