import type { Destination, Route } from '../../src/overlay/socket.ts';
import { BufferPool, PacedSender, reassemblies } from '../../src/pmu/index.ts';
import {
  contentHash,
  decodeMessage,
  type Effect,
  Initiator,
  type Outcome,
  Target,
  txnHex,
} from '../../src/replicast/index.ts';
import type { Cluster, FakeDisk } from './cluster.ts';

/** Bytes of one datagram's payload, unless a cluster says otherwise. */
const MAX_PAYLOAD = 1400;

/** What both kinds of node do with the effects of their state machine. */
abstract class SimulatedNode {
  readonly cluster: Cluster;
  readonly name: string;
  readonly address: string;
  readonly sender: PacedSender;
  stopped = false;
  #alarm: { at: number; cancel: () => void } | undefined;

  constructor(cluster: Cluster, name: string, address: string) {
    this.cluster = cluster;
    this.name = name;
    this.address = address;
    this.sender = new PacedSender({
      clock: cluster.clock,
      overhead: cluster.settings.datagramOverhead,
      route: (to) => this.#route(to),
      onTransferred: (id) => this.transferred(id),
    });
    cluster.network.attach(address, (source, payload) => this.receive(source, payload));
  }

  stop(): void {
    this.stopped = true;
    this.sender.close();
    this.#alarm?.cancel();
    this.cluster.network.detach(this.address);
  }

  abstract receive(source: string, payload: Uint8Array): void;
  abstract transferred(id: string): void;
  abstract tick(): void;

  maxPayload = (): number => this.cluster.options.maxPayload ?? MAX_PAYLOAD;

  protected perform(effect: Effect): void {
    const { cluster } = this;
    if (effect.kind === 'send') cluster.network.send(this.address, cluster.addresses(effect.to), effect.payload);
    else if (effect.kind === 'transfer') this.sender.submit(effect.transfer);
    else if (effect.kind === 'stop') this.sender.stop(effect.transfer);
    else if (effect.kind === 'event') {
      const fields = { txn: txnHex(effect.txn), attempt: effect.attempt, ...effect.fields };
      cluster.events.push({ node: this.name, at: cluster.clock.now(), event: effect.event, fields });
    }
  }

  /** Has `tick` called at the machine's deadline, as late as the script says. */
  protected alarm(deadline: number): void {
    if (this.#alarm && this.#alarm.at === deadline) return;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (this.stopped || deadline === Number.POSITIVE_INFINITY) return;
    const late = this.cluster.options.lateness?.() ?? 0;
    const cancel = this.cluster.clock.wake(deadline + late, () => {
      this.#alarm = undefined;
      this.tick();
    });
    this.#alarm = { at: deadline, cancel };
  }

  #route(to: Destination): Route {
    const addresses = this.cluster.addresses(to);
    return {
      maxPayload: this.maxPayload(),
      send: (payload) => {
        if (!this.stopped) this.cluster.network.send(this.address, addresses, payload);
      },
    };
  }
}

export class SimulatedTarget extends SimulatedNode {
  readonly machine: Target;
  readonly #disk: FakeDisk;

  constructor(cluster: Cluster, name: string) {
    super(cluster, name, `target:${name}`);
    this.#disk = cluster.disks.get(name)!;
    this.machine = new Target({
      name,
      settings: cluster.settings,
      membership: cluster.membership,
      store: {
        length: (hash) => this.#disk.chunks.get(hash)?.length,
        hasRoom: () => !this.#disk.full,
      },
      createReassembly: reassemblies(new BufferPool()),
      maxPayload: this.maxPayload,
    });
  }

  receive(source: string, payload: Uint8Array): void {
    this.#handle({ kind: 'datagram', source, payload });
  }

  transferred(id: string): void {
    this.#handle({ kind: 'transferred', id });
  }

  tick(): void {
    this.#handle({ kind: 'tick' });
  }

