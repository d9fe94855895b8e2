import t from 'tap';
import type { Datagram, Evidence } from '../../lab/observe/evidence.ts';
import { Ledger } from '../../lab/observe/ledger.ts';
import type { Sighting } from '../../lab/observe/sighting.ts';
import type { Plan, PlannedLink } from '../../lab/plan/plan.ts';
import type { Expectation, LinkProperties } from '../../lab/topology/topology.ts';
import { judge } from '../../lab/verdict/index.ts';

const link = (kind: 'edge' | 'trunk', a: string, b: string, properties: LinkProperties = {}): PlannedLink => ({
  name: `${a}--${b}`,
  kind,
  a: { node: a, interface: 'eth0', mac: '' },
  b: { node: b, interface: a, mac: '' },
  forward: properties,
  backward: properties,
  backend: 'veth',
});

const plan = {
  links: [
    link('edge', 'i1', 'west'),
    link('edge', 't1', 'east'),
    link('edge', 't2', 'east'),
    link('trunk', 'west', 'east'),
  ],
  nodes: ['i1', 't1', 't2'].map((name) => ({ name })),
} as unknown as Plan;

function cross(id: string, a: string, b: string, time: number, bits = '03', ttl = 8): Sighting[] {
  const common = { id, bits, ttl, biftId: 1, entropy: 1, bytes: 1236, source: 's', destination: 'd' };
  return [
    { end: `${a}>${b}`, way: 'out', time, ...common },
    { end: `${b}>${a}`, way: 'in', time: time + 0.01, ...common },
  ];
}

/** i1 → t1, relayed to t2; over the trunk once. */
const relayed = (id: string) => [
  ...cross(id, 'i1', 'west', 1),
  ...cross(id, 'west', 'east', 1.1),
  ...cross(id, 'east', 't1', 1.2),
  ...cross(id, 't1', 'east', 1.3, '02', 7),
  ...cross(id, 'east', 't2', 1.4, '02', 7),
];

const datagram = (id: string, deliveries: string[]): Datagram => ({
  id,
  from: 'i1',
  sentAt: 0.9,
  to: ['t1', 't2'],
  attempt: 1,
  bytes: 1000,
  deliveries: deliveries.map((node) => ({ node, at: 2 })),
});

