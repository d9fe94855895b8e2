import { execFileSync } from 'node:child_process';
import t from 'tap';
import { compile, latencyFloor, path, planScript, Routing, requirements } from '../../lab/plan/index.ts';
import { tokenBucket } from '../../lab/plan/tbf.ts';
import { loadTopology, type Topology } from '../../lab/topology/index.ts';

const load = (text: string): Topology => loadTopology(`name: test\n${text}`, 'test.yaml');
const names = (topology: Topology, from: string, to: string) => path(topology, from, to).map((link) => link.name);

t.test('routes', (t) => {
  const ring = load('shape: { ring: { zones: 4, hosts: 1 } }');
  t.strictSame(names(ring, 'i1', 't1'), ['i1>z1', 'z1>t1'], 'inside a zone');
  t.strictSame(names(ring, 'i1', 't2'), ['i1>z1', 'z1>z2', 'z2>t2']);
  t.strictSame(names(ring, 'z1', 'z1'), [], 'from a place to itself');
  t.strictSame(names(ring, 't1', 't1'), []);
  t.strictSame(names(ring, 'z2', 't2'), ['z2>t2']);
  // Both ways round are two trunks long: at z1 the trunk to z2 is declared first, at z3 also the one to z2.
  t.strictSame(names(ring, 'z1', 'z3'), ['z1>z2', 'z2>z3']);
  t.strictSame(names(ring, 'z3', 'z1'), ['z3>z2', 'z2>z1']);
  t.strictSame(names(ring, 'z2', 'z4'), ['z2>z1', 'z1>z4']);
  const routing = new Routing(ring);
  t.equal(routing.nextHop('z4', 'z2'), 'z3');
  t.throws(() => routing.nextHop('z1', 'nowhere'), { name: 'RangeError', message: 'no way from z1 to nowhere' });
  t.throws(() => routing.path('i1', 'nowhere'), RangeError);
  t.end();
});

t.test('the latency floor is serialisation and delay, link by link', (t) => {
  const topology = load(`
defaults: { edge: { rate: 8mbit } }
zones: { hub: { hosts: { i1: initiator } }, east: { hosts: { t1: target } } }
trunks: [{ between: [hub, east], rate: 1mbit, delay: 5ms, toward: { hub: { delay: 7ms } } }]
`);
  // 986 + 14 bytes of frame: 1 ms at 8 Mbit/s, 8 ms at 1 Mbit/s.
  t.equal(latencyFloor(path(topology, 'i1', 't1'), 986), 1 + (8 + 5) + 1);
  t.equal(latencyFloor(path(topology, 't1', 'i1'), 986), 1 + (8 + 7) + 1);
  t.equal(latencyFloor([], 986), 0);
  t.equal(
    latencyFloor(path(load('zones: { hub: { hosts: { a: none, b: none } } }'), 'a', 'b'), 1500),
    0,
    'no rate, no time',
  );
  t.end();
});

t.test('requirements: which link needs what', (t) => {
  const topology = load(`
zones: { hub: { hosts: { t1: { role: target, edge: { down: { rate: 1mbit, queue: 64KiB } } } } }, east: {} }
trunks: [{ between: [hub, east], mtu: 1400, delay: 5ms, toward: { east: { loss: 0.1%, jitter: 1ms } } }]
`);
  const needs = 'netem-or-wire';
  t.strictSame(requirements(topology), [
    { link: 't1--hub', direction: 'hub>t1', feature: 'rate', needs: 'tbf' },
    { link: 't1--hub', direction: 'hub>t1', feature: 'queue', needs: 'tbf' },
    { link: 'hub--east', direction: 'hub>east', feature: 'delay', needs },
    { link: 'hub--east', direction: 'hub>east', feature: 'jitter', needs },
    { link: 'hub--east', direction: 'hub>east', feature: 'loss', needs },
    { link: 'hub--east', direction: 'east>hub', feature: 'delay', needs },
  ]);
  t.end();
});

t.test('token buckets: two frames or 0.25 ms; 50 ms of queue or the one declared', (t) => {
  t.equal(tokenBucket({}), undefined);
  t.strictSame(tokenBucket({ rate: 1e9 }), { rate: 1e9, burst: 31_250, limit: 6_250_000 });
  t.strictSame(tokenBucket({ rate: 1e6 }), { rate: 1e6, burst: 2 * 1514, limit: 16 * 1514 });
  t.strictSame(tokenBucket({ rate: 1e6, queue: 5000 }), { rate: 1e6, burst: 2 * 1514, limit: 5000 });
  t.strictSame(tokenBucket({ rate: 1e8, mtu: 9000 }), { rate: 1e8, burst: 2 * 9014, limit: 625_000 });
  t.end();
});

t.test('the plan as a script', (t) => {
  const script = planScript(
    compile(load('zones: { hub: { hosts: { i1: initiator, t1: { role: target, edge: { rate: 1mbit } } } } }')),
  );
  t.match(script, /^#!\/bin\/sh\n# Topology test, from test.yaml:\n# 1 zone, 0 routers, 2 hosts, 0 trunks.\nset -e\n/);
  t.match(script, '\nip netns add hub\nip netns add i1\nip netns add t1\n');
  t.match(script, "\nip -batch - <<'EOF'\nlink add name i1 netns hub");
  t.match(
    script,
    "\ntc -n t1 -batch - <<'EOF'\nqdisc replace dev eth0 root tbf rate 1000000bit burst 3028 limit 24224\nEOF\n",
  );
  t.match(script, '\n# t1 target {"name":"t1","role":"target"');
  execFileSync('sh', ['-n'], { input: script });
  t.pass('a shell can parse it');
  t.end();
});
