import { bitsOf } from '../bitmap.ts';
import {
  BUSY_RETRY,
  HORIZON_TRANSFERS,
  MAX_RECEIVING,
  MIN_HORIZON,
  MIN_QUIET,
  NO_SPACE_RETRY,
  QUIET_DATAGRAMS,
  RESERVATION_GRACE,
  TRANSACTION_GRACE,
} from '../constants.ts';
import { datagramCount } from '../messages/data.ts';
import type { NotNowReason } from '../messages/put-bid.ts';
import type { PutBid } from '../messages.ts';
import { reservedRate, transferTime } from '../settings.ts';
import type { TargetContext } from './context.ts';
import type { PutTransaction } from './transactions.ts';

type Answer<T = PutBid> = T extends PutBid ? Omit<T, 'kind' | 'txn' | 'attempt' | 'held'> : never;

/** Answers a proposal. */
export function bid(context: TargetContext, put: PutTransaction, answer: Answer, now: number): void {
  context.reply(put.source, bidOf(put, answer, now));
  context.event('bid', put, shown(put.proposal.hash, answer));
}

/** The usual answer field by field: to copy an object into another takes many times as long, and an initiator waits for it. */
function bidOf({ txn, attempt, proposedAt }: PutTransaction, answer: Answer, now: number): PutBid {
  const held = now - proposedAt;
  if (answer.status !== 'window') return { kind: 'PutBid', txn, attempt, held, ...answer };
  const { status, start, length, rate, queue, missing } = answer;
  const message: PutBid = { kind: 'PutBid', txn, attempt, held, status, start, length, rate, queue };
  if (missing) message.missing = missing;
  return message;
}

/** What observers are told of an answer. */
function shown(hash: string, answer: Answer): Record<string, unknown> {
  if (answer.status !== 'window') return { ...answer, hash };
  const { status, start, length, rate, queue } = answer;
  return { hash, status, start, length, rate, queue };
}

/** Answers a proposal with "not now" and forgets it. */
export function decline(context: TargetContext, put: PutTransaction, why: NotNowReason, now: number): void {
  bid(context, put, { status: 'not-now', retry: why === 'busy' ? BUSY_RETRY : NO_SPACE_RETRY, why }, now);
  context.counters.add(`declined ${why}`);
  context.dropPut(put);
}

/**
 * Answers a proposal with the earliest window of this target's link and disk that fits, and reserves it. Only what is
 * still missing has to fit, when an earlier attempt brought a part.
 */
export function offer(context: TargetContext, put: PutTransaction, now: number): void {
  const { proposal } = put;
  const { settings, inbound } = context;
  put.state = 'offered';
  if (!context.store.hasRoom(proposal.length)) {
    decline(context, put, 'no space', now);
    return;
  }
  if (receivingBytes(context, put) > MAX_RECEIVING) {
    decline(context, put, 'busy', now);
    return;
  }
  if (proposal.payload) {
    schedule(context, put, now);
    bid(context, put, { status: 'window', start: 0, length: 0, rate: settings.capacity, queue: queue(context) }, now);
    return;
  }
  const missing =
    !proposal.whole && put.reassembly && put.reassembly.received > 0 ? put.reassembly.missing() : undefined;
  const bytes = missing ? bitsOf(missing, put.reassembly!.count).length * proposal.datagram : proposal.length;
  const rate = reservedRate(settings);
  const expected = Math.min(proposal.rate, rate);
  const duration = transferTime(bytes, proposal.datagram, settings.datagramOverhead, expected);
  const earliest = Math.max(now + proposal.notBefore, diskFreeAt(context, now) - duration);
  const window = inbound.reserve(put.key, {
    notBefore: earliest,
    notAfter: earliest + Math.max(MIN_HORIZON, HORIZON_TRANSFERS * duration),
    least: duration,
    most: duration * proposal.span + proposal.patience,
  });
  if (!window) {
    decline(context, put, 'busy', now);
    return;
  }
  put.quiet = Math.max(MIN_QUIET, (QUIET_DATAGRAMS * duration) / datagramCount(proposal.length, proposal.datagram));
  schedule(context, put, window.end);
  const { start, end } = window;
  const answer: Answer = { status: 'window', start: start - now, length: end - start, rate, queue: queue(context) };
  if (missing) answer.missing = missing;
  bid(context, put, answer, now);
}

function schedule(context: TargetContext, put: PutTransaction, windowEnd: number): void {
  put.windowEnd = windowEnd;
  put.expires = windowEnd + Math.max(RESERVATION_GRACE, TRANSACTION_GRACE);
  context.puts.schedule(put, put.expires);
}

/** Chunks whose write is under way. */
function queue(context: TargetContext): number {
  return context.storing.size;
}

/** When, by what writes usually take, the disk will be done with what it has. */
function diskFreeAt(context: TargetContext, now: number): number {
  return now + queue(context) * (context.storeTime.mean ?? 0);
}

/** Bytes that this target may come to hold in memory if every other offer is taken; 0 when it has made none. */
function receivingBytes(context: TargetContext, mine: PutTransaction): number {
  let others = 0;
  for (const put of context.puts.values()) {
    if (put !== mine && put.state !== 'stored' && put.state !== 'checking') others += put.proposal.length;
  }
  return others === 0 ? 0 : others + mine.proposal.length;
}