function evidence(over: Partial<Evidence> = {}, sightings = relayed('d1'), datagrams = [datagram('d1', ['t1', 't2'])]) {
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

const expects = (expectation: object) => ({ should: 'pass', line: 1, ...expectation }) as Expectation;
const delivered = expects({ kind: 'delivered' });
const onceOnTrunks = expects({ kind: 'traversals', on: 'trunks', atMost: 1 });

t.test('delivered', async (t) => {
  t.equal(judge(delivered, evidence()).outcome, 'pass');

  const missed = judge(delivered, evidence({}, relayed('d1'), [datagram('d1', ['t1'])]));
  t.equal(missed.outcome, 'fail');
  t.match(missed.summary, /1 of 1 datagrams went wrong: t2 missed 1/);
  t.equal(missed.exhibit?.finding, 't2 missed it');
  t.equal(missed.exhibit?.hops.length, 5, 'shows every hop');

  const killed = judge(delivered, evidence({ killed: new Map([['t2', 1]]) }, relayed('d1'), [datagram('d1', ['t1'])]));
  t.equal(killed.exhibit?.finding, 't2 missed it (its process was killed)');

  const twice = judge(delivered, evidence({}, relayed('d1'), [datagram('d1', ['t1', 't1', 't2'])]));
  t.equal(twice.exhibit?.finding, 't1 got it 2 times');

  const stranger = judge(delivered, evidence({}, relayed('d1'), [datagram('d1', ['t1', 't2', 't3'])]));
  t.equal(stranger.exhibit?.finding, 't3 got it without being addressed');

  const stray = judge(delivered, evidence({ strays: [{ id: 'x', node: 't1', at: 1 }] }));
  t.match(stray.summary, /1 deliveries of datagrams nobody sent, first at t1/);

  t.equal(judge(delivered, evidence({}, [], [])).outcome, 'fail', 'nothing sent proves nothing');
});

t.test('traversals', async (t) => {
  t.equal(judge(onceOnTrunks, evidence()).outcome, 'pass');

  const twice = judge(onceOnTrunks, evidence({}, [...relayed('d1'), ...cross('d1', 'west', 'east', 1.05, '02')]));
  t.equal(twice.outcome, 'fail');
  t.equal(twice.exhibit?.finding, 'crossed west>east twice');
  t.match(twice.summary, /west>east \(1\)/);

  t.equal(judge(onceOnTrunks, evidence({ captureDrops: 3 })).outcome, 'inconclusive', 'a hole in the ledger');
  t.equal(judge(onceOnTrunks, evidence({}, [], [])).outcome, 'fail', 'an empty ledger proves nothing');

  const exactly = (on: string[], n: number) => expects({ kind: 'traversals', on, exactly: n, to: ['t1', 't2'] });
  t.equal(judge(exactly(['west>east'], 1), evidence()).outcome, 'pass');
  t.equal(judge(exactly(['east>west'], 0), evidence()).outcome, 'pass');
  t.equal(judge(exactly(['east>west'], 1), evidence()).outcome, 'fail');
  t.equal(judge(exactly(['west>east'], 0), evidence()).outcome, 'fail');
  t.equal(judge(exactly(['nowhere>else'], 0), evidence()).outcome, 'fail', 'a link that does not exist');
  t.equal(
    judge(expects({ kind: 'traversals', on: 'trunks', exactly: 1, to: ['t9'] }), evidence()).outcome,
    'fail',
    'no datagram to judge',
  );
  t.equal(
    judge(expects({ kind: 'traversals', on: 'edges', atMost: 1 }), evidence()).outcome,
    'pass',
    'the relay sends back over its own edge link in the other direction',
  );
});

t.test('should: fail turns a verdict round', async (t) => {
  const shouldFail = { ...onceOnTrunks, should: 'fail' } as Expectation;
  t.equal(judge(shouldFail, evidence()).outcome, 'fail');
  t.equal(
    judge(shouldFail, evidence({}, [...relayed('d1'), ...cross('d1', 'west', 'east', 1.05, '02')])).outcome,
    'pass',
  );
  t.equal(judge(shouldFail, evidence({ captureDrops: 1 })).outcome, 'inconclusive');
});

t.test('stored', async (t) => {
  const stored = expects({ kind: 'stored', replicas: 2 });
  const put = {
    step: 1,
    from: 'i1',
    object: 'aa',
    bytes: 1,
    startedAt: 0,
    took: 1,
    wanted: 2,
    chunks: [{ hash: 'aa', replicas: ['t1', 't2'] }],
  };
  const said = ['t1', 't2'].map((node) => ({ node, hash: 'aa', at: 1 }));
  t.equal(judge(stored, evidence({ puts: [put], stored: said })).outcome, 'pass');
  t.equal(judge(stored, evidence()).outcome, 'fail', 'nothing was put');
  t.match(
    judge(stored, evidence({ puts: [put], stored: said.slice(1) })).summary,
    /t1 acknowledged but never said stored/,
  );
  t.match(
    judge(stored, evidence({ puts: [{ ...put, chunks: [{ hash: 'aa', replicas: ['t1'] }] }], stored: said })).summary,
    /1 replicas of 2/,
  );
  t.match(judge(stored, evidence({ puts: [{ ...put, chunks: [], error: 'no bids' }] })).summary, /no bids/);
});

t.test('latency', async (t) => {
  // t1's path is three links, t2's is five; a packet of 1,236 bytes, a frame of 1,250, at 10 Mbit/s takes 1 ms a link.
  const up = { rate: 10e6, delay: 2 };
  const down = { rate: 10e6 };
  const host = (name: string, at: string) => ({ name, zone: at, switch: at, up, down });
  const slow = {
    ...plan,
    topology: {
      hosts: [host('i1', 'west'), host('t1', 'east'), host('t2', 'east')],
      trunks: [{ a: 'west', b: 'east', forward: up, backward: down }],
    },
  } as unknown as Plan;
  const within = (extra: number, paths = 1, quantile = 1) => expects({ kind: 'latency', quantile, paths, extra });
  const late = datagram('d1', []);
  // Floors: i1>west 3, west>east 3, east>t1 1 → 7; then t1>east 3, east>t2 1 → 11.
  late.deliveries.push({ node: 't1', at: late.sentAt + 7.5 }, { node: 't2', at: late.sentAt + 12 });
  const run = (over: Partial<Evidence> = {}) => evidence({ plan: slow, ...over }, relayed('d1'), [late]);

  t.equal(judge(within(1.1), run()).outcome, 'pass');
  const failed = judge(within(0.9), run());
  t.equal(failed.outcome, 'fail');
  t.match(failed.exhibit?.finding, /took 12\.000 ms to t2; its path alone takes 11\.000 ms/);
  t.equal(failed.exhibit?.hops.length, 5);
  t.equal(judge(within(0.6, 1, 0.5), run()).outcome, 'pass', 'the better half is t1');
  t.equal(judge(within(0, 1.1), run()).outcome, 'pass', '10% over the floor');

  t.equal(judge(within(0.9), run({ noise: [0.01, 0.02] })).outcome, 'fail', 'a quiet machine does not excuse it');
  t.equal(judge(within(0.9), run({ noise: [0.01, 0.2] })).outcome, 'inconclusive', 'two wake-ups of 0.2 ms could');
  t.equal(judge(within(0.9), run({ captureDrops: 1 })).outcome, 'inconclusive');
  t.equal(judge(within(9), evidence({ plan: slow }, [], [late])).outcome, 'fail', 'without a path there is no floor');
});
