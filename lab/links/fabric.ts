import { spawnSync } from 'node:child_process';
import { createNamespace, inNamespace, removeNamespace } from '../../src/kernel/index.ts';
import { installCommand } from '../sandbox/packages.ts';
import { UnsupportedError } from '../sandbox/unsupported.ts';
import type { Availability } from './features.ts';

/** What networks are made of, whatever their links are declared to do. */
export type FabricFeature = 'veth' | 'bridge' | 'snooping';
export type Fabric = Record<FabricFeature, Availability>;

const PROBE = 'castlab-fabric';
/** The words for `ip link add probe …` that make each. */
const INTERFACES: Record<FabricFeature, string> = {
  veth: 'type veth peer name peer',
  bridge: 'type bridge',
  snooping: 'type bridge mcast_snooping 1 mcast_querier 1',
};

/**
 * Checks that there is what networks are made of. Call it inside the sandbox.
 * @throws UnsupportedError (exit code 77) that says what is missing and what mends it
 */
export function assertFabric(needed: readonly FabricFeature[]): void {
  for (const found of Object.values(probeEach(needed))) {
    if (!found.available) throw new UnsupportedError(found.reason, found.remedy);
  }
}

/** Finds out by trying, in a namespace that exists for this long only. Call it inside the sandbox. */
export function probeFabric(): Fabric {
  return probeEach(Object.keys(INTERFACES) as FabricFeature[]) as Fabric;
}

function probeEach(features: readonly FabricFeature[]): Partial<Fabric> {
  createNamespace(PROBE);
  try {
    return inNamespace(PROBE, () => Object.fromEntries(features.map((feature) => [feature, probe(feature)])));
  } finally {
    removeNamespace(PROBE);
  }
}

function probe(feature: FabricFeature): Availability {
  const name = `probe-${feature}`;
  const { status, stderr, error } = spawnSync('ip', ['link', 'add', name, ...INTERFACES[feature].split(' ')], {
    encoding: 'utf8',
  });
  spawnSync('ip', ['link', 'del', name]);
  if (status === 0) return { available: true };
  if (error) {
    return { available: false, reason: 'the program "ip" was not found', remedy: installCommand(['iproute2']) };
  }
  const module = feature === 'snooping' ? 'bridge' : feature;
  const what = feature === 'snooping' ? 'multicast snooping on bridges' : `${feature} interfaces`;
  return {
    available: false,
    reason: `this kernel has no ${what} (ip: ${stderr.trim().split('\n')[0]})`,
    remedy: `sudo modprobe ${module}; where there is no such module, ${installCommand(['modules'])} and boot it`,
  };
}
