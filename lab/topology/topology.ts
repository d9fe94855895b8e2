/**
 * A topology after loading: shapes expanded, defaults filled in, units converted, names checked.
 * Units: bit/s, milliseconds, bytes, probabilities from 0 to 1.
 */

/** What one direction of a link does to the frames that cross it. Absent = the link does not do it. */
export interface LinkProperties {
  /** bit/s */
  rate?: number;
  /** One-way propagation delay, ms. */
  delay?: number;
  /** Largest deviation from `delay`, ms. */
  jitter?: number;
  /** Whether jitter may change the order of frames. */
  jitterReorder?: boolean;
  loss?: number;
  duplicate?: number;
  reorder?: number;
  corrupt?: number;
  /** Bytes that wait for the link at most. */
  queue?: number;
  /** Largest IP packet, bytes. Always the same in both directions. */
  mtu?: number;
}

export type Role = 'target' | 'initiator' | 'mrouter' | 'none';

export interface Host {
  name: string;
  zone: string;
  role: Role;
  /** IPv4 address in the zone's subnet. */
  address: string;
  /** Of the edge link, host → switch. */
  up: LinkProperties;
  /** Of the edge link, switch → host. */
  down: LinkProperties;
  /** A program that runs in place of the role's own. */
  run?: string[];
}

/** One underlay L2 network: a switch (a Linux bridge in a namespace of its own) that also routes to its trunks. */
export interface Zone {
  name: string;
  /** IPv4, as written: `10.1.0.0/24`. */
  subnet: string;
  /** The switch's own address in the subnet: the first usable one. */
  gateway: string;
}

/** A switch without hosts: it only routes between trunks. */
export interface Router {
  name: string;
}

/** A switch-to-switch link. Its name is `a--b`, as declared; its directions are `a>b` and `b>a`. */
export interface Trunk {
  a: string;
  b: string;
  /** a → b */
  forward: LinkProperties;
  /** b → a */
  backward: LinkProperties;
}

export interface Via {
  from: string;
  to: string;
  via: string;
}

export interface Overlay {
  /** Ordered members; position = bit. */
  groups: Record<string, string[]>;
  vias: Via[];
  tunnel: 'udp';
  /** UDP port of every MRouter. */
  port: number;
  /** Whether MRouters relay, or the sender sends every target its own copy (to show what relaying saves). */
  relay: boolean;
  /** Replicast: bytes of a chunk. */
  chunkSize: number;
  /** Replicast: bit/s that a target offers to reservations. */
  capacity: number;
}

export interface Topology {
  /** Also the name of its run folder. */
  name: string;
  /** The file it came from, as the user named it. */
  file: string;
  zones: Zone[];
  routers: Router[];
  hosts: Host[];
  trunks: Trunk[];
  overlay: Overlay;
  scenario: Step[];
  expect: Expectation[];
}

/** When a step starts: `at` ms after the scenario's start, or, without it, `after` (0) ms after the end of the step before. */
interface When {
  at?: number;
  after?: number;
  /** 1-based line of the topology file, for messages. */
  line: number;
}

/** Puts objects: `count` generated ones of `size` bytes from `seed`, or one file. */
export interface PutStep extends When {
  kind: 'put';
  from: string;
  replicas: number;
  count: number;
  size?: number;
  seed?: number;
  /** Path of a real file; `$node` stands for the running Node.js binary. */
  file?: string;
  /** Only the first so many bytes of `file`. */
  bytes?: number;
  /** Negotiating group; by default where the content hash puts it. */
  group?: string;
}

/** Reads back every object that the scenario has put so far, and compares. */
export interface GetStep extends When {
  kind: 'get';
  by: string;
}

/** Sends plain overlay datagrams, without Replicast, to a rendezvous group. */
export interface SendStep extends When {
  kind: 'send';
  from: string;
  group: string;
  to: string[];
  count: number;
  /** Bytes of UDP payload. */
  size: number;
}

export interface KillStep extends When {
  kind: 'kill';
  node: string;
}

export type Step = PutStep | GetStep | SendStep | KillStep;

/** Which link directions an expectation is about: all trunks, all edges, or the directions named (`a>b`). */
export type LinkSelection = 'trunks' | 'edges' | 'all' | string[];

interface Judged {
  /** `fail`: the topology exists to show that this does not hold; the check passes when the expectation fails. */
  should: 'pass' | 'fail';
  line: number;
}

export interface DeliveredExpectation extends Judged {
  kind: 'delivered';
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

export type Expectation = DeliveredExpectation | TraversalsExpectation | StoredExpectation | LatencyExpectation;
