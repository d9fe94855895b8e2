import type { Destination } from '../../overlay/socket.ts';
import {
  ACK_ROUND_TRIPS,
  BID_ROUND_TRIPS,
  FAR_ROUND_TRIPS,
  INITIAL_ACK_WAIT,
  INITIAL_PATIENCE,
  LATENESS_TOLERANCE,
  MAX_ACK_WAIT,
  MAX_PATIENCE,
  MAX_UNMEASURED,
  MIN_ACK_WAIT,
  RESERVATION_GRACE,
} from '../constants.ts';
import { Counters } from '../counters.ts';
import { type Effect, flowOf } from '../effects.ts';
import { type ControlMessage, encodeMessage } from '../messages.ts';
import type { Membership } from '../placement.ts';
import type { ReassemblyFactory } from '../reassembly.ts';
import { Reservations, type Window } from '../reservations.ts';
import { type ReplicastSettings, reservedRate } from '../settings.ts';
import { Slowness, SmoothedTime } from '../smoothed-time.ts';
import type { Outcome } from './outcome.ts';

export interface InitiatorOptions {
  settings: ReplicastSettings;
  membership: Membership;
  createReassembly: ReassemblyFactory;
  /**
   * Payload bytes of one datagram to there, with or without telling how to reach this host.
   * @throws RangeError when there is no way.
   */
  maxPayload(to: Destination, announce: boolean): number;
  /** Whether a target answered lately; those that did not are not waited for. */
  isLive(target: string): boolean;
  /** From 0 up to, not including, 1. */
  random(): number;
}

interface MaxPayloads {
  proposal: number;
  data: number;
}

interface Round {
  txn: number;
  attempt: number;
}

/** A round that ended before it was known how long its slowest answer takes. */
interface UnmeasuredRound {
  group: string;
  askedAt: number;
  /** Largest so far, ms. */
  roundTrip: number;
  /** Who is still to answer; undefined where nobody has: then anybody's answer shows that what was known of the group is wrong. */
  awaited?: Set<string>;
}

/** The state that all puts and gets of an initiator share. */
export class InitiatorContext {
  readonly settings: ReplicastSettings;
  readonly membership: Membership;
  readonly createReassembly: ReassemblyFactory;
  readonly isLive: (target: string) => boolean;
  readonly random: () => number;
  /** Of this host's link, away from it and towards it. */
  readonly uplink = new Reservations(RESERVATION_GRACE);
  readonly downlink = new Reservations(RESERVATION_GRACE);
  readonly counters = new Counters();
  /** From a transfer's end to its acknowledgement, ms. */
  readonly ackTime = new SmoothedTime();
  /** How long after its window a chunk that was asked for is complete, ms. */
  readonly getLateness = new SmoothedTime();
  readonly slowness = new Slowness();
  /** When the latest reserved transfer ended. */
  lastTransferred = Number.NEGATIVE_INFINITY;
  /** Reserved transfers that have not ended, and how long each should take, ms. */
  readonly sending = new Map<string, Window & { planned: number }>();
  /** What a chunk usually waits for its window, ms; see `choosy.ts`. 0 until measured. */
  maxBidWait = 0;
  readonly #maxPayload: InitiatorOptions['maxPayload'];
  readonly #maxPayloads = new WeakMap<readonly string[], MaxPayloads>();
  #serial = 1;
  readonly effects: (Effect | Outcome)[] = [];
  readonly #roundTrips = new Map<string, SmoothedTime>();
  /** Rounds that ended before their round trip was measured. */
  readonly #unmeasured = new Map<string, UnmeasuredRound>();
  #lastTxn: number;

  constructor(options: InitiatorOptions) {
    this.settings = options.settings;
    this.membership = options.membership;
    this.createReassembly = options.createReassembly;
    this.#maxPayload = options.maxPayload;
    this.isLive = options.isLive;
    this.random = options.random;
    // Far from what this host used before it was restarted: targets remember transactions by number.
    this.#lastTxn = Math.floor(this.random() * 2 ** 52);
  }

