import type { PlannedNamespace } from './plan.ts';

/**
 * No IPv6 on the underlay: its router solicitations, MLD reports and duplicate address detection would cross the links that
 * are measured. (A gateway's TUN interface turns it on again for itself.)
 */
const EVERYWHERE = {
  'net/ipv6/conf/all/disable_ipv6': '1',
  'net/ipv6/conf/default/disable_ipv6': '1',
  // Paths may differ by direction: a reply must not be dropped because the request came another way.
  'net/ipv4/conf/all/rp_filter': '0',
  'net/ipv4/conf/default/rp_filter': '0',
};

const FORWARDING = {
  'net/ipv4/ip_forward': '1',
  // The routes are final: hosts need not hear of better ones.
  'net/ipv4/conf/all/send_redirects': '0',
  'net/ipv4/conf/default/send_redirects': '0',
};

/** What is written under /proc/sys of a namespace before it gets its first interface. */
export function sysctlsOf(kind: PlannedNamespace['kind']): Record<string, string> {
  return kind === 'host' ? { ...EVERYWHERE } : { ...EVERYWHERE, ...FORWARDING };
}
