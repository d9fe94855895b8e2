import * as z from 'zod';
import { DEFAULT_CHUNK_SIZE, DEFAULT_MTU, DEFAULT_PORT, MAX_GROUP_MEMBERS, MAX_MTU, MIN_MTU } from './constants.ts';
import { expectationFields } from './expectations/index.ts';
import { capacity, delay, moment, name, probability, queue, rate, reference, size } from './fields.ts';
import { rules } from './rule-schema.ts';
import { shape } from './shape-schema.ts';
import { stepFields } from './steps/index.ts';

/** The file format. Each description is read by people: in `castlab schema`, by editors, in the documentation. */

const properties = {
  rate: rate
    .optional()
    .describe('Bits per second that the link carries; "unlimited" takes back a default. Example: 1gbit'),
  delay: delay.optional().describe('One-way propagation delay. Example: 5ms'),
  jitter: delay
    .optional()
    .describe('Largest deviation from the delay, either way; at most the delay, unless jitter-reorder. Example: 1ms'),
  'jitter-reorder': z.boolean().optional().describe('Whether jitter may change the order of frames. Example: true'),
  loss: probability.optional().describe('Share of frames that are lost. Example: 0.1%'),
  duplicate: probability.optional().describe('Share of frames that arrive twice. Example: 0.1%'),
  reorder: probability
    .optional()
    .describe('Share of frames that overtake those before them; needs a delay. Example: 1%'),
  corrupt: probability.optional().describe('Share of frames with one bit flipped. Example: 0.01%'),
  queue: queue
    .optional()
    .describe(
      'What waits for the link at most, in bytes or in full packets; needs a rate. Example: 64KiB or 100 packets',
    ),
};

const mtu = z
  .int()
  .min(MIN_MTU)
  .max(MAX_MTU)
  .optional()
  .describe(`Largest IP packet, bytes, both ways; default ${DEFAULT_MTU}. Example: 9000`);

const oneWay = z.strictObject(properties);
export type OneWay = z.output<typeof oneWay>;

const edge = z.strictObject({
  ...properties,
  mtu,
  up: oneWay.optional().describe('Only from the host to its switch. Example: { rate: 10mbit }'),
  down: oneWay.optional().describe('Only from the switch to the host. Example: { loss: 1% }'),
});
export type Edge = z.output<typeof edge>;

/** Of one host: rules on every edge at once would only confuse. */
const hostEdge = edge.extend({ rules });

const trunkProperties = { ...properties, mtu };

const trunk = z.strictObject({
  between: z
    .tuple([reference, reference], 'expected the two zones or routers that the trunk joins, such as [east, core]')
    .describe('The two zones or routers that it joins. Example: [east, core]'),
  ...trunkProperties,
  toward: z
    .record(reference, oneWay)
    .optional()
    .describe('What holds in one direction only, by the end it leads to. Example: { east: { loss: 0.1% } }'),
  rules,
});
export type TrunkDeclaration = z.output<typeof trunk>;

const role = z
  .enum(['target', 'initiator', 'mrouter', 'none'])
  .describe('What runs on the host: a Replicast target, a Replicast initiator, only an MRouter, or nothing');

const host = z.union([
  role,
  z.strictObject({
    role: role.default('none'),
    edge: hostEdge
      .optional()
      .describe('The link to the switch, where it differs from the default. Example: { rate: 10mbit }'),
    address: z
      .string()
      .optional()
      .describe('IPv4 address in the subnet; default: the next free one from .11. Example: 10.1.0.20'),
    run: z
      .array(z.union([z.string(), z.number()]).transform(String))
      .min(1, 'a command needs at least the name of a program')
      .optional()
      .describe("A command to run in place of the role's own program. Example: [python3, app.py]"),
  }),
]);

const zone = z.strictObject({
  subnet: z.string().optional().describe('IPv4 subnet; default: 10.N.0.0/24 for the Nth zone. Example: 10.1.0.0/24'),
  edge: edge.optional().describe('Its edge links, where they differ from the default. Example: { rate: 100mbit }'),
  switches: z
    .record(name, z.array(reference))
    .refine((switches) => Object.keys(switches).length > 0, 'name at least one switch, or leave it out')
    .optional()
    .describe(
      'Its switches, joined by trunks: name → the hosts at it; the first one is the gateway; default: one with the name of the zone. Example: { spine1: [], leaf1: [t1, t2], leaf2: [t3] }',
    ),
  hosts: z
    .record(name, host)
    .default({})
    .describe('Its hosts: name → role, or name → details. Example: { t1: target }'),
});
export type ZoneDeclaration = z.output<typeof zone>;

