import * as z from 'zod/mini';
import { BIT_STRING_LENGTHS, DEFAULT_PORT, DEFAULT_TUNNEL_QUEUE, LEAST_TUNNEL_QUEUE } from './constants.ts';

const name = z.string('expected a name').check(z.minLength(1, 'a name must not be empty'));
const flag = (initial: boolean) => z._default(z.boolean('expected true or false'), initial);
const pattern = (expression: RegExp, wanted: string) =>
  z.string(`expected ${wanted}`).check(z.regex(expression, `expected ${wanted}`));
const dottedQuad = pattern(/^\d{1,3}(\.\d{1,3}){3}$/, 'an IPv4 address such as 10.2.0.11');
const ipv4Prefix = pattern(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, 'an IPv4 prefix such as 10.2.0.0/24');
const port = z
  .int('expected a port number')
  .check(z.minimum(1, 'a port is 1 … 65535'), z.maximum(65535, 'a port is 1 … 65535'));

const zone = z.strictObject({ subnet: ipv4Prefix, native: flag(false) }, 'expected a zone: { subnet, native? }');

const target = z.strictObject(
  {
    zone: name,
    underlay: dottedQuad,
    mac: pattern(/^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/, 'a MAC address such as "02:00:0a:02:00:0b", in quotes'),
    overlay: z.optional(pattern(/^[0-9a-fA-F:.]+$/, 'an IPv6 address')),
  },
  'expected a target: { zone, underlay, mac, overlay? }',
);

const group = z.strictObject(
  {
    id: pattern(/^[0-9a-fA-F]{12}$/, 'a group id: 12 hexadecimal digits, in quotes'),
    members: z.array(name, 'expected a list of targets').check(z.minLength(1, 'a group needs a member')),
    bitStringLength: z.optional(z.literal([...BIT_STRING_LENGTHS], `expected one of ${BIT_STRING_LENGTHS.join(', ')}`)),
  },
  'expected a group: { id, members, bitStringLength? }',
);

const via = z.strictObject({ from: name, to: name, via: name }, 'expected a via: { from, to, via }');

const tunnel = z.strictObject(
  {
    /** The first zone's MRouter connects, the second zone's listen. */
    between: z.tuple([name, name], 'expected two zones: [a, b]'),
    kind: z.enum(['tcp', 'tls'], 'expected tcp or tls'),
    /** Bytes that wait for the connection at most, at each end. */
    queue: z._default(
      z
        .int('expected a number of bytes')
        .check(z.minimum(LEAST_TUNNEL_QUEUE, `a queue has at least ${LEAST_TUNNEL_QUEUE} bytes`)),
      DEFAULT_TUNNEL_QUEUE,
    ),
  },
  'expected a tunnel: { between, kind, queue? }',
);

/** The cluster map file: what the management plane tells each MRouter. Its meaning is checked by `resolveClusterMap`. */
export const clusterMapSchema = z.strictObject(
  {
    port: z._default(port, DEFAULT_PORT),
    prefix: pattern(/^[0-9a-fA-F:]+\/64$/, 'an IPv6 prefix of 64 bits such as fd63:6173:746c:1::/64'),
    zones: z.record(name, zone, 'expected zones by name'),
    targets: z.record(name, target, 'expected targets by name'),
    groups: z._default(z.record(name, group, 'expected groups by name'), {}),
    vias: z._default(z.array(via, 'expected a list of vias'), []),
    /** Pairs of zones that are joined by a connection; all others by UDP. */
    tunnels: z._default(z.array(tunnel, 'expected a list of tunnels'), []),
    /** Partition i of the content hashes lives in the group named at i. */
    partitions: z.optional(z.array(name, 'expected a list of groups')),
    /** Underlay prefixes that hosts outside the map may send requests from. */
    initiators: z.optional(z.array(ipv4Prefix, 'expected a list of IPv4 prefixes')),
    /** `false`: a sender sends every target its own copy, to measure what relaying saves. */
    relay: flag(true),
  },
  'expected a cluster map',
);

export type ClusterMapFile = z.infer<typeof clusterMapSchema>;
