import * as z from 'zod';
import { DEFAULT_TUNNEL_QUEUE } from '../../src/overlay/index.ts';
import { DEFAULT_CHUNK_SIZE, DEFAULT_PORT, MAX_GROUP_MEMBERS } from './constants.ts';
import { filterFields } from './expectations/filters.ts';
import { expectationFields } from './expectations/index.ts';
import { capacity, command, moment, name, reference, size } from './fields.ts';
import { edge, hostEdge, trunk, trunkProperties } from './link-schema.ts';
import { shape } from './shape-schema.ts';
import { stepFields } from './steps/index.ts';

/** The file format. Each description is read by people: in `castlab schema`, by editors, in the documentation. */

const role = z
  .enum(['target', 'initiator', 'mrouter', 'none'])
  .describe(
    'What runs on the host: a Replicast target, a Replicast initiator, only an MRouter, or nothing. Example: target',
  );

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
    gateway: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/, 'expected the name of an interface, 15 characters at most')
      .optional()
      .describe('An interface through which programs on the host use the overlay. Example: castl0'),
    run: command
      .optional()
      .describe(
        "A command to run in place of the role's own program; $t1.address and $t1.overlay stand for addresses of t1. Example: [python3, app.py, $t1.address]",
      ),
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
  native: z
    .boolean()
    .optional()
    .describe(
      'Whether its switch carries multicast: one frame then reaches several targets of the zone. Example: true',
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

const tunnel = z.strictObject({
  between: z
    .tuple([reference, reference], 'expected the two zones that the connection joins, such as [east, west]')
    .describe('The two zones; the MRouters of the first one connect. Example: [east, west]'),
  kind: z.enum(['tcp', 'tls']).describe('Whether it is encrypted, with certificates that the lab makes. Example: tcp'),
  queue: size
    .default(DEFAULT_TUNNEL_QUEUE)
    .describe('Bytes of datagrams that wait for the connection at each end at most; at least 65KiB. Example: 256KiB'),
});

const replicast = z.strictObject({
  mode: z
    .enum(['multicast', 'hybrid'])
    .optional()
    .describe(
      'Whether one transfer reaches all replicas, or each gets its own window; default multicast. Example: hybrid',
    ),
  choosy: z
    .boolean()
    .optional()
    .describe(
      'Whether an initiator asks again rather than take a window that is later than usual; default true. Example: false',
    ),
  'choosy-factor': z.number().min(1).optional().describe('How many times later than usual; default 2. Example: 1.5'),
  repair: z
    .enum(['bitmap', 'whole'])
    .optional()
    .describe('What is sent again: the datagrams that are missing, or the whole chunk; default bitmap. Example: whole'),
  'in-flight': z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('Chunks that an initiator has under way; default 4. Example: 2'),
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
  tunnel: z.enum(['udp']).default('udp').describe('What carries overlay datagrams over the underlay. Example: udp'),
  tunnels: z
    .array(tunnel)
    .default([])
    .describe(
      'Pairs of zones that one connection joins in place of UDP. Example: [{ between: [east, west], kind: tcp }]',
    ),
  port: z.int().min(1).max(65_535).default(DEFAULT_PORT).describe('UDP port of every MRouter. Example: 8296'),
  relay: z
    .boolean()
    .default(true)
    .describe('Whether MRouters relay; false: the sender sends every target its own copy. Example: false'),
  'chunk-size': size.default(DEFAULT_CHUNK_SIZE).describe('Bytes of a Replicast chunk, 16KiB to 8MiB. Example: 1MiB'),
  capacity: capacity
    .optional()
    .describe(
      'Bits per second that a target offers to reservations; default: the slowest link that a put may take. Example: 1gbit',
    ),
  replicast: replicast.default({}).describe('How Replicast works on every host. Example: { mode: hybrid }'),
});
export type OverlayDeclaration = z.output<typeof overlay>;

const step = z.strictObject({
  at: moment
    .optional()
    .describe(
      "When it starts, after the scenario's start, beside what runs then; default: when the step before has ended that has no at either. Example: 2s",
    ),
  after: moment
    .optional()
    .describe('How long to wait after the end of the step before that has no at either. Example: 500ms'),
  phase: name
    .optional()
    .describe('A phase of the scenario begins with this step and ends where the next begins. Example: healed'),
  ...stepFields,
});
export type StepDeclaration = z.output<typeof step>;

const expectation = z.strictObject({
  ...expectationFields,
  ...filterFields,
  should: z
    .enum(['pass', 'fail'])
    .default('pass')
    .describe('fail: the topology is there to show that this does not hold. Example: fail'),
});

/** Beside several expectations it would be unclear which one is meant. */
const notHere = (error: string) => z.never({ error }).optional();
const limits = 'which expectation is limited? Write expect as a list: - { delivered: all, phase: healed }';
const onlyInLists = {
  should: notHere('which expectation should? Write expect as a list: - { delivered: all, should: fail }'),
  phase: notHere(limits),
  group: notHere(limits),
  links: notHere(limits),
};

export const scenario = z
  .array(step)
  .default([])
  .describe('What happens, in order. Example: [{ put: { from: i1, size: 1MiB } }, { get: { by: i1 } }]');

export const expectations = z
  .union([z.strictObject({ ...expectationFields, ...onlyInLists }), z.array(expectation)])
  .default({})
  .describe(
    'What must hold: a map of expectations, or a list of maps with one each, where a kind is wanted more than once. Example: { delivered: all, stored: 3 }',
  );

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
      .describe(
        'Link properties where a link does not say otherwise. Example: { edge: { rate: 1gbit }, trunk: { rate: 1gbit, delay: 1ms } }',
      ),
    shape: shape
      .optional()
      .describe(
        'Generates zones, routers and trunks in place of declaring them. Example: { ring: { zones: 8, hosts: 3 } }',
      ),
    zones: z
      .record(name, zone)
      .optional()
      .describe(
        'Underlay L2 networks, each one switch and one IPv4 subnet: name → details. Example: { east: { hosts: { t1: target } } }',
      ),
    routers: z
      .array(name)
      .optional()
      .describe('Switches without hosts, which only route between trunks. Example: [core]'),
    trunks: z
      .array(trunk)
      .optional()
      .describe('Switch-to-switch links. Example: [{ between: [east, core], delay: 5ms }]'),
    overlay: overlay
      .prefault({})
      .describe('The overlay network on top. Example: { vias: [{ from: hub, to: west, via: east }] }'),
    observe: z
      .enum(['ledger', 'counters'])
      .default('ledger')
      .describe(
        'What is looked at: ledger, every datagram on every link, each a frame of its own; or counters, only what the kernel counts, while datagrams pass many at a time, for what is about speed. Example: counters',
      ),
    scenario,
    expect: expectations,
  })
  .describe('A topology for castlab: zones, links, overlay, scenario and expectations');

export type TopologyFile = z.output<typeof topologyFile>;

/** The format as a JSON Schema, for editors. */
export function jsonSchema(): unknown {
  return z.toJSONSchema(topologyFile, { io: 'input' });
}
