import { formatIpv6, parseIpv6, parseMac, unicastAddress } from '../../src/overlay/index.ts';
import { macOf, type Topology } from '../topology/index.ts';
import { fillTemplates } from '../topology/templates.ts';
import { OVERLAY_PREFIX } from './constants.ts';

/** A command with addresses in place of `$t1.address` and `$t1.overlay`. */
export function fillCommand(command: readonly string[], topology: Pick<Topology, 'hosts'>): [string, ...string[]] {
  const addresses = new Map(topology.hosts.map(({ name, address }) => [name, address]));
  return fillTemplates(command, (host, field) => {
    const address = addresses.get(host)!;
    return field === 'address' ? address : overlayAddress(address);
  }) as [string, ...string[]];
}

/** The overlay unicast address of the host with an underlay address. */
function overlayAddress(underlay: string): string {
  const prefix = parseIpv6(OVERLAY_PREFIX.split('/')[0]!)!;
  return formatIpv6(unicastAddress(prefix, parseMac(macOf(underlay))!));
}
