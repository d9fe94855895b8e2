import type { LinkProperties, Role, Topology } from '../topology/topology.ts';

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
  /** The name of the zone, router or host. */
  name: string;
  kind: 'zone' | 'router' | 'host';
  /** Written under /proc/sys inside the namespace before any interface exists: `net/ipv4/ip_forward` → `1`. */
  sysctls: Record<string, string>;
}

/** One end of a link. Its name is `node>peer`: the frames that leave there go that way. */
export interface LinkEnd {
  /** Namespace. */
  node: string;
  /** Interface name in it. */
  interface: string;
  mac: string;
  /** `10.1.0.11/24`; absent on a bridge port. */
  address?: string;
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
