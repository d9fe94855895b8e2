import { contentHash } from '../hash.ts';
import type { GetBid } from '../messages.ts';
import { chooseBidder, nextBidder } from './ask.ts';
import type { InitiatorContext } from './context.ts';
import { type Get, groupAsked } from './get.ts';
import { completeGet } from './get-outcome.ts';

/** A target answers a get request, or takes back what it offered. */
export function handleGetBid(context: InitiatorContext, get: Get, target: string, bid: GetBid, now: number): void {
  if (get.phase === 'receiving' && get.winner?.name === target && bid.attempt === get.attempt) {
    if (bid.status === 'not-found') get.notFound.add(target);
    else if (bid.status === 'not-now') get.retryAt = Math.max(get.retryAt, now + bid.retry);
    else {
      context.counters.add('late bid');
      return;
    }
    nextBidder(context, get, now);
    return;
  }
  if (get.phase !== 'asking' || bid.attempt !== get.attempt) {
    context.late(target, bid, now);
    return;
  }
  const roundTrip = Math.max(0, now - get.askedAt - bid.held);
  get.roundTrip = Math.max(get.roundTrip, roundTrip);
  get.answered.add(target);
  get.notFound.delete(target);
  switch (bid.status) {
    case 'payload':
      if (contentHash(bid.payload) === get.hash) {
        completeGet(context, get, target, bid.payload, () => {}, now);
        return;
      }
      get.corrupt.add(target);
      break;
    case 'window': {
      const start = now + bid.start - roundTrip;
      const { rate, queue, size, datagram } = bid;
      get.bidders.push({ name: target, start, end: start + bid.length, rate, queue, size, datagram });
      break;
    }
    case 'not-found':
      get.notFound.add(target);
      break;
    case 'not-now':
      get.retryAt = Math.max(get.retryAt, now + bid.retry);
      break;
  }
  const members = context.membership.members(groupAsked(get)) ?? [];
  if (members.every((name) => get.answered.has(name) || !context.isLive(name))) chooseBidder(context, get, now);
}
