import { execFileSync } from 'node:child_process';
import t from 'tap';
import { compile, latencyFloor, path, planScript, Routing, requirements, shapingLines } from '../../lab/plan/index.ts';
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
  t.match(script, "\nip -batch - <<'EOF'\nlink add index 10000 name i1 netns hub");
  t.match(
    script,
    "\ntc -n t1 -batch - <<'EOF'\nqdisc replace dev eth0 root tbf rate 1000000bit burst 3028 limit 24224\nEOF\n",
  );
  t.match(script, '\n# t1 target {"name":"t1","role":"target"');
  execFileSync('sh', ['-n'], { input: script });
  t.pass('a shell can parse it');
  t.end();
});

t.test('what links are built of', (t) => {
  const topology = load(`
zones:
  hub:  { hosts: { t1: target, t2: { role: target, edge: { up: { rate: 1mbit } } } } }
  east: { hosts: { t3: { role: target, edge: { rules: [{ drop: { nth: 1 } }] } } } }
trunks: [{ between: [hub, east], rate: 1gbit, toward: { east: { delay: 1ms } } }]
scenario: [{ impair: { link: t1>hub, rate: 1mbit } }, { impair: { link: t2--hub, loss: 1% } }]
`);
  const built = (options: Parameters<typeof compile>[1]) =>
    Object.fromEntries(compile(topology, options).links.map(({ name, backend }) => [name, backend]));
  t.strictSame(built({}), { 't1--hub': 'tbf', 't2--hub': 'netem', 't3--east': 'wire', 'hub--east': 'netem' });
  t.strictSame(built({ netem: false }), {
    't1--hub': 'tbf',
    't2--hub': 'wire',
    't3--east': 'wire',
    'hub--east': 'wire',
  });
  t.strictSame(built({ links: 'netem', netem: false }), built({}), 'netem when it is asked for, and rules on the wire');
  t.strictSame(built({ links: 'wire' }), {
    't1--hub': 'wire',
    't2--hub': 'wire',
    't3--east': 'wire',
    'hub--east': 'wire',
  });
  t.strictSame(
    requirements(topology, 'netem').map(({ direction, feature, needs }) => `${direction} ${feature} ${needs}`),
    [
      't1>hub rate tbf',
      't2>hub rate tbf',
      't2>hub loss netem',
      'hub>t2 loss netem',
      't3>east rules wire',
      'east>t3 rules wire',
      'hub>east rate tbf',
      'hub>east delay netem',
      'east>hub rate tbf',
    ],
    'what the scenario does to a link later counts too',
  );
  t.end();
});

t.test('the ends of a wire are made by the lab, and configured as veth ends would have been', (t) => {
  const plan = compile(
    load(`
zones: { hub: { hosts: { t1: { role: target, edge: { delay: 1ms, mtu: 9000 } }, t2: { role: target, edge: { mtu: 9000 } } } } }
`),
    { links: 'wire' },
  );
  const [create, ...rest] = plan.batches;
  t.strictSame(create!.lines.length, 1, 'one veth pair, for the link without a delay');
  const lines = (namespace: string) =>
    rest.filter((batch) => batch.namespace === namespace && batch.tool === 'ip')[0]!.lines;
  t.equal(lines('hub')[1], 'link set dev t1 mtu 9000 address 02:01:0a:01:00:0b');
  t.equal(lines('t1')[1], 'link set dev eth0 mtu 9000 address 02:00:0a:01:00:0b');
  t.notOk(lines('t2').some((line) => line.includes('mtu')));
  t.notOk(
    rest.some(({ tool }) => tool === 'tc'),
    'a wire is no matter of tc',
  );
  t.match(planScript(plan), '\nip link add name t1 netns hub type veth peer name eth0 netns t1\n');
  t.end();
});

t.test('frame rules by direction, in numbers', (t) => {
  const { links } = compile(
    load(`
zones: { hub: { hosts: { t1: target } }, east: { hosts: { t2: target } } }
trunks:
  - between: [hub, east]
    rules:
      - drop: { toward: east, kind: Data, group: g2, index: 7, attempt: 1 }
      - delay: { by: 20ms, nth: 2 }
overlay: { groups: { g1: [t1], g2: [t1, t2] } }
`),
  );
  const delay = { action: 'delay', by: 20, nth: 2 };
  t.strictSame(links.at(-1)!.rules, {
    forward: [{ action: 'drop', kind: 5, groupId: 2, index: [7], attempt: 1 }, delay],
    backward: [delay],
  });
  t.notOk(Object.hasOwn(links[0]!, 'rules'));
  t.end();
});

