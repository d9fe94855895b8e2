import type { Destination, OverlaySocket, ReceivedDatagram, ReceivedDatagrams } from '../overlay/index.ts';
import { BufferPool, coarseClock, exactClock, PacedSender, reassemblies } from '../pmu/index.ts';
import {
  Counters,
  contentHash,
  decodeMessage,
  type Effect,
  type GetResult,
  Initiator,
  type InitiatorEvent,
  Kind,
  kindOfAll,
  type Membership,
  type Message,
  type Outcome,
  type PutResult,
  type ReplicastSettings,
  Target,
  type TargetEvent,
  txnHex,
} from '../replicast/index.ts';
import { type ChunkStore, StoreFullError } from '../store/index.ts';
import { Alarm } from './alarm.ts';
import { ChunkReaders } from './chunk-readers.ts';
import { GetError, PutError } from './replicast-errors.ts';

export interface ReplicastNodeOptions {
  /** Its name in the cluster map, if it is a target. */
  name: string;
  socket: OverlaySocket;
  membership: Membership;
  settings: ReplicastSettings;
  /** Only a target has one. */
  store?: ChunkStore | undefined;
  /** Told of everything worth telling, and of which transaction it is, if it is of one. */
  emit?(event: string, fields: Record<string, unknown>, of?: { txn: string; attempt: number }): void;
  /** Resolves when whoever listens has everything that was emitted; undefined when that is so already. */
  told?(): Promise<void> | undefined;
}

/** A chunk that was fetched. `release` gives its buffer back; nobody may use it afterwards. */
export interface FetchedChunk {
  chunk: Uint8Array;
  result: GetResult;
  release(): void;
}

interface Waiting {
  resolve(outcome: Outcome): void;
}

const forInitiators = new Set<Message['kind']>(['PutBid', 'ChunkAck', 'ChunkNack', 'GetBid', 'GetData']);

/**
 * Replicast on one host: runs the state machines of an initiator and, with a store, of a target over an overlay socket,
 * real timers and a real store. Every decision is theirs; this only does what they say.
 */
export class ReplicastNode {
  readonly settings: ReplicastSettings;
  readonly counters = new Counters();
  readonly #options: ReplicastNodeOptions;
  readonly #initiator: Initiator;
  readonly #target: Target | undefined;
  readonly #sender: PacedSender;
  readonly #pool = new BufferPool();
  readonly #waiting = new Map<number, Waiting>();
  /** Puts of the same chunk at the same time are one put. */
  readonly #puts = new Map<string, Promise<PutResult>>();
  readonly #readers = new ChunkReaders();
  readonly #alarms: { initiator: Alarm; target: Alarm };
  #lastId = 0;
  #closed = false;

  constructor(options: ReplicastNodeOptions) {
    const { settings, membership, name, socket, store } = options;
    this.settings = settings;
    this.#options = options;
    const createReassembly = reassemblies(this.#pool);
    const maxPayload = (to: Destination, announce: boolean) =>
      socket.route(to, { flow: 0, attempt: 1, announce }).maxPayload;
    const isLive = (target: string) => socket.isLive(target);
    const random = Math.random;
    this.#initiator = new Initiator({ settings, membership, createReassembly, maxPayload, isLive, random });
    if (store) this.#target = new Target({ name, settings, membership, store, createReassembly, maxPayload });
    this.#sender = new PacedSender({
      clock: exactClock,
      overhead: settings.datagramOverhead,
      route: (to, route) => socket.route(to, route),
      onTransferred: (id, error) => this.#transferred(id, error),
    });
    this.#alarms = {
      initiator: new Alarm(coarseClock, () => this.#tell({ kind: 'tick' })),
      target: new Alarm(coarseClock, () => this.#tellTarget({ kind: 'tick' })),
    };
    socket.onDatagram(
      (datagram) => this.#receive(datagram),
      (datagrams) => this.#receiveAll(datagrams),
    );
  }

  /**
   * Stores a chunk; the bytes must not change until this has settled.
   * @throws PutError when it did not get its replicas
   */
  putChunk(chunk: Uint8Array, replicas: number, group?: string): Promise<PutResult> {
    const hash = contentHash(chunk);
    const key = `${hash}/${replicas}/${group ?? ''}`;
    const same = this.#puts.get(key);
    if (same) return same;
    const put = this.#put(chunk, hash, replicas, group).finally(() => this.#puts.delete(key));
    this.#puts.set(key, put);
    return put;
  }

