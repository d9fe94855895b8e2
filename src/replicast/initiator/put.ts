import type { NackReason } from '../messages/chunk-nack.ts';
import type { PutAccept } from '../messages.ts';
import type { Window } from '../reservations.ts';
import type { BidPatience } from './choosy.ts';
import type { Candidate } from './plan.ts';

export interface PutRequest {
  /** The caller's number for it. */
  id: number;
  chunk: Uint8Array;
  hash: string;
  replicas: number;
  /** Negotiating group; by default where the hash puts it. */
  group?: string;
}

export type PutPhase =
  /** Waits for `deadline`. */
  | 'backing-off'
  /** Waits for a turn to negotiate. */
  | 'ready'
  /** Proposed; waits for bids. */
  | 'bidding'
  /** Accepted; datagrams are being sent. */
  | 'transferring'
  /** All sent; waits for acknowledgements. */
  | 'collecting'
  | 'ended';

/** A target's answer in this round. */
export type Answer =
  | { status: 'window'; candidate: Candidate }
  | { status: 'storing' }
  | { status: 'already-stored' }
  | { status: 'not-now'; why: string; retryAt: number };

/** What a chosen target has said since it was accepted. */
export type Progress =
  | { state: 'pending' }
  | { state: 'acked' }
  | { state: 'nacked'; reason: NackReason; missing?: Uint8Array };

/** One chunk on its way to its replicas. */
export interface Put {
  readonly id: number;
  readonly txn: number;
  readonly hash: string;
  readonly chunk: Uint8Array;
  readonly group: string;
  readonly members: readonly string[];
  readonly replicas: number;
  readonly startedAt: number;
  phase: PutPhase;
  /** Round, from 1 with the first proposal. */
  attempt: number;
  /** Rounds that failed. */
  failures: number;
  /** Rounds that ended without a common window, or with "busy". */
  contentions: number;
  /** When something has to be done about it next, ms. */
  deadline: number;
  /** Earliest start that the next proposal asks for. */
  notBefore: number;
  proposedAt: number;
  /** bit/s that the proposal told the targets to expect. */
  rate: number;
  /** Payload bytes of every data datagram but the last. */
  datagram: number;
  /** Whether the chunk went with the proposal. */
  immediate: boolean;
  answers: Map<string, Answer>;
  /** Largest round trip of this round, ms. */
  roundTrip: number;
  /** Has the chunk, for certain. */
  readonly stored: Set<string>;
  /** Says it is writing the chunk, since when. */
  readonly storing: Map<string, number>;
  readonly refused: Map<string, string>;
  chosen: Map<string, Progress>;
  /** Transfers that have not ended. */
  readonly transfers: Set<string>;
  transferEnd: number;
  /** To be repeated while a long transfer lasts. */
  accepted?: { message: PutAccept; windows: Window[] };
  bidPatience?: BidPatience;
  sentBytes: number;
}

/** Replicas that still have to be found. */
export function wanting(put: Put): number {
  return put.replicas - put.stored.size;
}
