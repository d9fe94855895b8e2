import type { PutBid } from '../messages.ts';
import { concludeWhenSettled } from './conclude.ts';
import type { InitiatorContext } from './context.ts';
import { decide } from './decide.ts';
import type { Candidate } from './plan.ts';
import { unstored } from './propose.ts';
import type { Answer, Put } from './put.ts';
import { decideByQuorum } from './quorum.ts';

/** FNV-1a of 32 bits, and two odd numbers to spread what its last bytes have left together: without both, pairs of targets differ by half. */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const MIX_FIRST = 0x7feb352d;
const MIX_SECOND = 0x846ca68b;

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
  const end = start + bid.length;
  const candidate: Candidate = { name: target, start, end, rate, queue, preference: preference(put.hash, target) };
  if (missing) candidate.missing = missing;
  return { status: 'window', candidate };
}

/**
 * Spreads chunks over equally free targets: highest random weight over (chunk, target). The weight is FNV-1a with a last mix of its bits, not
 * SHA-256: no one gains by it, and an initiator needs one of each target before it can decide.
 */
export function preference(hash: string, target: string): number {
  let weight = FNV_OFFSET;
  for (let i = 0; i < hash.length; i++) weight = Math.imul(weight ^ hash.charCodeAt(i), FNV_PRIME);
  for (let i = 0; i < target.length; i++) weight = Math.imul(weight ^ target.charCodeAt(i), FNV_PRIME);
  weight = Math.imul(weight ^ (weight >>> 16), MIX_FIRST);
  weight = Math.imul(weight ^ (weight >>> 15), MIX_SECOND);
  return (weight ^ (weight >>> 16)) >>> 0;
}