  /** A buffer for a chunk that is to be put, with anything in it. */
  takeBuffer(length: number): Uint8Array {
    return this.#pool.take(length);
  }

  /** Gives a buffer back once nobody reads the chunk in it any more. @param chunk as it was put */
  giveBuffer(buffer: Uint8Array, chunk: Uint8Array): void {
    this.#readers.whenIdle(chunk, () => this.#pool.give(buffer));
  }

  /**
   * Fetches a chunk and verifies it.
   * @param group in which it is likely to be
   * @throws GetError when nobody that was asked has it
   */
  async getChunk(hash: string, group?: string): Promise<FetchedChunk> {
    const id = ++this.#lastId;
    const outcome = await this.#ask(id, { kind: 'get', id, hash, ...(group !== undefined && { group }) });
    if (outcome.kind === 'get-failed') throw new GetError(outcome.failure);
    if (outcome.kind !== 'get-done') throw new Error(`a get ended as ${outcome.kind}`);
    const { chunk, result, release } = outcome;
    return { chunk, result, release };
  }

  /** What a person would like to know. */
  get status(): Record<string, unknown> {
    const target = this.#target?.context;
    const now = exactClock.now();
    return {
      pending: this.#initiator.pending,
      transfers: this.#sender.pending,
      maxBidWait: this.#initiator.context.maxBidWait,
      ...(target && {
        puts: target.puts.size,
        gets: target.gets.size,
        storing: target.storing.size,
        reservations: { inbound: target.inbound.pending(now), outbound: target.outbound.pending(now) },
        store: this.#options.store?.counters,
      }),
    };
  }

