import fc from 'fast-check';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { compile, path } from '../../lab/plan/index.ts';
import { expandTopology, loadTopology, type Topology } from '../../lab/topology/index.ts';
import {
  formatPercentage,
  formatRate,
  formatSize,
  formatTime,
  parsePercentage,
  parseRate,
  parseSize,
  parseTime,
} from '../../lab/topology/units.ts';
import { InputError } from '../../src/document/index.ts';

/** A quarter of the cases by default, so that the tests stay quick; CASTLAB_PROPERTY_RUNS=4 tries them all, 40 ten times as many. */
const SHARE = Number(process.env['CASTLAB_PROPERTY_RUNS'] ?? 1) / 4;

/** Asserts that a property holds for everything that fast-check finds to try. */
function holds<T>(test: Test, property: fc.IProperty<T>, { numRuns = 100 }: { numRuns?: number } = {}): void {
  const runs = fc.check(property, { numRuns: Math.ceil(numRuns * SHARE) });
  test.notOk(runs.failed, runs.failed ? fc.defaultReportMessage(runs)! : `${runs.numRuns} cases`);
}

/** Loads a text that may be wrong in any way; every other exception than InputError goes through and fails the test. */
function tryLoad(text: string): Topology | undefined {
  try {
    return loadTopology(text, 'random.yaml');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (error.problems.length === 0) throw new Error('an InputError without a problem');
    for (const { message, file } of error.problems) {
      if (file !== 'random.yaml' || message === '')
        throw new Error(`a problem without place or message: ${error.message}`);
    }
    return undefined;
  }
}

const words = fc.constantFrom(
  ...[
    'name',
    'zones',
    'hosts',
    'hub',
    'east',
    't1',
    'i1',
    'target',
    'initiator',
    'trunks',
    'between',
    'toward',
    'rate',
    'delay',
  ],
  ...[
    '1mbit',
    '5ms',
    '0.1%',
    'overlay',
    'groups',
    'vias',
    'scenario',
    'put',
    'from',
    'expect',
    'traversals',
    'latency',
    'p99',
  ],
  ...[
    'shape',
    'ring',
    'defaults',
    'edge',
    'subnet',
    '10.1.0.0/24',
    '__proto__',
    'constructor',
    'null',
    '.nan',
    '1e999',
    '-1',
  ],
);
const punctuation = fc.constantFrom(
  ...[
    ': ',
    ':\n  ',
    '\n',
    '\n  ',
    '\n- ',
    '- ',
    '{ ',
    ' }',
    '[',
    ']',
    ', ',
    '&a ',
    '*a',
    '"',
    "'",
    '#',
    '|\n',
    '!!x ',
    '? ',
    '---\n',
    '\t',
  ],
);

t.test('no text makes the loader throw anything but InputError', (t) => {
  holds(
    t,
    fc.property(fc.array(fc.oneof(words, punctuation), { maxLength: 60 }), (pieces) => {
      tryLoad(pieces.join(''));
    }),
    { numRuns: 2000 },
  );
  holds(
    t,
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      tryLoad(new TextDecoder('latin1').decode(bytes));
    }),
    { numRuns: 1000 },
  );
  t.end();
});

const sound = `name: sound
defaults: { edge: { rate: 1gbit, delay: 20us }, trunk: { rate: 1gbit, delay: 1ms, jitter: 100us } }
zones:
  hub:  { subnet: 10.1.0.0/24, hosts: { i1: initiator, t1: target, t2: target } }
  east: { subnet: 10.2.0.0/24, hosts: { t3: target, t4: { role: target, address: 10.2.0.40, edge: { up: { loss: 1% } } } } }
  west: { hosts: { t5: target, c1: { role: none, edge: { rate: 10mbit }, run: [sleep, 1] } } }
routers: [core]
trunks:
  - { between: [hub, core], queue: 100 packets }
  - { between: [east, core], delay: 5ms, toward: { east: { loss: 0.1% } }, rules: [{ drop: { toward: east, index: 7 } }] }
  - { between: [west, core], mtu: 1400 }
overlay:
  groups: { ng1: [t1, t2, t3, t4, t5], ng2: [t3, t1, t5] }
  vias: [{ from: hub, to: west, via: east }]
  chunk-size: 64KiB
scenario:
  - put: { from: i1, size: 1MiB, seed: 7, replicas: 3, count: 20 }
  - { at: 2s, send: { from: i1, group: ng1, to: [t1, t4], count: 10 } }
  - { after: 1s, kill: { node: t3 } }
  - { restart: t3, phase: later }
  - impair: { link: hub>core, delay: 20ms, loss: 1% }
  - flap: { link: [east--core], times: 3, down: 10ms, up: 10ms }
  - partition: [east, t5]
  - heal: all
  - pause: { node: t4, for: 5ms, times: 2 }
  - wait-for: { event: stored, node: t1, within: 2s }
  - run: { node: core, command: [ping, $t1.address] }
expect:
  - { traversals: { on: [hub--core, core>east], per-datagram: 1, to: [t1] }, should: fail }
  - latency: { p99: path + 2ms, max: 2 * path }
  - { delivered: after-repair, phase: later, group: ng2, links: [hub>core] }
  - { recovers-within: 1s, phase: later }
  - counters: { name: dropped, at-most: 3 }
`;

