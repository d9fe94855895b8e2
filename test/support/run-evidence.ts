import type { Datagram, Evidence } from '../../lab/observe/evidence.ts';
import { Ledger } from '../../lab/observe/ledger.ts';
import type { Sighting } from '../../lab/observe/sighting.ts';
import type { Plan, PlannedLink } from '../../lab/plan/plan.ts';
import type { Expectation, LinkProperties } from '../../lab/topology/topology.ts';

/** Evidence of a run that went well: i1 in zone west sent one datagram to t1 and t2 in zone east. Tests change what they are about. */

const link = (kind: 'edge' | 'trunk', a: string, b: string, properties: LinkProperties = {}): PlannedLink => ({
  name: `${a}--${b}`,
  kind,
  a: { node: a, interface: 'eth0', mac: '' },
  b: { node: b, interface: a, mac: '' },
  forward: properties,
  backward: properties,
  backend: 'veth',
});

export const plan = {
  links: [
    link('edge', 'i1', 'west'),
    link('edge', 't1', 'east'),
    link('edge', 't2', 'east'),
    link('trunk', 'west', 'east'),
  ],
  nodes: ['i1', 't1', 't2'].map((name) => ({ name })),
} as unknown as Plan;

export function cross(id: string, a: string, b: string, time: number, bits = '03', ttl = 8): Sighting[] {
  const common = { id, bits, ttl, biftId: 1, entropy: 1, bytes: 1236, source: 's', destination: 'd' };
  return [
    { end: `${a}>${b}`, way: 'out', time, ...common },
    { end: `${b}>${a}`, way: 'in', time: time + 0.01, ...common },
  ];
}

/** i1 → t1, relayed to t2; over the trunk once. */
export const relayed = (id: string) => [
  ...cross(id, 'i1', 'west', 1),
  ...cross(id, 'west', 'east', 1.1),
  ...cross(id, 'east', 't1', 1.2),
  ...cross(id, 't1', 'east', 1.3, '02', 7),
  ...cross(id, 'east', 't2', 1.4, '02', 7),
];

export const datagram = (id: string, deliveries: string[]): Datagram => ({
  id,
  from: 'i1',
  sentAt: 0.9,
  to: ['t1', 't2'],
  attempt: 1,
  bytes: 1000,
  deliveries: deliveries.map((node) => ({ node, at: 2 })),
});

export function evidence(
  over: Partial<Evidence> = {},
  sightings = relayed('d1'),
  datagrams = [datagram('d1', ['t1', 't2'])],
) {
  return {
    plan,
    ledger: new Ledger(sightings),
    datagrams: new Map(datagrams.map((d) => [d.id, d])),
    strays: [],
    puts: [],
    stored: [],
    killed: new Map(),
    phases: [],
    counters: [],
    captureDrops: 0,
    noise: [],
    ...over,
  } satisfies Evidence;
}

export const expects = (expectation: object) => ({ should: 'pass', line: 1, ...expectation }) as Expectation;
export const delivered = expects({ kind: 'delivered' });
