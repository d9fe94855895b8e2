import type { KindName } from '../../src/replicast/prefix.ts';

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

/** What a rule does to a frame that matches it. */
export type RuleAction = 'drop' | 'duplicate' | 'delay' | 'corrupt';

/** What a link does on purpose to chosen frames, where `loss` and the like choose by chance. Of several rules the first that matches acts. */
export interface FrameRule {
  action: RuleAction;
  /** Of a delay: ms on top. */
  by?: number;
  /** The end of the link that the frame goes toward; absent: either. */
  toward?: string;
  kind?: KindName;
  /** Negotiating group that the datagram is sent to. */
  group?: string;
  /** Of the datagram within its chunk, any of these. */
  index?: number[];
  attempt?: number;
  /** Only the nth of all that match, from 1, in each direction. */
  nth?: number;
}

export type Role = 'target' | 'initiator' | 'mrouter' | 'none';

export interface Host {
  name: string;
  zone: string;
  /** The switch of the zone that it is joined to. */
  switch: string;
  role: Role;
  /** IPv4 address in the zone's subnet. */
  address: string;
  /** Of the edge link, host → switch. */
  up: LinkProperties;
  /** Of the edge link, switch → host. */
  down: LinkProperties;
  /** Of the edge link. */
  rules?: FrameRule[];
  /** Name of the interface through which programs on the host use the overlay. */
  gateway?: string;
  /** A program that runs in place of the role's own. */
  run?: string[];
}

/** One underlay L2 network: one switch or several (Linux bridges, each in a namespace of its own), the first of which also routes. */
export interface Zone {
  name: string;
  /** IPv4, as written: `10.1.0.0/24`. */
  subnet: string;
  /** Address of the first switch in the subnet: the first usable one. */
  gateway: string;
  /** The zone's own name when it declares none. The first holds the gateway, and every trunk to other zones and routers ends there. */
  switches: string[];
  /** Whether its switch carries multicast, so that one frame reaches several targets of the zone. */
  native?: boolean;
}

/** A switch without hosts: it only routes between trunks. */
export interface Router {
  name: string;
}

/**
 * A switch-to-switch link: routed, or, between two switches of one zone, part of that zone's L2 network. Its name is `a--b`, as
 * declared; its directions are `a>b` and `b>a`.
 */
export interface Trunk {
  a: string;
  b: string;
  /** a → b */
  forward: LinkProperties;
  /** b → a */
  backward: LinkProperties;
  rules?: FrameRule[];
}

export interface Via {
  from: string;
  to: string;
  via: string;
}

/** Two zones whose MRouters exchange datagrams over one connection, which those of the first zone make. */
export interface Tunnel {
  between: [string, string];
  kind: 'tcp' | 'tls';
  /** Bytes that wait for the connection at each end at most. */
  queue: number;
}

/** Settings of Replicast that change what is seen on the wire; see src/replicast/settings.ts. */
export interface ReplicastOptions {
  mode?: 'multicast' | 'hybrid';
  choosy?: boolean;
  choosyFactor?: number;
  repair?: 'bitmap' | 'whole';
  inFlight?: number;
}

export interface Overlay {
  /** Ordered members; position = bit. */
  groups: Record<string, string[]>;
  vias: Via[];
  tunnel: 'udp';
  /** Pairs of zones that a connection joins instead. */
  tunnels: Tunnel[];
  /** UDP port of every MRouter. */
  port: number;
  /** Whether MRouters relay, or the sender sends every target its own copy (to show what relaying saves). */
  relay: boolean;
  /** Replicast: bytes of a chunk. */
  chunkSize: number;
  /** Replicast: bit/s that a target offers to reservations. */
  capacity: number;
  /** Replicast: what differs from its defaults, the same on every host. */
  replicast: ReplicastOptions;
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

/**
 * When a step starts: `at` ms after the scenario's start, beside whatever runs then; or, without it, `after` (0) ms after the end of the
 * step before it that has no `at` either.
 */
interface When {
  at?: number;
  after?: number;
  /** The phase of the scenario that begins with this step and lasts until the next one begins. */
  phase?: string;
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
  /** How often each datagram is sent. */
  copies: number;
  /** Bytes of UDP payload. */
  size: number;
}

export interface KillStep extends When {
  kind: 'kill';
  node: string;
}

/** Takes links down at both ends, as when cables are pulled. */
export interface DownStep extends When {
  kind: 'down';
  /** Names: `a--b`. */
  links: string[];
}

export interface UpStep extends When {
  kind: 'up';
  links: string[];
}

/** Takes links down and up again, many times. */
export interface FlapStep extends When {
  kind: 'flap';
  links: string[];
  times: number;
  /** ms down and ms up, each time. */
  down: number;
  up: number;
}

/** A change of link properties: one that is not named keeps its value, `null` takes it back. */
export type LinkChange = { [K in keyof Omit<LinkProperties, 'mtu'>]?: LinkProperties[K] | null };

/** Changes what links do while they carry traffic. */
export interface ImpairStep extends When {
  kind: 'impair';
  /** Directions: `a>b`. */
  directions: string[];
  change: LinkChange;
}

/** Stops the program of a host where it stands (SIGSTOP): its sockets stay open, and fill. */
export interface PauseStep extends When {
  kind: 'pause';
  node: string;
  /** ms after which it goes on; absent: until it is resumed. */
  for?: number;
  times: number;
  /** ms between the end of one pause and the next. */
  apart: number;
}

export interface ResumeStep extends When {
  kind: 'resume';
  node: string;
}

/** Kills the program of a host, unless it is dead already, and starts it again with the same configuration. */
export interface RestartStep extends When {
  kind: 'restart';
  node: string;
}

/** Cuts some nodes off from the rest. */
export interface PartitionStep extends When {
  kind: 'partition';
  /** As declared: zones (with their hosts), switches, routers, hosts. */
  nodes: string[];
  /** The links that lead from these to the others. */
  cut: string[];
}

/** Brings back every link that partitions have cut. */
export interface HealStep extends When {
  kind: 'heal';
}

/** What a scenario may wait for. Events are counted from the start of the scenario, on one node or on all together. */
export type Condition =
  | { kind: 'event'; event: string; node?: string; count: number }
  | { kind: 'counter'; counter: string; node: string; atLeast: number }
  | { kind: 'ready'; node: string }
  | { kind: 'dead'; node: string }
  /** Every put that has begun has ended. */
  | { kind: 'puts' };

export interface WaitForStep extends When {
  kind: 'wait-for';
  condition: Condition;
  /** ms: the step fails after that. */
  within: number;
}

/** Runs a command in the namespace of a node; fails unless it ends with exit code 0. */
export interface RunStep extends When {
  kind: 'run';
  node: string;
  command: string[];
  /** ms: the command is killed and the step fails after that. */
  within: number;
}

export type Step =
  | PutStep
  | GetStep
  | SendStep
  | DownStep
  | UpStep
  | FlapStep
  | ImpairStep
  | KillStep
  | PauseStep
  | ResumeStep
  | RestartStep
  | PartitionStep
  | HealStep
  | WaitForStep
  | RunStep;

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