t.test(
  'a sound topology with parts cut, doubled, moved or replaced loads or gives InputError, and what loads compiles',
  (t) => {
    const tokens = sound.match(/\w[\w./%-]*|\s+|[^\w\s]/g)!;
    const edit = fc.record({
      kind: fc.constantFrom('cut', 'double', 'swap', 'replace' as const),
      at: fc.nat(tokens.length - 1),
      other: fc.nat(tokens.length - 1),
      word: fc.oneof(words, punctuation, fc.string({ maxLength: 4 })),
    });
    let loaded = 0;
    holds(
      t,
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        const mutated = [...tokens];
        for (const { kind, at, other, word } of edits) {
          if (kind === 'cut') mutated[at] = '';
          else if (kind === 'double') mutated[at] += mutated[at]!;
          else if (kind === 'swap') [mutated[at], mutated[other]] = [mutated[other]!, mutated[at]!];
          else mutated[at] = word;
        }
        const topology = tryLoad(mutated.join(''));
        if (!topology) return;
        loaded++;
        compile(topology);
      }),
      { numRuns: 1500 },
    );
    t.ok(tryLoad(sound), 'the original is sound');
    t.ok(loaded > 0, `${loaded} of the mutants were sound too`);
    t.end();
  },
);

t.test('any JSON value in place of any part of a sound topology gives InputError or loads', (t) => {
  const whole = JSON.parse(JSON.stringify(expandable())) as Record<string, unknown>;
  const places = leaves(whole);
  holds(
    t,
    fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 2 }), (place, value) => {
      const copy = structuredClone(whole);
      let at: Record<PropertyKey, unknown> = copy;
      for (const key of place.slice(0, -1)) at = at[key] as Record<PropertyKey, unknown>;
      at[place.at(-1)!] = value;
      const topology = tryLoad(stringify(copy));
      if (topology) compile(topology);
    }),
    { numRuns: 1500 },
  );
  t.end();
});

/** The sound topology as plain data. */
function expandable(): unknown {
  const { name, zones, hosts, trunks } = loadTopology(sound, 'sound.yaml');
  return {
    name,
    zones: Object.fromEntries(
      zones.map((zone) => [
        zone.name,
        {
          subnet: zone.subnet,
          hosts: Object.fromEntries(
            hosts
              .filter((host) => host.zone === zone.name)
              .map(({ name, role, address }) => [name, { role, address, edge: { rate: '1mbit', up: { loss: '1%' } } }]),
          ),
        },
      ]),
    ),
    routers: ['core'],
    trunks: trunks.map(({ a, b }) => ({
      between: [a, b],
      delay: '5ms',
      toward: { [b]: { queue: '2 packets', rate: '1mbit' } },
    })),
    overlay: { groups: { ng1: ['t1', 't2', 't3'] }, vias: [{ from: 'hub', to: 'west', via: 'east' }] },
    scenario: [
      { put: { from: 'i1', size: '1MiB' } },
      { at: '1s', send: { from: 'i1', to: ['t1'] } },
      { get: { by: 'i1' } },
      { kill: { node: 't1' } },
    ],
    expect: [{ delivered: 'all' }, { traversals: { on: ['hub--core'], exactly: 1 } }, { latency: { p50: 'path' } }],
  };
}

/** The way to every value inside a value. */
function leaves(value: unknown, way: PropertyKey[] = []): PropertyKey[][] {
  if (value === null || typeof value !== 'object') return [way];
  const inner = Object.entries(value).flatMap(([key, part]) => leaves(part, [...way, key]));
  return way.length > 0 ? [way, ...inner] : inner;
}

const flat = (least: number, most: number) =>
  fc.record({
    zones: fc.integer({ min: least, max: most }),
    hosts: fc.integer({ min: 1, max: 5 }),
    initiators: fc.nat(6),
  });

/** Shapes, each with the numbers of zones and trunks that it must have. */
const shapes = fc.oneof(
  flat(1, 20).map((size) => ({ shape: { star: size }, zones: size.zones, trunks: size.zones, size })),
  flat(3, 20).map((size) => ({ shape: { ring: size }, zones: size.zones, trunks: size.zones, size })),
  flat(1, 20).map((size) => ({ shape: { line: size }, zones: size.zones, trunks: size.zones - 1, size })),
  flat(1, 9).map((size) => ({
    shape: { mesh: size },
    zones: size.zones,
    trunks: (size.zones * (size.zones - 1)) / 2,
    size,
  })),
  fc
    .record({
      depth: fc.integer({ min: 1, max: 3 }),
      fanout: fc.integer({ min: 1, max: 4 }),
      hosts: fc.integer({ min: 1, max: 3 }),
      initiators: fc.nat(3),
    })
    .map((size) => ({
      shape: { tree: size },
      zones: size.fanout ** size.depth,
      trunks: Array.from({ length: size.depth }, (_, level) => size.fanout ** (level + 1)).reduce((a, b) => a + b),
      size,
    })),
  fc
    .record({
      leaves: fc.integer({ min: 1, max: 6 }),
      spines: fc.integer({ min: 1, max: 4 }),
      hosts: fc.integer({ min: 1, max: 5 }),
      initiators: fc.nat(6),
    })
    .map((size) => ({
      shape: { 'leaf-spine': size },
      zones: 1,
      trunks: size.leaves * size.spines,
      // `hosts` are those of a leaf, not of the zone.
      size: { ...size, hosts: size.leaves * size.hosts },
    })),
);

