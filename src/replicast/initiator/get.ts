import type { Reassembly } from '../reassembly.ts';
import type { Window } from '../reservations.ts';

export interface GetRequestEvent {
  /** The caller's number for it. */
  id: number;
  hash: string;
  /** Group in which the chunk is likely to be, when the caller knows. */
  group?: string;
}

/** A target that offers to send the chunk; the window is on this host's clock. */
export interface Bidder extends Window {
  name: string;
  /** bit/s */
  rate: number;
  queue: number;
  /** Bytes of the chunk. */
  size: number;
  datagram: number;
}

/** One chunk on its way here. */
export interface Get {
  readonly id: number;
  readonly txn: number;
  readonly hash: string;
  /** To be asked in this order. */
  readonly groups: readonly string[];
  readonly startedAt: number;
  /** As of a put: `ready` waits for a turn to negotiate. */
  phase: 'backing-off' | 'ready' | 'asking' | 'receiving' | 'ended';
  attempt: number;
  /** Rounds through all groups that failed. */
  failures: number;
  /** Groups asked in this round. */
  turn: number;
  deadline: number;
  askedAt: number;
  roundTrip: number;
  /** Who has answered the present request. */
  answered: Set<string>;
  /** Who offered, and has not been tried yet. */
  bidders: Bidder[];
  /** When a busy target said to ask again, ms. */
  retryAt: number;
  readonly asked: Set<string>;
  readonly notFound: Set<string>;
  readonly silent: Set<string>;
  readonly corrupt: Set<string>;
  winner?: Bidder;
  /** Bidders that were accepted: their data may still be on its way, and is as good as the winner's. */
  readonly accepted: Set<string>;
  /** What has come, whoever sent it; all replicas are the same. */
  reassembly?: Reassembly;
  /** A chunk was put together that was not the one wanted: from now on only one sender's datagrams go together. */
  suspicious: boolean;
  windowEnd: number;
  lastDataAt: number;
  /** Payload bytes of every datagram that the reassembly takes, but the last. */
  datagram: number;
  /** Of the datagrams that were asked for last, the one that comes last. */
  lastIndex: number;
  /** Datagrams that had come when the sender was last asked for more; -1 when it was not. */
  receivedBefore: number;
}

/** The group that is asked at present. */
export function groupAsked(get: Get): string {
  return get.groups[get.turn]!;
}
