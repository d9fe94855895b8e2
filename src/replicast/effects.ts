import type { Destination } from '../overlay/socket.ts';
import type { DataStream } from './messages/data.ts';
import type { KindName } from './prefix.ts';

/** What a state machine wants done. Whoever runs it does these in order. */
export type Effect = SendEffect | TransferEffect | StopEffect | ExpectEffect | StoreEffect | ReadEffect | EventEffect;

/** Send one control datagram now. */
export interface SendEffect {
  kind: 'send';
  message: KindName;
  to: Destination;
  /** For the choice of relays, with the transaction's flow. */
  attempt: number;
  flow: number;
  /** Whether the receiver has to learn how to reach this host. */
  announce: boolean;
  payload: Uint8Array;
}

/** Send the datagrams of a chunk, paced; when all have gone, tell the machine with a `transferred` event. */
export interface TransferEffect {
  kind: 'transfer';
  transfer: Transfer;
}

/** Send no more of a transfer, if it has not ended; nothing is told about it any more. */
export interface StopEffect {
  kind: 'stop';
  transfer: string;
}

export interface Transfer {
  /** Names it in the `transferred` event. */
  id: string;
  stream: DataStream;
  /** Which datagrams go where, in order. */
  parts: readonly TransferPart[];
  /** When the first datagram may go, ms. */
  start: number;
  /** bit/s on the wire. */
  rate: number;
  /** Under a reservation: then it has the link's reserved share for itself. */
  reserved: boolean;
  flow: number;
}

export interface TransferPart {
  to: Destination;
  indices: readonly number[];
}

/** A chunk of so many bytes is on its way to the store: whatever can be done ahead may begin. */
export interface ExpectEffect {
  kind: 'expect';
  bytes: number;
}

/** Write a verified chunk durably; answer with a `stored` or `store-failed` event with the same key. */
export interface StoreEffect {
  kind: 'store';
  key: string;
  hash: string;
  chunk: Uint8Array;
}

/** Read a chunk and verify it; answer with a `read` event with the same key and purpose. */
export interface ReadEffect {
  kind: 'read';
  purpose: 'put' | 'get';
  key: string;
  hash: string;
}

/** Something worth telling an observer; see the events that the daemon writes. */
export interface EventEffect {
  kind: 'event';
  event: string;
  /** Of which transaction. */
  txn: number;
  attempt: number;
  fields: Record<string, unknown>;
}

/** The 32-bit flow of a transaction: the same for all its datagrams. */
export function flowOf(txn: number): number {
  return txn % 0x1_0000_0000;
}
