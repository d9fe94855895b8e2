import * as z from 'zod/mini';
import {
  BID_MULTIPLIER,
  CHOOSY_FACTOR,
  DATAGRAM_OVERHEAD,
  DEFAULT_CAPACITY,
  DEFAULT_CHUNK_BYTES,
  DEFAULT_REPLICAS,
  HYBRID_BID_MULTIPLIER,
  IN_FLIGHT,
  MAX_ATTEMPTS,
  MAX_BID_DEADLINE,
  MAX_CHUNK_BYTES,
  MIN_BID_DEADLINE,
  MIN_CHUNK_BYTES,
  PACING_MARGIN,
  SOLICITED_SHARE,
  UNSOLICITED_SHARE,
} from './constants.ts';

const share = (fallback: number) => z._default(z.number().check(z.positive(), z.lte(1)), fallback);
const count = (fallback: number, most: number) => z._default(z.int().check(z.gte(1), z.lte(most)), fallback);

/** The `replicast` section of a node's configuration. Everything in it is optional. */
export const settingsSchema = z.strictObject({
  /** Bytes; objects longer than this are split. */
  chunkSize: z._default(z.int().check(z.gte(MIN_CHUNK_BYTES), z.lte(MAX_CHUNK_BYTES)), DEFAULT_CHUNK_BYTES),
  /** Copies of each chunk, when a put does not say. */
  replicas: count(DEFAULT_REPLICAS, 64),
  /** bit/s of this host's link, the same in both directions. */
  capacity: z._default(z.number().check(z.positive()), DEFAULT_CAPACITY),
  solicitedShare: share(SOLICITED_SHARE),
  unsolicitedShare: share(UNSOLICITED_SHARE),
  /** Share of the reserved rate that is left unused. */
  pacingMargin: z._default(z.number().check(z.gte(0), z.lt(1)), PACING_MARGIN),
  /** Bytes on the wire per data datagram beside its payload. */
  datagramOverhead: z._default(z.int().check(z.gte(0)), DATAGRAM_OVERHEAD),
  /** `multicast`: one transfer reaches all replicas. `hybrid`: multicast control, unicast data in successive windows. */
  mode: z._default(z.enum(['multicast', 'hybrid']), 'multicast'),
  /** Whether an initiator asks again rather than take a window that is later than usual. */
  choosy: z._default(z.boolean(), true),
  /** How many times later than usual. */
  choosyFactor: z._default(z.number().check(z.gte(1)), CHOOSY_FACTOR),
  /** What is sent again: the datagrams that are missing, or the whole chunk. */
  repair: z._default(z.enum(['bitmap', 'whole']), 'bitmap'),
  /** Failed rounds before a put or get fails. */
  attempts: count(MAX_ATTEMPTS, 50),
  /** Chunks in flight. */
  inFlight: count(IN_FLIGHT, 64),
  /** ms; the bid deadline's bounds. */
  minBidDeadline: z._default(z.number().check(z.positive()), MIN_BID_DEADLINE),
  maxBidDeadline: z._default(z.number().check(z.positive()), MAX_BID_DEADLINE),
  /** Length of an offered window, in transfers. */
  bidMultiplier: z._default(z.number().check(z.gte(1)), BID_MULTIPLIER),
  hybridBidMultiplier: z._default(z.number().check(z.gte(1)), HYBRID_BID_MULTIPLIER),
  /** Bytes that a target's store may hold; without it, what the disk has. */
  storeLimit: z.optional(z.number().check(z.positive())),
});

export type ReplicastSettings = z.output<typeof settingsSchema>;

/** The settings with every default filled in; `given` must already have been checked. */
export function replicastSettings(given: z.input<typeof settingsSchema> = {}): ReplicastSettings {
  return z.parse(settingsSchema, given);
}

/** bit/s, counted on the wire, at which this host sends or receives reserved data: just under what is reservable. */
export function reservedRate(settings: ReplicastSettings): number {
  return settings.capacity * settings.solicitedShare * (1 - settings.pacingMargin);
}

/** bit/s, counted on the wire, of a repair that has no reservation. */
export function unsolicitedRate(settings: ReplicastSettings): number {
  return settings.capacity * settings.unsolicitedShare;
}

/** ms that `bytes` in datagrams of `datagram` payload bytes occupy a link at `rate` bit/s. */
export function transferTime(bytes: number, datagram: number, overhead: number, rate: number): number {
  const datagrams = Math.max(1, Math.ceil(bytes / datagram));
  return ((bytes + datagrams * overhead) * 8 * 1000) / rate;
}