t.test('tc lines: from one set of properties to another', (t) => {
  const lines = (backend: 'veth' | 'tbf' | 'netem' | 'wire', before: object, after: object) =>
    shapingLines('x', before, after, backend);
  const bucket = 'tbf rate 1000000bit burst 3028 limit 24224';
  const mbit = { rate: 1e6 };
  t.strictSame(lines('tbf', {}, {}), []);
  t.strictSame(lines('tbf', {}, mbit), [`qdisc replace dev x root ${bucket}`]);
  t.strictSame(lines('tbf', mbit, {}), ['qdisc del dev x root']);
  t.strictSame(lines('netem', {}, mbit), [`qdisc replace dev x root ${bucket}`], 'nothing for netem to do');
  t.strictSame(lines('netem', {}, { delay: 5, loss: 0.001 }), [
    'qdisc replace dev x root handle 1: netem limit 100000 delay 5ms loss 0.1% corrupt 0%',
  ]);
  t.strictSame(lines('netem', mbit, { ...mbit, delay: 0.02, duplicate: 0.1, reorder: 0.25, corrupt: 0.5 }), [
    'qdisc replace dev x root handle 1: netem limit 100000 delay 20us duplicate 10% reorder 25% corrupt 50%',
    `qdisc replace dev x parent 1:1 handle 10: ${bucket}`,
  ]);
  t.strictSame(
    lines('netem', { ...mbit, delay: 1 }, { delay: 1 }),
    ['qdisc replace dev x root handle 1: netem limit 100000 delay 1ms corrupt 0%', 'qdisc del dev x parent 1:1'],
    'the rate is taken back',
  );
  t.strictSame(lines('netem', { delay: 1 }, {}), ['qdisc del dev x root']);
  t.strictSame(lines('netem', { delay: 1 }, mbit), [`qdisc replace dev x root ${bucket}`]);
  const ordered = { delay: 5, jitter: 1 };
  t.strictSame(lines('netem', {}, ordered), [
    'qdisc replace dev x root handle 1: netem limit 100000 delay 5ms 1ms corrupt 0% rate 1tbit',
  ]);
  t.strictSame(
    lines('netem', ordered, { ...ordered, jitterReorder: true }),
    ['qdisc del dev x root', 'qdisc replace dev x root handle 1: netem limit 100000 delay 5ms 1ms corrupt 0%'],
    'order is not taken back in place',
  );
  t.strictSame(lines('wire', {}, { ...mbit, delay: 5 }), []);
  t.end();
});

const fabric = `
zones:
  lan:
    switches: { s1: [], s2: [], l1: [i1], l2: [t1, t2], l3: [t3] }
    hosts: { i1: initiator, t1: target, t2: target, t3: target }
  far: { hosts: { t4: target } }
trunks:
  - { between: [l1, s1], rate: 10mbit }
  - { between: [l1, s2] }
  - { between: [l2, s1] }
  - { between: [l2, s2] }
  - { between: [l3, s1] }
  - { between: [l3, s2] }
  - { between: [s1, far] }
`;

t.test('inside a zone the hosts share the equally short ways, and every switch agrees', (t) => {
  const topology = load(fabric);
  t.strictSame(names(topology, 'i1', 't1'), ['i1>l1', 'l1>s2', 's2>l2', 'l2>t1'], 'the second host: the second spine');
  t.strictSame(names(topology, 'i1', 't2'), ['i1>l1', 'l1>s1', 's1>l2', 'l2>t2']);
  t.strictSame(names(topology, 't1', 't2'), ['t1>l2', 'l2>t2']);
  t.strictSame(names(topology, 't1', 't4'), ['t1>l2', 'l2>s1', 's1>far', 'far>t4'], 'out by the gateway');
  t.strictSame(names(topology, 't4', 't3'), ['t4>far', 'far>s1', 's1>l3', 'l3>t3']);
  t.strictSame(names(topology, 's2', 'far'), ['s2>l1', 'l1>s1', 's1>far']);
  t.strictSame(names(topology, 'far', 'l2'), ['far>s1', 's1>l2']);
  t.end();
});

t.test('a zone of several switches: bridges without addresses but one, and a place for every host on each', (t) => {
  const { namespaces, links, batches } = compile(load(fabric));
  t.strictSame(
    namespaces.slice(0, 6).map(({ name, kind }) => `${name} ${kind}`),
    ['s1 zone', 's2 zone', 'l1 zone', 'l2 zone', 'l3 zone', 'far zone'],
  );
  t.equal(links.find(({ name }) => name === 'l1--s1')!.a.address, undefined, 'a bridge port');
  t.equal(links.find(({ name }) => name === 's1--far')!.a.address, '100.64.0.12/31');
  const lines = (namespace: string, tool: string) =>
    batches.find((batch) => batch.namespace === namespace && batch.tool === tool)!.lines;
  t.strictSame(lines('l1', 'ip'), [
    'link set dev lo up',
    'link add name br0 mtu 1500 type bridge stp_state 0 mcast_snooping 0',
    ...['i1', 's1', 's2'].flatMap((port) => [
      `link set dev ${port} master br0`,
      `link set dev ${port} type bridge_slave learning off flood off mcast_flood off${port === 'i1' ? '' : ' bcast_flood off'}`,
      `link set dev ${port} up`,
    ]),
    'link set dev br0 up',
  ]);
  t.ok(lines('s1', 'ip').includes('address add 10.1.0.1/24 dev br0'));
  t.ok(lines('s1', 'ip').includes('route add 10.2.0.0/24 via 100.64.0.13 dev far'));
  t.strictSame(lines('l1', 'bridge'), [
    'fdb replace 02:00:0a:01:00:01 dev s1 master static',
    'fdb replace 02:00:0a:01:00:0b dev i1 master static',
    'fdb replace 02:00:0a:01:00:0c dev s2 master static',
    'fdb replace 02:00:0a:01:00:0d dev s1 master static',
    'fdb replace 02:00:0a:01:00:0e dev s2 master static',
  ]);
  t.strictSame(lines('s2', 'bridge')[0], 'fdb replace 02:00:0a:01:00:01 dev l1 master static');
  t.strictSame(lines('l1', 'tc'), ['qdisc replace dev s1 root tbf rate 10000000bit burst 3028 limit 62500']);
  t.end();
});