t.test('every shape of any size is valid, connected, with the right number of hosts and links', (t) => {
  holds(
    t,
    fc.property(shapes, ({ shape, zones, trunks, size }) => {
      const topology = loadTopology(stringify({ name: 'shaped', shape }), 'shaped.yaml');
      const targets = topology.hosts.filter((host) => host.role === 'target');
      const initiators = topology.hosts.filter((host) => host.role === 'initiator');
      if (topology.zones.length !== zones) throw new Error(`${topology.zones.length} zones, not ${zones}`);
      if (topology.trunks.length !== trunks) throw new Error(`${topology.trunks.length} trunks, not ${trunks}`);
      if (targets.length !== zones * size.hosts) throw new Error(`${targets.length} targets`);
      if (initiators.length !== size.initiators) throw new Error(`${initiators.length} initiators`);
      // Connected: a path leads from the first host to every other, over links that follow on each other.
      const [first] = topology.hosts;
      for (const host of topology.hosts) {
        const hops = path(topology, first!.name, host.name);
        const chained = hops.every(({ from }, index) => from === (hops[index - 1]?.to ?? first!.name));
        if (!chained || (hops.at(-1)?.to ?? first!.name) !== host.name) throw new Error(`no path to ${host.name}`);
      }
      const plan = compile(topology);
      const addresses = plan.links.flatMap(({ a, b }) => [a, b].flatMap(({ address }) => address ?? []));
      const macs = plan.links.flatMap(({ a, b }) => [a.mac, b.mac]);
      if (new Set(addresses).size !== addresses.length) throw new Error('an address is used twice');
      if (new Set(macs).size !== macs.length) throw new Error('an L2 address is used twice');
      if (plan.links.length !== topology.hosts.length + trunks) throw new Error(`${plan.links.length} links`);
    }),
    { numRuns: 100 },
  );
  t.end();
});

t.test('the expansion of a topology loads as the same topology', (t) => {
  const share = fc.integer({ min: 0, max: 1_000_000 }).map((ppm) => formatPercentage(ppm / 1e6));
  const properties = fc.record(
    {
      rate: fc.oneof(fc.integer({ min: 1000, max: 1e9 }).map(formatRate), fc.constant('unlimited')),
      delay: fc.integer({ min: 2_000_000, max: 60_000_000 }).map((us) => `${us / 1000}ms`),
      jitter: fc.integer({ min: 0, max: 2_000_000 }).map((us) => `${us}us`),
      loss: share,
      duplicate: share,
      corrupt: share,
    },
    { requiredKeys: [] },
  );
  // A jitter is only sound beside a delay.
  const sane = properties.map(({ jitter, ...rest }) => ({ ...rest, ...(jitter && rest.delay && { jitter }) }));
  const lines = (_: string, value: unknown) => value;
  holds(
    t,
    fc.property(sane, sane, sane, sane, fc.constantFrom(576, 1500, 9000), (edge, up, trunk, toward, mtu) => {
      const text = stringify({
        name: 'random',
        defaults: { edge: { ...edge, mtu, up }, trunk },
        zones: {
          a: { hosts: { i1: 'initiator', t1: 'target' } },
          b: { hosts: { t2: { role: 'target', edge: { down: toward } } } },
        },
        trunks: [{ between: ['a', 'b'], toward: { b: toward } }],
      });
      const topology = tryLoad(text);
      if (!topology) return;
      const again = loadTopology(expandTopology(topology), 'random.yaml');
      if (JSON.stringify(again, lines) !== JSON.stringify(topology, lines)) throw new Error(expandTopology(topology));
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('units: what is formatted is parsed as the same number', (t) => {
  const same = (format: (value: number) => string, parse: (text: string) => number) => (value: number) =>
    parse(format(value)) === value;
  holds(t, fc.property(fc.nat(), same(formatRate, parseRate)));
  holds(t, fc.property(fc.nat(), same(formatSize, parseSize)));
  holds(
    t,
    fc.property(
      fc.nat().map((ns) => ns / 1e6),
      same(formatTime, parseTime),
    ),
  );
  holds(
    t,
    fc.property(
      fc.integer({ min: 0, max: 1e9 }).map((n) => n / 1e7 / 100),
      same(formatPercentage, parsePercentage),
    ),
  );
  t.end();
});