const via = z.strictObject({
  from: reference.describe('Zone of the sender. Example: hub'),
  to: reference.describe('Zone of the targets. Example: west'),
  via: reference.describe('Zone whose copy carries theirs, when it has an addressed target too. Example: east'),
});

const overlay = z.strictObject({
  groups: z
    .record(
      name,
      z
        .array(reference)
        .min(1, 'a group needs at least one member')
        .max(MAX_GROUP_MEMBERS, `a group has at most ${MAX_GROUP_MEMBERS} members, one for each bit of its address`),
    )
    .optional()
    .describe(
      `Negotiating groups: name → targets in the order of their bits; default: all targets, ${MAX_GROUP_MEMBERS} to a group, as ng1, ng2, …. Example: { ng1: [t1, t2, t3] }`,
    ),
  vias: z
    .array(via)
    .default([])
    .describe("Rides of one zone's copy on another's. Example: [{ from: hub, to: west, via: east }]"),
  tunnel: z.enum(['udp']).default('udp').describe('What carries overlay datagrams over the underlay'),
  port: z.int().min(1).max(65_535).default(DEFAULT_PORT).describe('UDP port of every MRouter'),
  relay: z
    .boolean()
    .default(true)
    .describe('Whether MRouters relay; false: the sender sends every target its own copy'),
  'chunk-size': size.default(DEFAULT_CHUNK_SIZE).describe('Bytes of a Replicast chunk, 16KiB to 8MiB. Example: 1MiB'),
  capacity: capacity
    .optional()
    .describe(
      'Bits per second that a target offers to reservations; default: the slowest link that a put may take. Example: 1gbit',
    ),
});
export type OverlayDeclaration = z.output<typeof overlay>;

const step = z.strictObject({
  at: moment
    .optional()
    .describe("When it starts, after the scenario's start; default: when the step before has ended. Example: 2s"),
  after: moment.optional().describe('How long to wait after the end of the step before. Example: 500ms'),
  ...stepFields,
});
export type StepDeclaration = z.output<typeof step>;

const expectation = z.strictObject({
  ...expectationFields,
  should: z
    .enum(['pass', 'fail'])
    .default('pass')
    .describe('fail: the topology is there to show that this does not hold. Example: fail'),
});

/** Beside several expectations it would be unclear which one is meant. */
const noShould = z
  .never({ error: 'which expectation should? Write expect as a list: - { delivered: all, should: fail }' })
  .optional();

/** One topology file. */
export const topologyFile = z
  .strictObject({
    name: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
        'a topology name is made of letters, digits, ".", "_" and "-" (it also names a folder)',
      )
      .describe('Name of the topology, and of the folder of its runs. Example: multi-subnet'),
    defaults: z
      .strictObject({
        edge: edge.default({}).describe('Every host-to-switch link. Example: { rate: 1gbit }'),
        trunk: z
          .strictObject(trunkProperties)
          .default({})
          .describe('Every switch-to-switch link. Example: { rate: 1gbit }'),
      })
      .default({ edge: {}, trunk: {} })
      .describe('Link properties where a link does not say otherwise'),
    shape: shape
      .optional()
      .describe(
        'Generates zones, routers and trunks in place of declaring them. Example: { ring: { zones: 8, hosts: 3 } }',
      ),
    zones: z
      .record(name, zone)
      .optional()
      .describe('Underlay L2 networks, each one switch and one IPv4 subnet: name → details'),
    routers: z
      .array(name)
      .optional()
      .describe('Switches without hosts, which only route between trunks. Example: [core]'),
    trunks: z.array(trunk).optional().describe('Switch-to-switch links'),
    overlay: overlay.prefault({}).describe('The overlay network on top'),
    scenario: z.array(step).default([]).describe('What happens, in order'),
    expect: z
      .union([z.strictObject({ ...expectationFields, should: noShould }), z.array(expectation)])
      .default({})
      .describe(
        'What must hold: a map of expectations, or a list of maps with one each, where a kind is wanted more than once',
      ),
  })
  .describe('A topology for castlab: zones, links, overlay, scenario and expectations');

export type TopologyFile = z.output<typeof topologyFile>;

/** The format as a JSON Schema, for editors. */
export function jsonSchema(): unknown {
  return z.toJSONSchema(topologyFile, { io: 'input' });
}
