import type { Destination } from '../../overlay/socket.ts';
import { RESERVATION_GRACE } from '../constants.ts';
import { Counters } from '../counters.ts';
import { type Effect, flowOf } from '../effects.ts';
import { type ControlMessage, encodeMessage } from '../messages.ts';
import type { Membership } from '../placement.ts';
import type { ReassemblyFactory } from '../reassembly.ts';
import { Reservations } from '../reservations.ts';
import type { ReplicastSettings } from '../settings.ts';
import { Slowness, SmoothedTime } from '../smoothed-time.ts';
import { type GetTransaction, type PutTransaction, TransactionTable } from './transactions.ts';

/** What a target must know at once about its chunk store. */
export interface StoreView {
  /** Bytes of a stored chunk; `undefined` when there is none. Says nothing about its being intact. */
  length(hash: string): number | undefined;
  /** Whether a chunk of so many bytes would fit. */
  hasRoom(bytes: number): boolean;
}

export interface TargetOptions {
  /** Its name in the cluster map. */
  name: string;
  settings: ReplicastSettings;
  membership: Membership;
  store: StoreView;
  createReassembly: ReassemblyFactory;
  /**
   * Payload bytes of one datagram to there, with or without telling how to reach this host.
   * @throws RangeError when there is no way.
   */
  maxPayload(to: Destination, announce: boolean): number;
}

/** The state that the handlers of a target share. */
export class TargetContext {
  readonly name: string;
  readonly settings: ReplicastSettings;
  readonly membership: Membership;
  readonly store: StoreView;
  readonly createReassembly: ReassemblyFactory;
  readonly maxPayload: (to: Destination, announce: boolean) => number;
  readonly puts = new TransactionTable<PutTransaction>();
  readonly gets = new TransactionTable<GetTransaction>();
  /** Of this host's link, towards it. */
  readonly inbound = new Reservations(RESERVATION_GRACE);
  /** Of this host's link, away from it. */
  readonly outbound = new Reservations(RESERVATION_GRACE);
  readonly counters = new Counters();
  /** How long a durable write takes, ms. */
  readonly storeTime = new SmoothedTime();
  /** Of this host's sending. */
  readonly slowness = new Slowness();
  lastTransferred = Number.NEGATIVE_INFINITY;
  /** When writes under way were begun, by key. */
  readonly storing = new Map<string, number>();
  /** When "unknown transaction" was last said, by initiator and transaction. */
  readonly unknown = new Map<string, number>();
  #serial = 1;
  readonly effects: Effect[] = [];

  constructor(options: TargetOptions) {
    this.name = options.name;
    this.settings = options.settings;
    this.membership = options.membership;
    this.store = options.store;
    this.createReassembly = options.createReassembly;
    this.maxPayload = options.maxPayload;
  }

  /** Sends a control message to an initiator. */
  reply(source: string, message: ControlMessage): void {
    this.effects.push({
      kind: 'send',
      message: message.kind,
      to: { address: source },
      attempt: message.attempt,
      flow: flowOf(message.txn),
      announce: false,
      payload: encodeMessage(message, this.#serial++ % 2 ** 32),
    });
  }

  event(event: string, { txn, attempt }: { txn: number; attempt: number }, fields: Record<string, unknown>): void {
    this.effects.push({ kind: 'event', event, txn, attempt, fields });
  }

  /** Position of this target in a group; -1 when it is no member. */
  positionIn(group: string): number {
    return this.membership.members(group)?.indexOf(this.name) ?? -1;
  }

  /** Forgets a put: its reservation, its buffer, itself. */
  dropPut(put: PutTransaction): void {
    this.inbound.release(put.key);
    put.reassembly?.release();
    delete put.reassembly;
    this.puts.remove(put);
  }

  dropGet(get: GetTransaction): void {
    this.outbound.release(get.key);
    this.gets.remove(get);
  }
}
