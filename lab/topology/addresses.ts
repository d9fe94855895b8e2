import type { Path } from '../../src/document/index.ts';
import {
  contains,
  formatAddress,
  formatSubnet,
  networkOf,
  overlaps,
  parseAddress,
  parseSubnet,
  type Subnet,
  subnetSize,
} from './ipv4.ts';
import type { Problems } from './problems.ts';
import type { ZoneDeclaration } from './schema.ts';

/** Trunk ends are numbered from here (RFC 6598, shared address space: no zone of a real network uses it). */
export const TRUNK_SUBNET: Subnet = { network: parseAddress('100.64.0.0')!, prefix: 10 };

/** Never a host's: this network, loopback, link-local, multicast and reserved (RFC 6890). */
const UNUSABLE = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'].map((text) => parseSubnet(text)!);

/** Hosts are numbered from `.11`, so that their names and the last byte stay apart from the gateway's `.1`. */
const FIRST_HOST = 11;
/** Where the subnet is too small for that, from `.2`. */
const FIRST_HOST_SMALL = 2;
const LONGEST_PREFIX = 30;
const SHORTEST_PREFIX = 8;

/** A zone's subnet, and its hosts' addresses in it. */
export interface ZoneAddresses {
  subnet: string;
  gateway: string;
  hosts: ReadonlyMap<string, string>;
}

/** Gives every zone a subnet, its switch the first address of it, and every host an address; checks those declared. */
export function assignAddresses(
  zones: Readonly<Record<string, ZoneDeclaration>>,
  problems: Problems,
): Map<string, ZoneAddresses> {
  const subnets = declaredSubnets(zones, problems);
  const assigned = new Map<string, ZoneAddresses>();
  for (const [index, [name, zone]] of Object.entries(zones).entries()) {
    const subnet = subnets.get(name) ?? freeSubnet(index + 1, zone, subnets);
    subnets.set(name, subnet);
    assigned.set(name, {
      subnet: formatSubnet(subnet),
      gateway: formatAddress(subnet.network + 1),
      hosts: hostAddresses(name, zone, subnet, problems),
    });
  }
  return assigned;
}

function declaredSubnets(zones: Readonly<Record<string, ZoneDeclaration>>, problems: Problems): Map<string, Subnet> {
  const subnets = new Map<string, Subnet>();
  for (const [name, { subnet: text }] of Object.entries(zones)) {
    if (text === undefined) continue;
    const path = ['zones', name, 'subnet'];
    const subnet = parseSubnet(text);
    if (!subnet) {
      problems.at(path, `"${text}" is not an IPv4 subnet: write an address and a prefix length, such as 10.1.0.0/24`);
      continue;
    }
    const network = networkOf(subnet);
    const [other, taken] = [...subnets].find(([, known]) => overlaps(known, network)) ?? [];
    if (subnet.prefix < SHORTEST_PREFIX || subnet.prefix > LONGEST_PREFIX) {
      problems.at(
        path,
        `a prefix of /${subnet.prefix}: between /${SHORTEST_PREFIX} and /${LONGEST_PREFIX} are possible`,
      );
    } else if (network.network !== subnet.network) {
      problems.at(path, `${text} has host bits set: the subnet is ${formatSubnet(network)}`);
    } else if (taken) {
      problems.at(path, `${text} overlaps the subnet of zone ${other}, ${formatSubnet(taken)}`);
    } else if (overlaps(TRUNK_SUBNET, network)) {
      problems.at(path, `${text} overlaps ${formatSubnet(TRUNK_SUBNET)}, which trunks are numbered from`);
    } else if (UNUSABLE.some((unusable) => overlaps(unusable, network))) {
      problems.at(path, `${text} has addresses that no host may have: choose another, such as 10.1.0.0/24`);
    }
    if (!taken && subnet.prefix <= LONGEST_PREFIX) subnets.set(name, network);
  }
  return subnets;
}

/** `10.N.0.0/24` for the Nth zone, wider when it has more hosts than that; the next N where another zone is in the way. */
function freeSubnet(position: number, zone: ZoneDeclaration, taken: ReadonlyMap<string, Subnet>): Subnet {
  const needed = Object.keys(zone.hosts).length + FIRST_HOST + 1;
  const prefix = Math.min(24, 32 - Math.ceil(Math.log2(needed)));
  for (let n = position; ; n++) {
    const subnet = networkOf({ network: (10 << 24) + ((n & 255) << 16) + ((n >> 8) << 8), prefix });
    if (![...taken.values()].some((other) => overlaps(other, subnet))) return subnet;
  }
}

function hostAddresses(
  zoneName: string,
  zone: ZoneDeclaration,
  subnet: Subnet,
  problems: Problems,
): Map<string, string> {
  const owners = new Map<number, string>([[subnet.network + 1, "the zone's own switch"]]);
  const addresses = new Map<string, string>();
  const hosts = Object.entries(zone.hosts);
  for (const [name, host] of hosts) {
    if (typeof host === 'string' || host.address === undefined) continue;
    const path: Path = ['zones', zoneName, 'hosts', name, 'address'];
    const address = parseAddress(host.address);
    const last = subnet.network + subnetSize(subnet) - 1;
    if (address === undefined)
      problems.at(
        path,
        `"${host.address}" is not an IPv4 address, such as ${formatAddress(subnet.network + FIRST_HOST)}`,
      );
    else if (!contains(subnet, address)) {
      problems.at(path, `${host.address} is outside the subnet of zone ${zoneName}, ${formatSubnet(subnet)}`);
    } else if (address === subnet.network || address === last) {
      problems.at(path, `${host.address} is the network or broadcast address of ${formatSubnet(subnet)}`);
    } else if (owners.has(address)) problems.at(path, `${host.address} belongs to ${owners.get(address)} already`);
    else {
      owners.set(address, name);
      addresses.set(name, host.address);
    }
  }
  const broadcast = subnetSize(subnet) - 1;
  let offset = FIRST_HOST + hosts.length <= broadcast ? FIRST_HOST : FIRST_HOST_SMALL;
  for (const [name, host] of hosts) {
    if (typeof host !== 'string' && host.address !== undefined) continue;
    while (owners.has(subnet.network + offset)) offset++;
    if (offset >= broadcast) {
      const message = `${formatSubnet(subnet)} has no address left for host ${name}: zone ${zoneName} has ${hosts.length} hosts`;
      problems.at(['zones', zoneName, 'subnet'], message);
      break;
    }
    owners.set(subnet.network + offset, name);
    addresses.set(name, formatAddress(subnet.network + offset));
  }
  return addresses;
}
