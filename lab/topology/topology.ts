import type { KindName } from '../../src/replicast/prefix.ts';
import type { Expectation } from './expectation.ts';
import type { Step } from './step.ts';

export type * from './expectation.ts';
export type * from './step.ts';

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
  /** What is looked at: every datagram on every link, or only what the kernel counts while many pass at a time. */
  observe: 'ledger' | 'counters';
  scenario: Step[];
  expect: Expectation[];
}