  /**
   * Payload bytes of one proposal, and of one data datagram, to all members of a group.
   * @throws RangeError when there is no way
   */
  maxPayloads({ group, members }: { group: string; members: readonly string[] }): MaxPayloads {
    // With another map a group has another list of members, and only another map can change what fits.
    let found = this.#maxPayloads.get(members);
    if (!found) {
      const to = { group, members };
      found = { proposal: this.#maxPayload(to, true), data: this.#maxPayload(to, false) };
      this.#maxPayloads.set(members, found);
    }
    return found;
  }

  nextTxn(): number {
    return ++this.#lastTxn;
  }

  send(message: ControlMessage, to: Destination): void {
    this.effects.push({
      kind: 'send',
      message: message.kind,
      to,
      attempt: message.attempt,
      flow: flowOf(message.txn),
      announce: true,
      payload: encodeMessage(message, this.#serial++ % 2 ** 32),
    });
  }

  event(event: string, { txn, attempt }: { txn: number; attempt: number }, fields: Record<string, unknown>): void {
    this.effects.push({ kind: 'event', event, txn, attempt, fields });
  }

  /** bit/s on the wire at which this host sends reserved data. */
  get sendRate(): number {
    return reservedRate(this.settings) / this.slowness.factor;
  }

  /** From when on new transfers can be planned: now, unless those that are under way are late. */
  freeFrom(now: number): number {
    let planned = now;
    let expected = this.lastTransferred;
    for (const transfer of [...this.sending.values()].sort((a, b) => a.start - b.start)) {
      expected = Math.max(expected, transfer.start) + transfer.planned * this.slowness.factor;
      planned = Math.max(planned, transfer.end);
    }
    return expected > planned + LATENESS_TOLERANCE ? expected : now;
  }

  /** ms that a round trip to the slowest member of a group takes; `undefined` before the first. */
  roundTrip(group: string): number | undefined {
    return this.#roundTrips.get(group)?.mean;
  }

  measured(group: string, ms: number): void {
    const time = this.#roundTrips.get(group) ?? new SmoothedTime();
    time.add(Math.max(0, ms));
    this.#roundTrips.set(group, time);
  }

  /** A round has ended before all have answered: the last of the answers that still come tells how long it takes. */
  unmeasured({ txn, attempt }: Round, round: UnmeasuredRound): void {
    if (this.#unmeasured.size >= MAX_UNMEASURED) this.#unmeasured.delete(this.#unmeasured.keys().next().value!);
    this.#unmeasured.set(`${txn} ${attempt}`, round);
  }

  /**
   * A bid has come after its round. If all have, what was known of the group's round trip is wrong: members may be farther away than any
   * deadline so far.
   * @param held ms that the target took
   */
  late(target: string, { txn, attempt, held }: Round & { held: number }, now: number): void {
    this.counters.add('late bid');
    const key = `${txn} ${attempt}`;
    const round = this.#unmeasured.get(key);
    if (!round) return;
    const { awaited } = round;
    // Datagrams may come twice.
    if (awaited && !awaited.delete(target)) return;
    round.roundTrip = Math.max(round.roundTrip, now - round.askedAt - held);
    if (awaited && awaited.size > 0) return;
    this.#unmeasured.delete(key);
    if (!awaited) this.#roundTrips.delete(round.group);
    this.measured(round.group, round.roundTrip);
  }

  /** ms to wait for bids; longer with each failed round, because the fault may be our own slowness. */
  bidDeadline(group: string, failures: number): number {
    const { minBidDeadline, maxBidDeadline } = this.settings;
    const roundTrip = this.roundTrip(group);
    if (roundTrip === undefined) return maxBidDeadline;
    const usual = Math.max(minBidDeadline, BID_ROUND_TRIPS * roundTrip);
    return Math.min(Math.max(maxBidDeadline, FAR_ROUND_TRIPS * roundTrip), usual * 4 ** failures);
  }

  /** ms that deciding on bids may take, so that the windows offered are still there: the deadline, and being late. */
  patience(group: string, failures: number, contentions: number): number {
    const setbacks = 2 ** Math.min(contentions, 6);
    const deadline =
      this.roundTrip(group) === undefined ? INITIAL_PATIENCE * setbacks : this.bidDeadline(group, failures);
    return Math.min(MAX_PATIENCE, deadline + this.settings.minBidDeadline * setbacks);
  }

  /** ms to wait for an acknowledgement after the end of the transfer. */
  ackWait(group: string): number {
    const usual = this.ackTime.bound;
    const roundTrips = ACK_ROUND_TRIPS * (this.roundTrip(group) ?? 0);
    return Math.min(MAX_ACK_WAIT, Math.max(MIN_ACK_WAIT, (usual ?? INITIAL_ACK_WAIT) + roundTrips));
  }
}
