import { bitsOf, everyBit } from '../bitmap.ts';
import { MAX_UNSOLICITED_REPAIR, RESERVATION_GRACE } from '../constants.ts';
import { flowOf } from '../effects.ts';
import { datagramCount } from '../messages/data.ts';
import type { GetAccept } from '../messages.ts';
import { reservedRate, transferTime, unsolicitedRate } from '../settings.ts';
import type { TargetContext } from './context.ts';
import { bidGet } from './get-request.ts';
import type { GetTransaction } from './transactions.ts';

/** This target is to send the chunk (or again what did not arrive), or another is and this one is free. */
export function handleGetAccept(context: TargetContext, source: string, accept: GetAccept, now: number): void {
  const get = context.gets.find(source, accept.txn);
  if (accept.winner !== context.name) {
    if (!get || accept.attempt < get.attempt) return;
    // The request is remembered: if the winner fails, this target may be next.
    context.outbound.release(get.key);
    delete get.reading;
    stop(context, get);
    return;
  }
  const { txn, attempt, missing } = accept;
  if (!get) {
    const asked = { source, txn, attempt, hash: '', requestedAt: now };
    bidGet(context, asked, { status: 'not-now', retry: 0 }, now);
    return;
  }
  if (accept.attempt < get.attempt || accept.attempt <= get.acceptedAttempt || get.reading) {
    context.counters.add('stale accept');
    return;
  }
  get.attempt = accept.attempt;
  get.acceptedAttempt = accept.attempt;
  stop(context, get);
  const start = now + accept.start;
  context.outbound.trim(get.key, { start, end: start + accept.length });
  get.expires = start + accept.length + RESERVATION_GRACE;
  get.reading = { as: 'transfer', start, rate: accept.rate, ...(missing && { missing }) };
  context.gets.schedule(get, get.expires);
  context.effects.push({ kind: 'read', purpose: 'get', key: get.key, hash: get.hash });
}

/** The store has read a chunk for a get; `undefined` when it is not there or not intact. */
export function handleGetRead(context: TargetContext, key: string, chunk: Uint8Array | undefined, now: number): void {
  const get = context.gets.byKey(key);
  const reading = get?.reading;
  if (!get || !reading) return;
  delete get.reading;
  if (!chunk || chunk.length !== get.size) {
    bidGet(context, get, { status: 'not-found' }, now);
    context.dropGet(get);
    return;
  }
  if (reading.as === 'payload') {
    bidGet(context, get, { status: 'payload', payload: chunk }, now);
    context.dropGet(get);
    return;
  }
  send(context, get, chunk, reading, now);
}

/** The datagrams of a get have left. */
export function handleGetTransferred(context: TargetContext, key: string, now: number): void {
  const get = context.gets.byKey(key);
  if (get) get.transferring = false;
  if (!get?.sending) return;
  const { start, end } = get.sending;
  context.slowness.add(end - start, now - Math.max(start, context.lastTransferred));
  context.lastTransferred = now;
  delete get.sending;
  get.expires = now + RESERVATION_GRACE;
  context.gets.schedule(get, get.expires);
}

function transferId({ key }: GetTransaction): string {
  return `get ${key}`;
}

/** Sends no more of a chunk: the link is planned for something else by now. */
export function stop(context: TargetContext, get: GetTransaction): void {
  if (!get.transferring) return;
  get.transferring = false;
  delete get.sending;
  context.counters.add('stopped transfers');
  context.effects.push({ kind: 'stop', transfer: transferId(get) });
}

function send(
  context: TargetContext,
  get: GetTransaction,
  chunk: Uint8Array,
  { start, rate: wanted, missing }: { start: number; rate: number; missing?: Uint8Array },
  now: number,
): void {
  const { settings, outbound } = context;
  const count = datagramCount(chunk.length, get.datagram);
  const indices = missing ? bitsOf(missing, count) : everyBit(count);
  const small = missing !== undefined && indices.length <= MAX_UNSOLICITED_REPAIR;
  const own = small ? unsolicitedRate(settings) : reservedRate(settings);
  const rate = Math.min(wanted, own);
  const duration = transferTime(indices.length * get.datagram, get.datagram, settings.datagramOverhead, rate);
  let begin = start;
  if (!small && !outbound.get(get.key)) {
    // A large repair needs a window of its own.
    const request = { notBefore: start, notAfter: Number.POSITIVE_INFINITY, least: duration, most: duration };
    begin = outbound.reserve(get.key, request)!.start;
  }
  get.expires = Math.max(begin, now) + duration + RESERVATION_GRACE;
  if (small) delete get.sending;
  else get.sending = { start: Math.max(begin, now), end: Math.max(begin, now) + duration };
  context.gets.schedule(get, get.expires);
  context.counters.add('sent datagrams', indices.length);
  context.event('transfer', get, { hash: get.hash, datagrams: indices.length, to: get.source });
  get.transferring = true;
  context.effects.push({
    kind: 'transfer',
    transfer: {
      id: transferId(get),
      stream: {
        kind: 'GetData',
        txn: get.txn,
        attempt: get.attempt,
        repair: missing !== undefined,
        chunk,
        datagram: get.datagram,
      },
      parts: [{ to: { address: get.source }, indices }],
      start: begin,
      rate,
      reserved: !small,
      flow: flowOf(get.txn),
    },
  });
}
