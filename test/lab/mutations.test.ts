/** The verdicts can fail: each mutation of a passing topology fails the expectation that it breaks, with the right exhibit. */
import t from 'tap';
import { parse, stringify } from 'yaml';
import { brokenPoints, pointAbout, readLedger, readTopology, runWitnessed } from './castlab.ts';

// biome-ignore lint/suspicious/noExplicitAny: a YAML tree that the mutations take apart
type Tree = Record<string, any>;
const mutate = (name: string, change: (topology: Tree) => void) => {
  const topology = parse(readTopology(name)) as Tree;
  change(topology);
  return stringify(topology);
};

/** In a ring shape, zones are z1, z2, …: a link between two of them is a trunk. */
const isTrunk = (link: string) => /^z\d+>z\d+$/.test(link);

/** How many datagrams crossed some trunk direction more than once. */
function trunkRepeats(ledger: ReturnType<typeof readLedger>) {
  const counts = new Map<string, number>();
  for (const { id, link } of ledger) {
    if (isTrunk(link)) counts.set(`${id} ${link}`, (counts.get(`${id} ${link}`) ?? 0) + 1);
  }
  return [...counts.values()].filter((count) => count > 1).length;
}

t.test('a ring fails without vias and passes with them, by the same expectation', async (t) => {
  const withVias = readTopology('ring-vias.yaml');
  const without = mutate('ring-vias.yaml', (topology) => {
    delete topology['overlay'].vias;
  });
  const { results } = await runWitnessed(t, withVias, without);
  const [good, bad] = results as [(typeof results)[0], (typeof results)[0]];
  t.same(brokenPoints(good!), []);
  t.equal(bad!.outcome, 'fail');
  const failing = bad!.points.filter((point) => point.outcome === 'fail');
  t.ok(failing.length > 0 && failing.every((point) => /cross/.test(point.title)), 'only traversals expectations fail');
  t.match(failing[0]!.summary, /crossed \S+>\S+ (twice|\d+ times)/);
  t.equal(trunkRepeats(readLedger(good!)), 0, 'the ledger says so too');
  t.ok(trunkRepeats(readLedger(bad!)) > 0, 'and here shows the repeats');
});

t.test('with relaying switched off the sender crosses trunks once a target', async (t) => {
  const { results } = await runWitnessed(
    t,
    mutate('multi-subnet.yaml', (topology) => {
      topology['overlay'] = { ...topology['overlay'], relay: false };
    }),
  );
  const point = pointAbout(results[0]!, 'crosses every trunk');
  t.equal(point?.outcome, 'fail');
  t.match(point?.details?.[0], /datagram [0-9a-f]{16} from .* crossed \S+>\S+ (twice|\d+ times)/);
  t.equal(pointAbout(results[0]!, 'delivered exactly once')?.outcome, 'pass', 'everything arrives all the same');
});

t.test('a target killed before the accept is named with what it missed', async (t) => {
  const { results } = await runWitnessed(
    t,
    mutate('star.yaml', (topology) => {
      topology['scenario'] = [{ kill: { node: 't2' } }, { put: { from: 'i1', size: '64KiB' } }];
      topology['expect'] = { delivered: 'all' };
    }),
  );
  const point = pointAbout(results[0]!, 'delivered exactly once');
  t.equal(point?.outcome, 'fail');
  t.match(point?.summary, /\d+ of \d+ datagrams went wrong: t2 missed \d+/);
  t.match(point?.details?.[0], /t2 missed it \(its process was killed\)/);
});

t.test('a datagram duplicated on purpose is shown with its path', async (t) => {
  const { results } = await runWitnessed(
    t,
    mutate('multi-subnet.yaml', (topology) => {
      topology['scenario'] = [{ send: { from: 'i1', to: ['t3', 't6'], count: 3, copies: 2 } }];
      topology['expect'] = [{ delivered: 'all' }, { traversals: { on: 'trunks', 'per-datagram': 1 } }];
    }),
  );
  const crossed = pointAbout(results[0]!, 'crosses every trunk');
  t.equal(crossed?.outcome, 'fail');
  t.match(crossed?.details?.[0], /from i1 to t3, t6: crossed \S+>\S+ twice/);
  const hops = crossed?.details?.slice(1).map((line) => line.split(' ')[0]);
  for (const link of ['i1>hub', 'hub>core', 'core>east', 'east>t3']) {
    t.equal(hops?.filter((hop) => hop === link).length, 2, `its path shows ${link} twice`);
  }
  t.match(pointAbout(results[0]!, 'delivered exactly once')?.details?.[0], /t3 got it 2 times; t6 got it 2 times/);
});
