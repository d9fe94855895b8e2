import type { Payloads } from '../../overlay/socket.ts';
import { MAX_NACKS, STALL, TRANSACTION_GRACE } from '../constants.ts';
import type { Effect } from '../effects.ts';
import { eachData } from '../messages/data.ts';
import { decodeMessage, type Message } from '../messages.ts';
import { TargetContext, type TargetOptions } from './context.ts';
import { handleData } from './data.ts';
import { handleGetAccept, handleGetRead, handleGetTransferred } from './get-accept.ts';
import { handleGetRequest } from './get-request.ts';
import { bid, offer } from './offer.ts';
import { handlePutAccept } from './put-accept.ts';
import { handlePutCancel } from './put-cancel.ts';
import { handlePutProposal } from './put-proposal.ts';
import { handleStored, handleStoreFailed, refuse } from './store-chunk.ts';
import type { PutTransaction } from './transactions.ts';

export type TargetEvent =
  /** A Replicast datagram came from an overlay address. */
  | { kind: 'datagram'; source: string; payload: Uint8Array }
  /** The same, decoded already. */
  | { kind: 'message'; source: string; message: Message }
  /** Pieces of chunks came together. */
  | { kind: 'data'; source: string; messages: Payloads }
  /** A `store` effect has ended. */
  | { kind: 'stored'; key: string }
  | { kind: 'store-failed'; key: string; reason: 'no space' | 'store failed' }
  /** A `read` effect has ended; without a chunk when it is not there or not intact. */
  | { kind: 'read'; purpose: 'put' | 'get'; key: string; chunk: Uint8Array | undefined }
  /** All datagrams of a `transfer` effect have been sent. */
  | { kind: 'transferred'; id: string }
  /** The time that `deadline` named has come. */
  | { kind: 'tick' };

const nothing: readonly Effect[] = Object.freeze([]);

/**
 * A target: bids for chunks, receives them, has them stored, acknowledges them, and sends them again on request.
 * Pure: it does nothing but return what is to be done.
 */
export class Target {
  readonly #context: TargetContext;

  constructor(options: TargetOptions) {
    this.#context = new TargetContext(options);
  }

  /** Takes one event. @param now ms. Returns what to do, in order. */
  handle(event: TargetEvent, now: number): readonly Effect[] {
    const context = this.#context;
    switch (event.kind) {
      case 'datagram': {
        const message = decodeMessage(event.payload);
        if (typeof message === 'string') context.counters.add(`malformed ${message}`);
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
          (reason) => context.counters.add(`malformed ${reason}`),
        );
        break;
      }
      case 'stored':
        handleStored(context, event.key, now);
        break;
      case 'store-failed':
        handleStoreFailed(context, event.key, event.reason, now);
        break;
      case 'read':
        if (event.purpose === 'put') this.#checked(event.key, event.chunk !== undefined, now);
        else handleGetRead(context, event.key, event.chunk, now);
        break;
      case 'transferred':
        handleGetTransferred(context, event.id.slice('get '.length), now);
        break;
      case 'tick':
        this.#tick(now);
        break;
    }
    return context.effects.length === 0 ? nothing : context.effects.splice(0);
  }

  /** When the next `tick` is wanted, ms; Infinity when none is. */
  get deadline(): number {
    const { puts, gets, inbound, outbound } = this.#context;
    return Math.min(puts.nextDue, gets.nextDue, inbound.nextExpiry, outbound.nextExpiry);
  }

  /** For status, checks and tests. */
  get context(): TargetContext {
    return this.#context;
  }

  #message(source: string, message: Message, now: number): void {
    const context = this.#context;
    switch (message.kind) {
      case 'Data':
        handleData(context, source, message, now);
        break;
      case 'PutProposal':
        handlePutProposal(context, source, message, now);
        break;
      case 'PutAccept':
        handlePutAccept(context, source, message, now);
        break;
      case 'PutCancel':
        handlePutCancel(context, source, message);
        break;
      case 'GetRequest':
        handleGetRequest(context, source, message, now);
        break;
      case 'GetAccept':
        handleGetAccept(context, source, message, now);
        break;
      default:
        context.counters.add(`unexpected ${message.kind}`);
    }
  }

  /** An existing record was read for a proposal. */
  #checked(key: string, intact: boolean, now: number): void {
    const put = this.#context.puts.byKey(key);
    if (put?.state !== 'checking') return;
    if (!intact) {
      offer(this.#context, put, now);
      return;
    }
    put.state = 'stored';
    put.reassembly?.release();
    delete put.reassembly;
    this.#context.inbound.release(put.key);
    put.expires = now + TRANSACTION_GRACE;
    this.#context.puts.schedule(put, put.expires);
    this.#context.counters.add('already stored');
    bid(this.#context, put, { status: 'already-stored', hash: put.proposal.hash }, now);
  }

  #tick(now: number): void {
    const { puts, gets, inbound, outbound } = this.#context;
    puts.tick(now, (put) => this.#look(put, now));
    gets.tick(now, (get) => {
      if (get.expires <= now) this.#context.dropGet(get);
      else gets.schedule(get, get.expires);
    });
    inbound.expire(now);
    outbound.expire(now);
  }

  #look(put: PutTransaction, now: number): void {
    const context = this.#context;
    if (put.state === 'storing') {
      context.puts.schedule(put, Number.POSITIVE_INFINITY);
      return;
    }
    const expires = Math.max(put.expires, put.lastDataAt + (put.expires - put.windowEnd));
    if (expires <= now) {
      if (put.state !== 'stored') context.counters.add('expired');
      context.dropPut(put);
      return;
    }
    let due = expires;
    if (put.state === 'receiving' && put.newSinceNack && put.nacks < MAX_NACKS) {
      due = put.lastIndexSeen
        ? put.lastDataAt + put.quiet
        : Math.max(put.windowEnd, put.lastDataAt) + Math.max(put.quiet, STALL);
      if (due <= now) {
        put.nacks++;
        put.newSinceNack = false;
        refuse(context, put, 'missing');
        due = expires;
      }
    }
    context.puts.schedule(put, Math.min(due, expires));
  }
}
