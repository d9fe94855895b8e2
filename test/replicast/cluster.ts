import type { Destination } from '../../src/overlay/socket.ts';
import { contentHash, type Membership, type ReplicastSettings, replicastSettings } from '../../src/replicast/index.ts';
import { FakeClock } from './clock.ts';
import { type Fate, ScriptedNetwork } from './network.ts';
import { SimulatedInitiator, SimulatedTarget } from './nodes.ts';
import { seeded } from './random.ts';

export interface ClusterOptions {
  /** Members of each group; targets are named in them. */
  groups: Record<string, string[]>;
  initiators: string[];
  settings?: Parameters<typeof replicastSettings>[0];
  seed?: number;
  fate?: Fate;
  alter?: (copy: Uint8Array) => void;
  /** ms that a durable write takes. */
  storeTime?: (target: string) => number;
  /** ms by which a tick comes late. */
  lateness?: () => number;
  /** Whether a target is known to be dead; by default nobody knows. */
  isLive?: (target: string) => boolean;
  maxPayload?: number;
  /** Zone of each target, when it matters; initiators are in zone z0. */
  zoneOf?: (target: string) => string;
}

/** What is on a target's disk: it outlives the target's process. */
export class FakeDisk {
  readonly chunks = new Map<string, Uint8Array>();
  full = false;

  intact(hash: string): Uint8Array | undefined {
    const chunk = this.chunks.get(hash);
    return chunk && contentHash(chunk) === hash ? chunk : undefined;
  }
}

/** Whole nodes of Replicast, state machines, pacing and all, over a fake clock, a scripted network and fake disks. */
export class Cluster {
  readonly clock = new FakeClock();
  readonly network: ScriptedNetwork;
  readonly settings: ReplicastSettings;
  readonly disks = new Map<string, FakeDisk>();
  readonly targets = new Map<string, SimulatedTarget>();
  readonly initiators = new Map<string, SimulatedInitiator>();
  readonly random: () => number;
  readonly options: ClusterOptions;
  readonly membership: Membership;
  /** Everything that must never be and was. */
  readonly violations: string[] = [];
  readonly events: { node: string; at: number; event: string; fields: Record<string, unknown> }[] = [];

  constructor(options: ClusterOptions) {
    this.options = options;
    this.settings = replicastSettings(options.settings);
    this.random = seeded(options.seed ?? 1);
    this.network = new ScriptedNetwork(this.clock, options.fate);
    this.network.alter = options.alter;
    const { zoneOf } = options;
    this.membership = {
      ...(zoneOf && { zones: { own: 'z0', of: zoneOf, isNative: () => false, relay: true, vias: [] } }),
      members: (group) => options.groups[group],
      partitions: Object.keys(options.groups),
      targetAt: (address) => (address.startsWith('target:') ? address.slice('target:'.length) : undefined),
    };
    for (const name of new Set(Object.values(options.groups).flat())) {
      this.disks.set(name, new FakeDisk());
      this.start(name);
    }
    for (const name of options.initiators) this.initiators.set(name, new SimulatedInitiator(this, name));
  }

  /** Starts a target's process, after a crash with what is on its disk. */
  start(name: string): void {
    this.targets.set(name, new SimulatedTarget(this, name));
  }

  /** Ends a target's process: what it knew is gone, and what was not durable. */
  crash(name: string): void {
    this.targets.get(name)?.stop();
    this.targets.delete(name);
  }

  addresses(to: Destination): string[] {
    return 'address' in to ? [to.address] : to.members.map((name) => `target:${name}`);
  }

  /** Names of the targets whose disk has the chunk intact. */
  holders(hash: string): string[] {
    return [...this.disks].filter(([, disk]) => disk.intact(hash)).map(([name]) => name);
  }
}
