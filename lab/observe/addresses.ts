import { formatIpv6, parseIpv6, parseMac, unicastAddress } from '../../src/overlay/index.ts';
import type { Plan } from '../plan/index.ts';
import { macOf } from '../topology/index.ts';

/** The host behind each overlay unicast address of a lab (canonical IPv6 text): nodes write addresses, people read names. */
export function hostsByAddress(plan: Plan): Map<string, string> {
  const { prefix } = plan.clusterMap as { prefix: string };
  const bytes = parseIpv6(prefix.split('/')[0]!)!;
  return new Map(
    plan.topology.hosts.map((host) => [formatIpv6(unicastAddress(bytes, parseMac(macOf(host.address))!)), host.name]),
  );
}
