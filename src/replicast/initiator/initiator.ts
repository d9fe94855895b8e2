import type { Payloads } from '../../overlay/socket.ts';
import type { Effect } from '../effects.ts';
import { eachData } from '../messages/data.ts';
import { decodeMessage, type Message } from '../messages.ts';
import { groupOf, groupsToAsk } from '../placement.ts';
import { reservedRate } from '../settings.ts';
import { announceAgain } from './accept.ts';
import { ask, chooseBidder, nextBidder, requestMissing } from './ask.ts';
import { handleChunkAck } from './chunk-ack.ts';
import { handleChunkNack } from './chunk-nack.ts';
import { conclude, handleTransferred, noteTransferred } from './conclude.ts';
import { InitiatorContext, type InitiatorOptions } from './context.ts';
import { decide } from './decide.ts';
import { type Get, type GetRequestEvent, groupAsked } from './get.ts';
import { handleGetBid } from './get-bid.ts';
import { handleGetData } from './get-data.ts';
import type { Outcome } from './outcome.ts';
import { propose } from './propose.ts';
import type { Put, PutRequest } from './put.ts';
import { handlePutBid } from './put-bid.ts';
import { failPut } from './put-outcome.ts';

export type InitiatorEvent =
  /** Store a chunk; ends with a `put-done` or `put-failed` outcome of the same id. */
  | ({ kind: 'put' } & PutRequest)
  /** Fetch a chunk; ends with a `get-done` or `get-failed` outcome of the same id. */
  | ({ kind: 'get' } & GetRequestEvent)
  /** A Replicast datagram came from an overlay address. */
  | { kind: 'datagram'; source: string; payload: Uint8Array }
  /** The same, decoded already. */
  | { kind: 'message'; source: string; message: Message }
  /** Pieces of chunks came together. */
  | { kind: 'data'; source: string; messages: Payloads }
  /** All datagrams of a `transfer` effect have been sent. */
  | { kind: 'transferred'; id: string }
  /** The time that `deadline` named has come. */
  | { kind: 'tick' };

/** `startedAt`: when it was asked for, so that the time in the queue counts. */
type Waiting = { startedAt: number } & (({ kind: 'put' } & PutRequest) | ({ kind: 'get' } & GetRequestEvent));

const nothing: readonly (Effect | Outcome)[] = Object.freeze([]);

/**
 * An initiator: negotiates windows for chunks, has them sent, and keeps at it until enough targets acknowledge; and
 * fetches chunks from whoever has them. Several at a time. Pure: it does nothing but return what is to be done.
 */
export class Initiator {
  readonly #context: InitiatorContext;
  /** In the order in which they were asked for. */
  readonly #waiting: Waiting[] = [];
  readonly #puts = new Map<number, Put>();
  readonly #gets = new Map<number, Get>();

  constructor(options: InitiatorOptions) {
    this.#context = new InitiatorContext(options);
  }

  /** Takes one event. @param now ms. Returns what to do, in order. */
  handle(event: InitiatorEvent, now: number): readonly (Effect | Outcome)[] {
    const { effects, counters } = this.#context;
    switch (event.kind) {
      case 'put':
      case 'get':
        this.#waiting.push({ ...event, startedAt: now });
        break;
      case 'datagram': {
        const message = decodeMessage(event.payload);
        if (typeof message === 'string') counters.add(`malformed ${message}`);
        else this.#message(event.source, message, now);
        break;
      }
      case 'message':
        this.#message(event.source, event.message, now);
        break;
      case 'data': {
        const { source, messages } = event;
        eachData(
          messages,
          (data) => this.#message(source, data, now),
          (reason) => counters.add(`malformed ${reason}`),
        );
        break;
      }
      case 'transferred':
        this.#transferred(event.id, now);
        break;
      case 'tick':
        this.#tick(now);
        break;
    }
    this.#advance(now);
    return effects.length === 0 ? nothing : effects.splice(0);
  }

