import { BierHeader, decodeHeader, FIXED_HEADER_BYTES, listBits } from '../../src/bier/index.ts';
import type { RandomCluster } from './overlay-arbitraries.ts';
import { dropsOf, type InFlight, OverlayNetwork, type SimulatedHost } from './overlay-network.ts';

/** A network of a random cluster, and who sends in it: a target, or an initiator in no map. */
export function networkOf(cluster: RandomCluster, helloInterval = 0): { net: OverlayNetwork; sender: SimulatedHost } {
  const net = new OverlayNetwork(cluster.map, helloInterval);
  if (cluster.sender !== undefined) return { net, sender: net.host(cluster.sender) };
  const zone = cluster.map.zoneByName.get(cluster.senderZone)!;
  return { net, sender: net.addInitiator('initiator', zone.name, `10.${zone.index + 1}.200.1`) };
}

/** The names that a datagram's bit string addresses. */
export function addressed({ map }: RandomCluster, { bytes }: InFlight): string[] {
  const header = new BierHeader();
  if (decodeHeader(bytes, header) !== undefined) throw new Error('unreadable');
  const { members } = map.setByBiftId.get(header.biftId)!;
  return listBits(bytes.subarray(FIXED_HEADER_BYTES, header.length)).map((bit) => members[bit]!.name);
}

export const sorted = (names: Iterable<string>): string => [...names].sort().join();

/** @throws Error when a host dropped anything */
export function checkDrops(net: OverlayNetwork): void {
  for (const host of net.hosts.values()) {
    const [first] = Object.entries(dropsOf(host));
    if (first) throw new Error(`${host.name} dropped ${first[1]}: ${first[0]}`);
  }
}

/** @throws Error unless everybody who is wanted got it, once, and nobody else did */
export function checkDelivered(net: OverlayNetwork, wanted: readonly string[]): void {
  const got = sorted(net.deliveries.map(({ host }) => host));
  if (got !== sorted(wanted)) throw new Error(`wanted ${sorted(wanted)}, got ${got}`);
}
