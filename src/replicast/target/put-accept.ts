import { bitsOf, hasBit } from '../bitmap.ts';
import { RESERVATION_GRACE, STALL } from '../constants.ts';
import type { PutAccept } from '../messages.ts';
import type { TargetContext } from './context.ts';
import { store } from './store-chunk.ts';
import type { PutTransaction } from './transactions.ts';

/** The rendezvous group is chosen: a member keeps its part of the window, the others free theirs. */
export function handlePutAccept(context: TargetContext, source: string, accept: PutAccept, now: number): void {
  const put = context.puts.find(source, accept.txn);
  if (!put || put.attempt !== accept.attempt || put.proposal.group !== accept.group) {
    context.counters.add('stale accept');
    return;
  }
  if (put.state === 'storing' || put.state === 'stored') return;
  const position = context.positionIn(accept.group);
  if (position < 0 || !hasBit(accept.members, position)) {
    context.dropPut(put);
    return;
  }
  if (put.state === 'checking') {
    context.counters.add('stale accept');
    return;
  }
  if (put.proposal.payload) {
    store(context, put, put.proposal.payload, now);
    return;
  }
  const rank = accept.windows.length === 1 ? 0 : bitsOf(accept.members, position).length;
  const { start, length } = accept.windows[rank]!;
  const window = { start: now + start, end: now + start + length };
  context.inbound.trim(put.key, window);
  receive(context, put);
  put.windowEnd = window.end;
  put.expires = window.end + RESERVATION_GRACE;
  put.lastIndexSeen = false;
  put.nacks = 0;
  put.newSinceNack = true;
  context.puts.schedule(put, window.end + Math.max(put.quiet, STALL));
}

/** From here on the chunk is on its way. */
export function receive(context: TargetContext, put: PutTransaction): void {
  put.state = 'receiving';
  if (put.reassembly) return;
  const { length, datagram } = put.proposal;
  put.reassembly = context.createReassembly(length, datagram);
  context.effects.push({ kind: 'expect', bytes: length });
}
