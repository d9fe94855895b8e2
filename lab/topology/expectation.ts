/** What is judged in the end. Units: ms, bit/s. */

/** Which link directions an expectation is about: all trunks, all edges, or the directions named (`a>b`). */
export type LinkSelection = 'trunks' | 'edges' | 'all' | string[];

/** What a judgement is limited to. */
export interface Filters {
  /** What was sent or put in this phase. */
  phase?: string;
  /** Datagrams sent to this negotiating group. */
  group?: string;
  /** Datagrams that crossed one of these directions (`a>b`). */
  links?: string[];
}

interface Judged extends Filters {
  /** `fail`: the topology exists to show that this does not hold; the check passes when the expectation fails. */
  should: 'pass' | 'fail';
  line: number;
}

export interface DeliveredExpectation extends Judged {
  kind: 'delivered';
  /** Whether what repair brings counts: see the verdict of that name. */
  repaired: boolean;
}

/** At most (or exactly) so many crossings of a link direction by one datagram. */
export interface TraversalsExpectation extends Judged {
  kind: 'traversals';
  on: LinkSelection;
  atMost?: number;
  exactly?: number;
  /** Only datagrams that address all of these targets. */
  to?: string[];
}

/** Every put ended with this many verified replicas. */
export interface StoredExpectation extends Judged {
  kind: 'stored';
  replicas: number;
}

/** `quantile` of (one-way time − k × floor) ≤ extra ms, where the floor is what the topology implies for that datagram. */
export interface LatencyExpectation extends Judged {
  kind: 'latency';
  quantile: number;
  /** How many floors (`path`) are allowed. */
  paths: number;
  /** ms on top. */
  extra: number;
}

/** Bits of objects put per second in which a put was under way. */
export interface GoodputExpectation extends Judged {
  kind: 'goodput';
  /** bit/s */
  atLeast: number;
  from?: string;
}

/** Link stress: bytes on each direction against bytes of payload. */
export interface BytesExpectation extends Judged {
  kind: 'bytes';
  on: LinkSelection;
  perPayload: number;
}

/** What nodes counted, one or all together. */
export interface CountersExpectation extends Judged {
  kind: 'counters';
  /** Path of names: `dropped.loop`; of several numbers under it the sum. */
  counter: string;
  node?: string;
  atLeast?: number;
  atMost?: number;
}

/** Frames that found no room on a direction, and in the socket at its end. */
export interface QueueDropsExpectation extends Judged {
  kind: 'queue-drops';
  on: LinkSelection;
  atMost: number;
}

/** How long after the phase began the last datagram was sent that did not reach all its targets. */
export interface RecoversExpectation extends Judged {
  kind: 'recovers-within';
  /** ms */
  time: number;
}

export type Expectation =
  | DeliveredExpectation
  | TraversalsExpectation
  | StoredExpectation
  | LatencyExpectation
  | GoodputExpectation
  | BytesExpectation
  | CountersExpectation
  | QueueDropsExpectation
  | RecoversExpectation;