  #handle(event: Parameters<Target['handle']>[0]): void {
    if (this.stopped) return;
    const now = this.cluster.clock.now();
    for (const effect of this.machine.handle(event, now)) {
      if (effect.kind === 'store') this.#store(effect);
      else if (effect.kind === 'read') this.#read(effect);
      else {
        if (effect.kind === 'send' && effect.message === 'ChunkAck') this.#checkAck(effect.payload);
        this.perform(effect);
      }
    }
    this.#check(now);
    this.alarm(this.machine.deadline);
  }

  #store({ key, hash, chunk }: Extract<Effect, { kind: 'store' }>): void {
    const { clock, options } = this.cluster;
    if (contentHash(chunk) !== hash) this.cluster.violations.push(`${this.name} was to store unverified bytes`);
    const bytes = new Uint8Array(chunk);
    clock.wake(clock.now() + (options.storeTime?.(this.name) ?? 1), () => {
      if (this.stopped) return;
      if (this.#disk.full) this.#handle({ kind: 'store-failed', key, reason: 'no space' });
      else {
        this.#disk.chunks.set(hash, bytes);
        this.#handle({ kind: 'stored', key });
      }
    });
  }

  #read({ key, hash, purpose }: Extract<Effect, { kind: 'read' }>): void {
    const { clock } = this.cluster;
    clock.wake(clock.now() + 0.2, () => this.#handle({ kind: 'read', purpose, key, chunk: this.#disk.intact(hash) }));
  }

  #checkAck(payload: Uint8Array): void {
    const message = decodeMessage(payload);
    if (typeof message === 'string' || message.kind !== 'ChunkAck') return;
    if (!this.#disk.intact(message.hash)) this.cluster.violations.push(`${this.name} acknowledged what is not stored`);
  }

  #check(now: number): void {
    const { inbound, outbound } = this.machine.context;
    for (const calendar of [inbound, outbound]) {
      const entries = calendar.entries();
      for (let i = 1; i < entries.length; i++) {
        if (entries[i]!.start < entries[i - 1]!.end)
          this.cluster.violations.push(`${this.name} has overlapping windows`);
      }
    }
    // A tick may be late, but once it came nothing that expired may be left.
    const grace = this.cluster.options.lateness ? 100 : 0;
    for (const { expires } of inbound.entries()) {
      if (expires < now - grace - 1e-6) this.cluster.violations.push(`${this.name} has an expired reservation`);
    }
  }
}

export class SimulatedInitiator extends SimulatedNode {
  readonly machine: Initiator;
  readonly outcomes = new Map<number, Outcome>();
  #lastId = 0;

  constructor(cluster: Cluster, name: string) {
    super(cluster, name, `initiator:${name}`);
    this.machine = new Initiator({
      settings: cluster.settings,
      membership: cluster.membership,
      createReassembly: reassemblies(new BufferPool()),
      maxPayload: this.maxPayload,
      isLive: (target) => cluster.options.isLive?.(target) ?? true,
      random: cluster.random,
    });
  }

  /** Returns the id under which the outcome will be. */
  put(chunk: Uint8Array, replicas = 3, group?: string): number {
    const id = ++this.#lastId;
    const hash = contentHash(chunk);
    this.handle({ kind: 'put', id, chunk, hash, replicas, ...(group !== undefined && { group }) });
    return id;
  }

  get(hash: string): number {
    const id = ++this.#lastId;
    this.handle({ kind: 'get', id, hash });
    return id;
  }

  receive(source: string, payload: Uint8Array): void {
    this.handle({ kind: 'datagram', source, payload });
  }

  transferred(id: string): void {
    this.handle({ kind: 'transferred', id });
  }

  tick(): void {
    this.handle({ kind: 'tick' });
  }

  handle(event: Parameters<Initiator['handle']>[0]): void {
    if (this.stopped) return;
    for (const effect of this.machine.handle(event, this.cluster.clock.now())) {
      if (!('id' in effect)) this.perform(effect);
      else if (this.outcomes.has(effect.id)) this.cluster.violations.push(`${this.name}: ${effect.id} ended twice`);
      else this.outcomes.set(effect.id, effect);
    }
    const entries = this.machine.context.uplink.entries();
    for (let i = 1; i < entries.length; i++) {
      if (entries[i]!.start < entries[i - 1]!.end) this.cluster.violations.push(`${this.name} has overlapping windows`);
    }
    this.alarm(this.machine.deadline);
  }

  /** Lets time pass until that put or get has ended. */
  outcome(id: number, limit = 60_000): Outcome | undefined {
    this.cluster.clock.run(() => this.outcomes.has(id), limit);
    return this.outcomes.get(id);
  }
}
