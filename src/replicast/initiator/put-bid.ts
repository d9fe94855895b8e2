import { contentHash } from '../hash.ts';
import type { PutBid } from '../messages.ts';
import { concludeWhenSettled } from './conclude.ts';
import type { InitiatorContext } from './context.ts';
import { decide } from './decide.ts';
import { unstored } from './propose.ts';
import type { Answer, Put } from './put.ts';
import { decideByQuorum } from './quorum.ts';

/** A target answers a proposal. */
export function handlePutBid(context: InitiatorContext, put: Put, target: string, bid: PutBid, now: number): void {
  if (bid.status === 'already-stored') {
    if (bid.hash !== put.hash || !put.members.includes(target)) {
      context.counters.add('false acknowledgement');
      return;
    }
    put.stored.add(target);
    put.storing.delete(target);
  }
  if (put.phase !== 'bidding' || bid.attempt !== put.attempt) {
    context.late(target, bid, now);
    concludeWhenSettled(context, put, now);
    return;
  }
  const roundTrip = Math.max(0, now - put.proposedAt - bid.held);
  put.roundTrip = Math.max(put.roundTrip, roundTrip);
  put.answers.set(target, answerOf(put, bid, target, roundTrip, now));
  const awaited = unstored(put).filter((member) => context.isLive(member) && !put.answers.has(member));
  if (awaited.length === 0) decide(context, put, now);
  else decideByQuorum(context, put, awaited, now);
}

function answerOf(put: Put, bid: PutBid, target: string, roundTrip: number, now: number): Answer {
  if (bid.status === 'not-now') return { status: 'not-now', why: bid.why, retryAt: now + bid.retry };
  if (bid.status !== 'window') return { status: bid.status };
  // What is sent one round trip before the offered time arrives when the offer begins.
  const start = now + bid.start - roundTrip;
  const { rate, queue, missing } = bid;
  return {
    status: 'window',
    candidate: {
      name: target,
      start,
      end: start + bid.length,
      rate,
      queue,
      preference: preference(put.hash, target),
      ...(missing && { missing }),
    },
  };
}

/** Spreads chunks over equally free targets: highest random weight over (chunk, target). */
function preference(hash: string, target: string): number {
  return Number.parseInt(contentHash(Buffer.from(`${hash}/${target}`)).slice(0, 12), 16);
}
