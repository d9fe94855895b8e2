import type { LinkProperties, Role, RuleAction, Topology } from '../topology/topology.ts';

/** Everything that has to be done to build a topology, in the order in which it has to be done. Pure data. */
export interface Plan {
  topology: Topology;
  namespaces: PlannedNamespace[];
  links: PlannedLink[];
  /** Runs in order; one process a batch. */
  batches: Batch[];
  nodes: PlannedNode[];
  /** The overlay's cluster map, in the format of `src/overlay`. */
  clusterMap: unknown;
}

export interface PlannedNamespace {
  /** The name of the switch (a zone's own name unless it declares switches), router or host. */
  name: string;
  kind: 'zone' | 'router' | 'host';
  /** Written under /proc/sys inside the namespace before any interface exists: `net/ipv4/ip_forward` → `1`. */
  sysctls: Record<string, string>;
}

/**
 * One end of a link. Its name is `node>peer`: the frames that leave there go that way.
 * Of a wire, the interface has to exist before the batches run.
 */
export interface LinkEnd {
  /** Namespace. */
  node: string;
  /** Interface name in it. */
  interface: string;
  mac: string;
  /** `10.1.0.11/24`; absent on a bridge port. */
  address?: string;
}

/**
 * What a link is built of, the least that does everything it is declared or later told to do: a plain veth pair; one with token buckets
 * (rate, queue); one with netem and token buckets; or two loose ends, which the lab itself carries frames between.
 */
export type Backend = 'veth' | 'tbf' | 'netem' | 'wire';

/** A frame rule in the terms of the wire: names resolved to numbers. */
export interface PlannedRule {
  action: RuleAction;
  /** Of a delay: ms on top. */
  by?: number;
  /** Kind of Replicast message: `Kind` of src/replicast. */
  kind?: number;
  /** The 48 bits of the destination address (overlay multicast) that name the group. */
  groupId?: number;
  /** Any of these. */
  index?: number[];
  attempt?: number;
  /** Only the nth that matches the rest, from 1. */
  nth?: number;
}

export interface PlannedLink {
  /** `a--b` */
  name: string;
  kind: 'edge' | 'trunk';
  a: LinkEnd;
  b: LinkEnd;
  /** What a's egress does. */
  forward: LinkProperties;
  /** What b's egress does. */
  backward: LinkProperties;
  backend: Backend;
  /** Only of a wire; the first rule that matches acts. */
  rules?: { forward: PlannedRule[]; backward: PlannedRule[] };
}

/** Lines for one `ip -batch`, `tc -batch` or `bridge -batch` process. */
export interface Batch {
  /** Namespace to run in; the sandbox's own when absent. */
  namespace?: string;
  tool: 'ip' | 'tc' | 'bridge';
  lines: string[];
}

export interface PlannedNode {
  /** The host it runs on; also its namespace. */
  name: string;
  role: Role;
  /** A program of the user's that runs in place of the role's own. */
  run?: readonly [string, ...string[]];
  /** Configuration for src/daemon; file paths are filled in when it is started. */
  config: Record<string, unknown>;
}