  get allCounters(): Record<string, unknown> {
    return {
      node: this.counters.toJSON(),
      initiator: this.#initiator.context.counters.toJSON(),
      ...(this.#target && { target: this.#target.context.counters.toJSON() }),
      ...(this.#options.store && { store: { ...this.#options.store.counters } }),
    };
  }

  /** Sends nothing more. What is being written to the store is written. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#sender.close();
    this.#alarms.initiator.cancel();
    this.#alarms.target.cancel();
    await this.#options.store?.close();
  }

  async #put(chunk: Uint8Array, hash: string, replicas: number, group: string | undefined): Promise<PutResult> {
    const id = ++this.#lastId;
    const outcome = await this.#ask(id, {
      kind: 'put',
      id,
      chunk,
      hash,
      replicas,
      ...(group !== undefined && { group }),
    });
    // An early end may leave a transfer behind that still reads the chunk.
    await new Promise<void>((resolve) => this.#readers.whenIdle(chunk, resolve));
    if (outcome.kind === 'put-failed') throw new PutError(outcome.failure);
    if (outcome.kind !== 'put-done') throw new Error(`a put ended as ${outcome.kind}`);
    return outcome.result;
  }

  #ask(id: number, event: InitiatorEvent): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#waiting.set(id, { resolve });
      this.#tell(event);
    });
  }

  #receive({ source, payload, receivedAt }: ReceivedDatagram): void {
    if (this.#closed) return;
    const message = decodeMessage(payload);
    if (typeof message === 'string') this.counters.add(`malformed ${message}`);
    else if (forInitiators.has(message.kind)) this.#tell({ kind: 'message', source, message }, receivedAt);
    else if (this.#target) this.#tellTarget({ kind: 'message', source, message }, receivedAt);
    else this.counters.add(`unexpected ${message.kind}`);
  }

  /** What comes together are pieces of one chunk, but for chance. */
  #receiveAll({ source, payloads, receivedAt }: ReceivedDatagrams): void {
    if (this.#closed) return;
    const kind = kindOfAll(payloads);
    const event = { kind: 'data' as const, source, messages: payloads };
    if (kind === Kind.GetData) this.#tell(event, receivedAt);
    else if (kind === Kind.Data && this.#target) this.#tellTarget(event, receivedAt);
    else {
      const { bytes, step, start, end } = payloads;
      for (let at = 0; at < bytes.length; at += step) {
        this.#receive({ source, payload: bytes.subarray(at + start, at + end), receivedAt });
      }
    }
  }

  #tell(event: InitiatorEvent, now = exactClock.now()): void {
    if (this.#closed) return;
    for (const effect of this.#initiator.handle(event, now)) {
      if ('id' in effect) {
        this.#waiting.get(effect.id)?.resolve(effect);
        this.#waiting.delete(effect.id);
      } else this.#perform(effect);
    }
    this.#alarms.initiator.set(this.#initiator.deadline);
  }

  #tellTarget(event: TargetEvent, now = exactClock.now()): void {
    const target = this.#target;
    if (!target || this.#closed) return;
    for (const effect of target.handle(event, now)) this.#perform(effect);
    this.#alarms.target.set(target.deadline);
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        this.#send(effect);
        break;
      case 'transfer': {
        const { id, stream } = effect.transfer;
        this.#readers.begin(id, stream.chunk);
        this.#sender.submit(effect.transfer);
        break;
      }
      case 'stop':
        if (this.#sender.stop(effect.transfer)) this.#readers.end(effect.transfer);
        break;
      case 'expect':
        this.#options.store?.expect(effect.bytes);
        break;
      case 'store':
        void this.#store(effect);
        break;
      case 'read':
        void this.#read(effect);
        break;
      case 'event':
        this.#options.emit?.(effect.event, effect.fields, { txn: txnHex(effect.txn), attempt: effect.attempt });
        break;
    }
  }

  #send({ to, flow, attempt, announce, payload, message }: Extract<Effect, { kind: 'send' }>): void {
    try {
      // What does not announce answers something, or follows an answer.
      this.#options.socket.route(to, { flow, attempt, announce, solicited: !announce }).send(payload);
      this.counters.add(`sent ${message}`);
      this.counters.add('sent control bytes', payload.length);
    } catch (error) {
      // No way there, or too long for a datagram: to the protocol that is a loss like any other.
      this.counters.add(`unsent ${message}`);
      this.#options.emit?.('unsent', { message, to, error: (error as Error).message });
    }
  }

  async #store({ key, hash, chunk }: Extract<Effect, { kind: 'store' }>): Promise<void> {
    try {
      await this.#options.store?.put(hash, chunk);
      await this.#vouch(key);
    } catch (error) {
      this.#options.emit?.('store-failed', { hash, error: (error as Error).message });
      const reason = error instanceof StoreFullError ? 'no space' : 'store failed';
      this.#tellTarget({ kind: 'store-failed', key, reason });
    }
  }

  /** Acknowledges what is stored, once it has said so: who is killed a moment later has not acknowledged without a word. */
  async #vouch(key: string): Promise<void> {
    if (!this.#target || this.#closed) return;
    const effects = this.#target.handle({ kind: 'stored', key }, exactClock.now());
    for (const effect of effects) if (effect.kind === 'event') this.#perform(effect);
    const told = this.#options.told?.();
    if (told) await told;
    if (this.#closed) return;
    for (const effect of effects) if (effect.kind !== 'event') this.#perform(effect);
    this.#alarms.target.set(this.#target.deadline);
  }

  async #read({ purpose, key, hash }: Extract<Effect, { kind: 'read' }>): Promise<void> {
    let chunk: Uint8Array | undefined;
    try {
      chunk = await this.#options.store?.get(hash, (bytes) => this.#pool.take(bytes));
      if (!chunk) this.#options.emit?.('corrupt', { hash });
    } catch (error) {
      this.#options.emit?.('read-failed', { hash, error: (error as Error).message });
    }
    this.#tellTarget({ kind: 'read', purpose, key, chunk });
    if (!chunk) return;
    const read = chunk;
    this.#readers.whenIdle(read, () => this.#pool.give(read));
  }

  #transferred(id: string, error: Error | undefined): void {
    if (error) this.#options.emit?.('unsent', { transfer: id, error: error.message });
    this.#readers.end(id);
    if (id.startsWith('put/')) this.#tell({ kind: 'transferred', id });
    else this.#tellTarget({ kind: 'transferred', id });
  }
}
