import { UNKNOWN_NACK_INTERVAL } from '../constants.ts';
import type { Data } from '../messages.ts';
import type { TargetContext } from './context.ts';
import { receive } from './put-accept.ts';
import { acknowledge, refuse, store } from './store-chunk.ts';
import type { PutTransaction } from './transactions.ts';

/** One datagram of a chunk. */
export function handleData(context: TargetContext, source: string, data: Data, now: number): void {
  const put = context.puts.find(source, data.txn);
  if (!put || put.proposal.payload) {
    unknown(context, source, data, now);
    return;
  }
  if (put.state === 'storing' || put.state === 'stored') {
    late(context, put, data);
    return;
  }
  // An accept may be lost; data after a bid says as much.
  if (put.state === 'offered') receive(context, put);
  const { reassembly } = put;
  if (!reassembly || put.state !== 'receiving') {
    context.counters.add('unexpected data');
    return;
  }
  if (data.count !== reassembly.count) {
    context.counters.add('malformed data');
    return;
  }
  if (!reassembly.add(data.index, data.payload)) {
    context.counters.add('duplicate data');
    return;
  }
  put.lastDataAt = now;
  if (data.attempt > put.attempt) put.attempt = data.attempt;
  if (reassembly.complete) {
    finish(context, put, reassembly, now);
    return;
  }
  if (data.index === data.count - 1) put.lastIndexSeen = true;
  if (data.index === data.count - 1 || !put.newSinceNack) {
    put.newSinceNack = true;
    context.puts.schedule(put, now + put.quiet);
  }
}

function finish(
  context: TargetContext,
  put: PutTransaction,
  reassembly: NonNullable<PutTransaction['reassembly']>,
  now: number,
): void {
  if (reassembly.hash() === put.proposal.hash) {
    store(context, put, reassembly.chunk, now);
    return;
  }
  reassembly.reset();
  refuse(context, put, 'hash mismatch');
  put.lastIndexSeen = false;
  context.puts.schedule(put, put.expires);
}

/** Data for a chunk that is complete: a resend whose acknowledgement was lost is acknowledged once more. */
function late(context: TargetContext, put: PutTransaction, data: Data): void {
  context.counters.add('duplicate data');
  if (data.attempt > put.attempt) put.attempt = data.attempt;
  if (put.state === 'stored' && data.attempt > put.ackedAttempt) acknowledge(context, put);
}

function unknown(context: TargetContext, source: string, data: Data, now: number): void {
  context.counters.add('data of an unknown transaction');
  const key = `${source}/${data.txn}`;
  if (now - (context.unknown.get(key) ?? Number.NEGATIVE_INFINITY) < UNKNOWN_NACK_INTERVAL) return;
  for (const [other, at] of context.unknown) if (now - at >= UNKNOWN_NACK_INTERVAL) context.unknown.delete(other);
  context.unknown.set(key, now);
  const { txn, attempt } = data;
  context.reply(source, { kind: 'ChunkNack', txn, attempt, reason: 'unknown transaction' });
  context.event('nacked', data, { reason: 'unknown transaction' });
}