  /** When the next `tick` is wanted, ms; Infinity when none is. */
  get deadline(): number {
    const { uplink, downlink } = this.#context;
    let earliest = Math.min(uplink.nextExpiry, downlink.nextExpiry);
    for (const { deadline } of this.#puts.values()) earliest = Math.min(earliest, deadline);
    for (const { deadline } of this.#gets.values()) earliest = Math.min(earliest, deadline);
    return earliest;
  }

  /** Chunks asked for and not ended. */
  get pending(): number {
    return this.#waiting.length + this.#puts.size + this.#gets.size;
  }

  /** For status, checks and tests. */
  get context(): InitiatorContext {
    return this.#context;
  }

  #message(source: string, message: Message, now: number): void {
    const { counters, membership } = this.#context;
    const target = membership.targetAt(source);
    if (target === undefined) {
      counters.add('message of an unknown target');
      return;
    }
    const put = this.#puts.get(message.txn);
    const get = this.#gets.get(message.txn);
    if (put && message.kind === 'PutBid') handlePutBid(this.#context, put, target, message, now);
    else if (put && message.kind === 'ChunkAck') handleChunkAck(this.#context, put, target, message, now);
    else if (put && message.kind === 'ChunkNack') handleChunkNack(this.#context, put, target, message, now);
    else if (get && message.kind === 'GetBid') handleGetBid(this.#context, get, target, message, now);
    else if (get && message.kind === 'GetData') handleGetData(this.#context, get, target, message, now);
    else if (message.kind === 'PutBid' || message.kind === 'GetBid') this.#context.late(target, message, now);
    else counters.add(`unexpected ${message.kind}`);
  }

  /** A transfer's id is `put/<txn>/…`; its put may have ended meanwhile. */
  #transferred(id: string, now: number): void {
    const put = this.#puts.get(Number(id.split('/')[1]));
    noteTransferred(this.#context, id, now);
    if (put?.transfers.has(id)) handleTransferred(this.#context, put, id, now);
  }

  #tick(now: number): void {
    const context = this.#context;
    for (const put of this.#puts.values()) {
      if (put.deadline > now) continue;
      if (put.phase === 'bidding') decide(context, put, now);
      else if (put.phase === 'transferring') announceAgain(context, put, now);
      else if (put.phase === 'collecting') conclude(context, put, now);
    }
    for (const get of this.#gets.values()) {
      if (get.deadline > now) continue;
      if (get.phase === 'asking') chooseBidder(context, get, now);
      else if (get.phase === 'receiving') this.#overdue(get, now);
    }
    context.uplink.expire(now);
    context.downlink.expire(now);
  }

  /** What was to come has not: the rest is asked for once more, as long as asking brings something. */
  #overdue(get: Get, now: number): void {
    const received = get.reassembly?.received ?? 0;
    if (received > Math.max(0, get.receivedBefore)) {
      requestMissing(this.#context, get, now);
      return;
    }
    if (get.winner) {
      get.silent.add(get.winner.name);
      // It may only be slow: the next one is given more time.
      this.#context.getLateness.add(now - get.windowEnd);
    }
    nextBidder(this.#context, get, now);
  }

  /** Begins what there is room for: chunks in flight, then negotiations. */
  #advance(now: number): void {
    for (const [txn, { phase }] of this.#puts) if (phase === 'ended') this.#puts.delete(txn);
    for (const [txn, { phase }] of this.#gets) if (phase === 'ended') this.#gets.delete(txn);
    while (this.#waiting.length > 0 && this.#puts.size + this.#gets.size < this.#context.settings.inFlight) {
      const next = this.#waiting.shift()!;
      if (next.kind === 'put') this.#begin(next, now);
      else this.#beginGet(next, now);
    }
    for (const get of this.#gets.values()) {
      if (get.phase === 'backing-off' && get.deadline <= now) {
        get.phase = 'ready';
        get.deadline = Number.POSITIVE_INFINITY;
      }
      if (get.phase === 'ready' && this.#mayAsk(get)) ask(this.#context, get, now);
    }
    for (const put of this.#puts.values()) {
      if (put.phase === 'backing-off' && put.deadline <= now) {
        put.phase = 'ready';
        put.deadline = Number.POSITIVE_INFINITY;
      }
      if (put.phase === 'ready' && this.#mayNegotiate(put)) propose(this.#context, put, now);
    }
    const ended = ({ phase }: { phase: string }) => phase === 'ended';
    if ([...this.#puts.values()].some(ended) || [...this.#gets.values()].some(ended)) this.#advance(now);
  }

  #mayNegotiate(put: Put): boolean {
    let negotiating = 0;
    for (const { phase } of this.#puts.values()) if (phase === 'bidding') negotiating++;
    return negotiating < this.#negotiations(put.group, put.chunk.length);
  }

  #mayAsk(get: Get): boolean {
    let asking = 0;
    for (const { phase } of this.#gets.values()) if (phase === 'asking') asking++;
    return asking < this.#negotiations(groupAsked(get), this.#context.settings.chunkSize);
  }

  /**
   * Negotiations that may be under way at once. One after the other they see each other's windows and so leave no gaps;
   * only when a round trip is longer than a transfer are as many begun as it takes to keep the link busy.
   */
  #negotiations(group: string, bytes: number): number {
    const { settings } = this.#context;
    const duration = (bytes * 8 * 1000) / reservedRate(settings);
    return Math.max(1, Math.ceil((this.#context.roundTrip(group) ?? 0) / duration));
  }

  #begin({ startedAt, ...request }: Extract<Waiting, { kind: 'put' }>, now: number): void {
    const context = this.#context;
    const group = request.group ?? groupOf(request.hash, context.membership.partitions);
    const members = context.membership.members(group);
    const put: Put = {
      id: request.id,
      txn: context.nextTxn(),
      hash: request.hash,
      chunk: request.chunk,
      group,
      members: members ?? [],
      replicas: request.replicas,
      startedAt,
      phase: 'backing-off',
      attempt: 0,
      failures: 0,
      contentions: 0,
      deadline: now,
      notBefore: now,
      proposedAt: now,
      rate: 0,
      datagram: 0,
      immediate: false,
      answers: new Map(),
      roundTrip: 0,
      stored: new Set(),
      storing: new Map(),
      refused: new Map(),
      chosen: new Map(),
      transfers: new Set(),
      transferEnd: now,
      sentBytes: 0,
    };
    this.#puts.set(put.txn, put);
    if (!members) failPut(context, put, now, `there is no group "${group}"`);
    else if (request.replicas > members.length) failPut(context, put, now, `the group has ${members.length} members`);
  }

  #beginGet({ startedAt, id, hash, group }: Extract<Waiting, { kind: 'get' }>, now: number): void {
    const context = this.#context;
    const get: Get = {
      id,
      txn: context.nextTxn(),
      hash,
      groups: groupsToAsk(hash, context.membership.partitions, group),
      startedAt,
      phase: 'backing-off',
      attempt: 0,
      failures: 0,
      turn: 0,
      deadline: now,
      askedAt: now,
      roundTrip: 0,
      answered: new Set(),
      bidders: [],
      retryAt: 0,
      asked: new Set(),
      notFound: new Set(),
      silent: new Set(),
      corrupt: new Set(),
      accepted: new Set(),
      suspicious: false,
      datagram: 0,
      windowEnd: now,
      lastDataAt: now,
      lastIndex: 0,
      receivedBefore: -1,
    };
    this.#gets.set(get.txn, get);
  }
}
