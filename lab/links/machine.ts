import { type LinkMode, requirements } from '../plan/index.ts';
import { assertPrograms } from '../sandbox/programs.ts';
import type { Topology } from '../topology/index.ts';
import { assertFabric } from './fabric.ts';
import { assertGateways, assertSupported, type Features, probeFeatures } from './features.ts';

/**
 * Checks, before anything of a topology is built, that this machine has what it needs. Call it inside the sandbox. `castlab doctor` says what is
 * missing in the same words.
 * @returns what links can be made of here
 * @throws UnsupportedError (exit code 77) that says what is missing and what mends it
 */
export function assertMachine(topology: Topology, links: LinkMode): Features {
  assertPrograms('iproute2');
  const native = topology.zones.some((zone) => zone.native);
  assertFabric(native ? ['veth', 'bridge', 'snooping'] : ['veth', 'bridge']);
  const features = probeFeatures();
  assertSupported(requirements(topology, links), features);
  assertGateways(topology.hosts, () => features.tun);
  return features;
}
