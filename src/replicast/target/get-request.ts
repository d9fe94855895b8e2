import {
  BUSY_RETRY,
  HORIZON_TRANSFERS,
  MAX_TRANSACTIONS,
  MIN_HORIZON,
  RESERVATION_GRACE,
  TRANSACTION_GRACE,
} from '../constants.ts';
import { encodeMessage, type GetBid, type GetRequest } from '../messages.ts';
import { PREFIX_BYTES } from '../prefix.ts';
import { reservedRate, transferTime } from '../settings.ts';
import type { TargetContext } from './context.ts';
import { stop } from './get-accept.ts';
import type { GetTransaction } from './transactions.ts';

/** Bytes of a bid that carries a chunk, beside the chunk. */
const PAYLOAD_BID_OVERHEAD = encodeMessage({
  kind: 'GetBid',
  txn: 0,
  attempt: 1,
  held: 0,
  status: 'payload',
  payload: new Uint8Array(0),
}).length;

type Answer<T = GetBid> = T extends GetBid ? Omit<T, 'kind' | 'txn' | 'attempt' | 'held'> : never;

/** Answers a get request (or an accept that cannot be honoured). */
export function bidGet(
  context: TargetContext,
  get: Pick<GetTransaction, 'source' | 'txn' | 'attempt' | 'hash' | 'requestedAt'>,
  answer: Answer,
  now: number,
): void {
  const { txn, attempt } = get;
  context.reply(get.source, { kind: 'GetBid', txn, attempt, held: now - get.requestedAt, ...answer });
  const { payload: _payload, ...shown } = answer as Answer & { payload?: unknown };
  context.event('bid', get, { hash: get.hash, ...shown });
}

/** Who asks for a chunk gets a window, or the chunk itself when one datagram holds it. */
export function handleGetRequest(context: TargetContext, source: string, request: GetRequest, now: number): void {
  if (context.positionIn(request.group) < 0) {
    context.counters.add('request of a foreign group');
    return;
  }
  const before = context.gets.find(source, request.txn);
  if (before) {
    if (request.attempt <= before.attempt) {
      context.counters.add('stale request');
      return;
    }
    stop(context, before);
    context.dropGet(before);
  }
  const { txn, attempt, hash, group } = request;
  const asked = { source, txn, attempt, hash, requestedAt: now };
  const size = context.store.length(hash);
  if (size === undefined) {
    bidGet(context, asked, { status: 'not-found' }, now);
    return;
  }
  if (context.gets.size >= MAX_TRANSACTIONS) {
    bidGet(context, asked, { status: 'not-now', retry: BUSY_RETRY }, now);
    return;
  }
  const largest = context.maxPayload({ address: source }, false);
  const datagram = largest - PREFIX_BYTES;
  const expires = now + TRANSACTION_GRACE;
  const get: GetTransaction = {
    ...asked,
    key: `${source}/${txn}`,
    group,
    size,
    datagram,
    expires,
    due: expires,
    acceptedAttempt: 0,
    transferring: false,
  };
  if (size + PAYLOAD_BID_OVERHEAD <= largest) {
    get.reading = { as: 'payload' };
    context.gets.add(get);
    context.effects.push({ kind: 'read', purpose: 'get', key: get.key, hash });
    return;
  }
  const { settings, outbound } = context;
  const rate = reservedRate(settings) / context.slowness.factor;
  const duration = transferTime(size, datagram, settings.datagramOverhead, rate);
  const earliest = now + request.notBefore;
  const queue = outbound.pending(now);
  const window = outbound.reserve(get.key, {
    notBefore: earliest,
    notAfter: earliest + Math.max(MIN_HORIZON, HORIZON_TRANSFERS * duration),
    least: duration,
    most: duration * settings.bidMultiplier + request.patience,
  });
  if (!window) {
    bidGet(context, asked, { status: 'not-now', retry: BUSY_RETRY }, now);
    return;
  }
  get.expires = get.due = window.end + RESERVATION_GRACE;
  context.gets.add(get);
  const { start, end } = window;
  bidGet(context, get, { status: 'window', start: start - now, length: end - start, rate, queue, size, datagram }, now);
}
