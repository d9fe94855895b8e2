import t, { type Test } from 'tap';
import { expandTopology, loadTopology, type Topology } from '../../lab/topology/index.ts';
import { refused } from '../support/refused.ts';

/** A sound topology on lines 1 to 8. */
const sound = `name: bad
defaults: { trunk: { delay: 2ms, rate: 100mbit } }
zones:
  hub: { hosts: { i1: initiator, t1: target, t2: target } }
  east: { hosts: { t3: target, c1: none, x1: { run: [sleep, 1] } } }
  west: { hosts: { t4: target } }
routers: [core]
trunks: [{ between: [hub, core] }, { between: [core, east], jitter: 1ms }, { between: [west, core], mtu: 1400 }]
`;
const load = (text: string): Topology => loadTopology(`${sound}${text}`, 'faults.yaml');
const bare = ({ scenario }: Topology) => scenario.map(({ line: _, ...step }) => step);
const steps = (t: Test, marked: string, ...messages: string[]) =>
  refused(t, `${sound}scenario:\n${marked}`, ...messages);

t.test('every kind of fault, in its short and its long form', (t) => {
  const topology = load(`
scenario:
  - { down: hub--core, at: 1s }
  - { up: core--hub, at: 2s, phase: healed }
  - down: [core--east, t3--east]
  - up: [core--east, t3--east]
  - flap: { link: hub--core, times: 100, down: 20ms, up: 30ms }
  - impair: { link: hub--core, delay: 20ms, loss: 1% }
  - impair: { link: [core>hub], rate: unlimited, loss: 0%, delay: 0ms }
  - impair: { link: hub>core, queue: 10 packets, jitter: 1ms, jitter-reorder: true }
  - pause: t1
  - resume: t1
  - pause: { node: t1, for: 200ms, times: 50 }
  - pause: { node: t1, for: 200ms, times: 2, apart: 10ms }
  - { kill: t2, phase: short-of-one }
  - restart: t2
  - restart: { node: x1 }
  - partition: east
  - heal: all
  - partition: [hub, t4]
  - wait-for: { event: stored, node: t3, count: 2, within: 5s }
  - wait-for: { counter: dropped.loop, node: t3, at-least: 7 }
  - wait-for: { ready: t2 }
  - wait-for: { dead: x1 }
  - { wait-for: { puts: done }, after: 10ms }
  - run: { node: core, command: [ping, -c, 1, $t1.address], within: 2s }
`);
  t.strictSame(bare(topology), [
    { kind: 'down', links: ['hub--core'], at: 1000 },
    { kind: 'up', links: ['hub--core'], at: 2000, phase: 'healed' },
    { kind: 'down', links: ['core--east', 't3--east'] },
    { kind: 'up', links: ['core--east', 't3--east'] },
    { kind: 'flap', links: ['hub--core'], times: 100, down: 20, up: 30 },
    { kind: 'impair', directions: ['hub>core', 'core>hub'], change: { delay: 20, loss: 0.01 } },
    { kind: 'impair', directions: ['core>hub'], change: { rate: null, delay: null, loss: null } },
    { kind: 'impair', directions: ['hub>core'], change: { jitter: 1, jitterReorder: true, queue: 15_140 } },
    { kind: 'pause', node: 't1', times: 1, apart: 0 },
    { kind: 'resume', node: 't1' },
    { kind: 'pause', node: 't1', times: 50, apart: 200, for: 200 },
    { kind: 'pause', node: 't1', times: 2, apart: 10, for: 200 },
    { kind: 'kill', node: 't2', phase: 'short-of-one' },
    { kind: 'restart', node: 't2' },
    { kind: 'restart', node: 'x1' },
    { kind: 'partition', nodes: ['east'], cut: ['core--east'] },
    { kind: 'heal' },
    { kind: 'partition', nodes: ['hub', 't4'], cut: ['t4--west', 'hub--core'] },
    { kind: 'wait-for', condition: { kind: 'event', event: 'stored', count: 2, node: 't3' }, within: 5000 },
    {
      kind: 'wait-for',
      condition: { kind: 'counter', counter: 'dropped.loop', node: 't3', atLeast: 7 },
      within: 10_000,
    },
    { kind: 'wait-for', condition: { kind: 'ready', node: 't2' }, within: 10_000 },
    { kind: 'wait-for', condition: { kind: 'dead', node: 'x1' }, within: 10_000 },
    { kind: 'wait-for', condition: { kind: 'puts' }, within: 10_000, after: 10 },
    { kind: 'run', node: 'core', command: ['ping', '-c', '1', '$t1.address'], within: 2000 },
  ]);
  t.strictSame(bare(loadTopology(expandTopology(topology), 'again.yaml')), bare(topology), 'written and read again');
  t.end();
});

t.test('faults that cannot be', (t) => {
  steps(t, '  - down: «hub--cor', 'unknown link "hub--cor" (did you mean "hub--core"?)');
  steps(t, '  - down: [hub--core, «mars--core]', 'unknown link "mars--core" (did you mean "east--core"?)');
  steps(
    t,
    '  - down: «hub>core',
    '"hub>core" is one direction of a link, and a link goes down as a whole: write hub--core, or impair it with loss: 100%',
  );
  steps(t, '  - down: hub--core\n  - down: «core--hub', 'hub--core is down already: a step above takes it down');
  steps(t, '  - up: «hub--core', 'hub--core is not down: no step above takes it down');
  steps(
    t,
    '  - flap: { link: «hub--cor, times: 1, down: 1ms, up: 1ms }',
    'unknown link "hub--cor" (did you mean "hub--core"?)',
  );
  steps(t, '  - flap: { link: hub--core, times: «0, down: 1ms, up: 1ms }', 'scenario.0.flap.times: must be at least 1');
  steps(
    t,
    '  - flap: «{ link: hub--core, times: 1, down: 1ms }',
    'scenario.0.flap.up: is required: a time with its unit, such as 2s',
  );
  steps(
    t,
    '  - pause: { node: «c1 }',
    '"c1" has the role none: a pause needs target or initiator or mrouter (there is: i1, t1, t2, t3, t4)',
  );
  steps(t, '  - pause: «t9', 'unknown host "t9" (did you mean "t1"?)');
  steps(t, '  - pause: { node: t1, times: «3 }', 'a pause that is repeated has an end: add for, such as for: 200ms');
  steps(t, '  - pause: { node: t1, apart: «3ms }', 'apart is the time between pauses: add for and times');
  steps(t, '  - pause: t1\n  - pause: «t1', 't1 is paused already: resume it first');
  steps(
    t,
    '  - kill: t1\n  - pause: «t1\n  - kill: «t1',
    't1 is dead: a step above kills it',
    't1 is dead already: a step above kills it',
  );
  steps(t, '  - pause: { node: t1, for: 1ms }\n  - resume: «t1', 't1 is not paused: no step above pauses it');
  steps(t, '  - partition: [hub, «esat]', 'unknown zone, router or host "esat" (did you mean "east"?)');
  steps(t, '  - partition: «[hub, east, west, core]', 'no link leads from these to any other: there is nothing to cut');
  steps(t, '  - heal: «all', 'nothing is cut: no step above is a partition');
  steps(
    t,
    '  - partition: hub\n  - heal: «hub',
    'scenario.1.heal: "hub" is not one of the allowed values (known: all)',
  );
  steps(t, '  - run: { node: «t9, command: [ls] }', 'unknown host, switch or router "t9" (did you mean "t1"?)');
  steps(
    t,
    '  - run: { node: t1, command: «[] }',
    'scenario.0.run.command: a command needs at least the name of a program',
  );
  steps(t, '  - run: { node: t1, command: [ping, «$t9.address] }', 'unknown host "t9" (did you mean "t1"?)');
  steps(t, '  - run: { node: t1, command: [ping, «$t1.adress] }', 'a host has no adress (did you mean "address"?)');
  refused(
    t,
    'name: bad\nzones: { hub: { hosts: { a: { run: [x, «$b.address] } } } }',
    'unknown host "b" (did you mean "a"?)',
  );
  t.end();
});

t.test('impairments that cannot be', (t) => {
  const impair = (marked: string, ...messages: string[]) => steps(t, `  - impair: ${marked}`, ...messages);
  const times = 'write a number and a unit, such as 5ms (units: ns, us, ms, s)';
  impair('{ link: «hub--mars, loss: 1% }', 'unknown link "hub--mars" (did you mean "hub--core"?)');
  impair('{ link: hub--core, delay: «-1ms }', `scenario.0.impair.delay: "-1ms" is negative: ${times}`);
  impair(
    '{ link: hub--core, rate: «0mbit }',
    'scenario.0.impair.rate: 0bit is less than 1kbit, the least that can be asked',
  );
  impair(
    '{ link: hub--core, «mtu: 1400 }',
    'unknown field "mtu" (known: link, rate, delay, jitter, jitter-reorder, loss, duplicate, reorder, …)',
  );
  impair('«{ link: hub--core }', 'an impair changes something: add delay, loss, rate or another property');
  impair(
    '{ link: hub>core, jitter: «3ms }',
    'hub>core would not make sense: jitter is larger than the delay: lower it, raise the delay, or set jitter-reorder',
  );
  impair(
    '«{ link: core>east, delay: 0ms }',
    'core>east would not make sense: jitter is larger than the delay: lower it, raise the delay, or set jitter-reorder',
  );
  impair(
    '{ link: hub>core, rate: unlimited }\n  - impair: { link: hub>core, queue: «3kB }',
    'hub>core would not make sense: a queue needs a rate: without one nothing ever waits',
  );
  impair(
    '{ link: t1>hub, reorder: «1% }',
    't1>hub would not make sense: reorder needs a delay: a frame that does not wait cannot be overtaken',
  );
  t.doesNotThrow(
    () => load('scenario: [{ impair: { link: hub>core, delay: 5ms } }, { impair: { link: hub>core, jitter: 3ms } }]'),
    'an earlier step made room for it',
  );
  t.end();
});

t.test('conditions that cannot be', (t) => {
  const wait = (marked: string, ...messages: string[]) => steps(t, `  - wait-for: ${marked}`, ...messages);
  const kinds = 'event, counter, ready, dead, puts';
  wait('«{ within: 1s }', `a wait-for is exactly one of ${kinds}, and this is none`);
  wait('«{ event: stored, dead: t1 }', `a wait-for is exactly one of ${kinds}: split event and dead`);
  wait('«{ counter: relayed }', 'which node counts? Add node, such as node: t3');
  wait('{ ready: t1, node: «t1 }', 'node goes with event or counter, not with ready');
  wait('{ ready: t1, count: «2 }', 'count goes with event, not with ready');
  wait('{ event: stored, at-least: «2 }', 'at-least goes with counter, not with event');
  wait(
    '{ ready: «c1 }',
    '"c1" has the role none: a wait-for needs target or initiator or mrouter (there is: i1, t1, t2, t3, t4)',
  );
  wait('{ puts: «all }', 'scenario.0.wait-for.puts: "all" is not one of the allowed values (known: done)');
  wait('{ event: stored, within: «5 }', 'scenario.0.wait-for.within: expected a time with its unit, such as 2s');
  t.end();
});

t.test('phases', (t) => {
  steps(
    t,
    '  - { phase: a, get: { by: i1 } }\n  - { phase: «a, get: { by: i1 } }',
    'a second phase "a": the first begins on line 10',
  );
  steps(
    t,
    '  - { phase: «A b, get: { by: i1 } }',
    'scenario.0.phase: a name is made of lower-case letters, digits and "-", and begins with a letter',
  );
  t.end();
});

t.test('expectations of the later kinds, limited in every way', (t) => {
  const topology = load(`
scenario: [{ phase: split, partition: east }, { phase: whole, heal: all }]
expect:
  - { delivered: after-repair, phase: split, group: ng1, links: [core--hub] }
  - { latency: { max: path }, links: [hub>core, core--west] }
  - { traversals: { exactly: 1 }, phase: split, group: ng1, links: [hub>core] }
  - { stored: 3, phase: whole }
  - { goodput: { at-least: 80mbit, from: i1 }, phase: whole }
  - { bytes: { on: [hub--core], per-payload: 1.25 }, group: ng1 }
  - counters: { name: dropped, exactly: 0 }
  - { counters: { name: relayed, node: t3, at-least: 1, at-most: 9 }, phase: whole, should: fail }
  - { recovers-within: 1500ms, phase: whole }
`);
  const expect = ({ expect }: Topology) => expect.map(({ line: _, ...expectation }) => expectation);
  t.strictSame(expect(topology), [
    {
      kind: 'delivered',
      repaired: true,
      phase: 'split',
      group: 'ng1',
      links: ['core>hub', 'hub>core'],
      should: 'pass',
    },
    {
      kind: 'latency',
      quantile: 1,
      paths: 1,
      extra: 0,
      links: ['hub>core', 'core>west', 'west>core'],
      should: 'pass',
    },
    { kind: 'traversals', on: 'trunks', exactly: 1, phase: 'split', group: 'ng1', links: ['hub>core'], should: 'pass' },
    { kind: 'stored', replicas: 3, phase: 'whole', should: 'pass' },
    { kind: 'goodput', atLeast: 8e7, from: 'i1', phase: 'whole', should: 'pass' },
    { kind: 'bytes', on: ['hub>core', 'core>hub'], perPayload: 1.25, group: 'ng1', should: 'pass' },
    { kind: 'counters', counter: 'dropped', atLeast: 0, atMost: 0, should: 'pass' },
    { kind: 'counters', counter: 'relayed', node: 't3', atLeast: 1, atMost: 9, phase: 'whole', should: 'fail' },
    { kind: 'recovers-within', time: 1500, phase: 'whole', should: 'pass' },
  ]);
  t.strictSame(
    expect(loadTopology(expandTopology(topology), 'again.yaml')),
    expect(topology),
    'written and read again',
  );
  t.end();
});

t.test('limits and later kinds that make no sense', (t) => {
  const expect = (marked: string, ...messages: string[]) =>
    refused(t, `${sound}scenario: [{ phase: split, partition: east }]\nexpect: ${marked}`, ...messages);
  expect('[{ delivered: all, phase: «spilt }]', 'unknown phase "spilt" (did you mean "split"?)');
  refused(t, `${sound}expect: [{ delivered: all, phase: «split }]`, 'unknown phase "split": no step has phase');
  expect('[{ delivered: all, group: «ng2 }]', 'unknown group "ng2" (did you mean "ng1"?)');
  expect('[{ delivered: all, links: [«hub>coer] }]', 'unknown link "hub>coer" (did you mean "hub>core"?)');
  expect('[{ stored: 3, group: «ng1 }]', 'stored is not limited by group, only by phase');
  expect(
    '[{ bytes: { per-payload: 1 }, links: «[hub>core] }]',
    'bytes is not limited by links, only by phase or group',
  );
  expect(
    '{ delivered: all, phase: «split }',
    'expect.phase: which expectation is limited? Write expect as a list: - { delivered: all, phase: healed }',
  );
  expect(
    '[{ goodput: { at-least: «fast } }]',
    'expect.0.goodput.at-least: "fast" is not a rate: write a number and a unit, such as 100mbit (units: bit, kbit, mbit, gbit, tbit)',
  );
  expect(
    '[{ goodput: { at-least: 1mbit, from: «t1 } }]',
    '"t1" has the role target: a put needs initiator (there is: i1)',
  );
  expect('[{ bytes: { on: [«t1>hob], per-payload: 1 } }]', 'unknown link "t1>hob" (did you mean "t1>hub"?)');
  expect('[{ bytes: { per-payload: «-1 } }]', 'expect.0.bytes.per-payload: must be at least 0');
  expect(
    '[{ counters: «{ name: relayed } }]',
    'counters has either exactly, or at-least, or at-most, or both of these',
  );
  expect(
    '[{ counters: «{ name: relayed, exactly: 1, at-least: 1 } }]',
    'counters has either exactly, or at-least, or at-most, or both of these',
  );
  expect('[{ counters: { name: relayed, at-least: «2, at-most: 1 } }]', 'at least 2 and at most 1 cannot both hold');
  expect(
    '[{ counters: { name: relayed, node: «x1, exactly: 0 } }]',
    '"x1" has the role none: a counter needs target or initiator or mrouter (there is: i1, t1, t2, t3, t4)',
  );
  expect(
    '[recovers-within: «2s]',
    'since when? Add the phase that begins with the repair: - { recovers-within: 2s, phase: healed }',
  );
  t.end();
});

t.test('frame rules', (t) => {
  const topology = loadTopology(
    `name: ruled
zones: { hub: { hosts: { i1: initiator, t1: { role: target, edge: { rules: [{ corrupt: { nth: 3 } }] } } } }, east: { hosts: { t2: target } } }
trunks:
  - between: [hub, east]
    rules:
      - drop: { toward: east, kind: Data, index: 7, attempt: 1 }
      - delay: { by: 20ms, index: [1, 2], group: ng1 }
      - duplicate: {}
`,
    'ruled.yaml',
  );
  const rules = ({ hosts, trunks }: Topology) => [hosts[1]!.rules, trunks[0]!.rules];
  t.strictSame(rules(topology), [
    [{ action: 'corrupt', nth: 3 }],
    [
      { action: 'drop', toward: 'east', kind: 'Data', index: [7], attempt: 1 },
      { action: 'delay', by: 20, group: 'ng1', index: [1, 2] },
      { action: 'duplicate' },
    ],
  ]);
  t.strictSame(rules(loadTopology(expandTopology(topology), 'again.yaml')), rules(topology), 'written and read again');

  const bad = (marked: string, ...messages: string[]) =>
    refused(
      t,
      `name: bad\nzones: { hub: { hosts: { t1: target } }, east: {} }\ntrunks: [{ between: [hub, east], rules: [${marked}] }]`,
      ...messages,
    );
  bad('«{}', 'a rule is exactly one of drop, duplicate, delay, corrupt, and this is none');
  bad('«{ drop: {}, corrupt: {} }', 'a rule is exactly one of drop, duplicate, delay, corrupt: split drop and corrupt');
  bad('{ «dorp: {} }', 'unknown field "dorp" (did you mean "drop"?)');
  bad('{ drop: { toward: «t1 } }', '"t1" is no end of this link (known: hub, east)');
  bad('{ drop: { group: «g } }', 'unknown group "g" (known: ng1)');
  bad(
    '{ drop: { kind: «Dat } }',
    'trunks.0.rules.0.drop.kind: "Dat" is not one of the allowed values (did you mean "Data"?)',
  );
  bad('{ drop: { kind: PutBid, index: «1 } }', 'a PutBid has no index: leave it out, or write kind: Data or GetData');
  bad('{ drop: { index: «-1 } }', 'trunks.0.rules.0.drop.index: an index counts from 0');
  bad('{ drop: { attempt: «0 } }', 'trunks.0.rules.0.drop.attempt: must be at least 1');
  bad('{ drop: { nth: «0 } }', 'trunks.0.rules.0.drop.nth: must be at least 1');
  bad('{ delay: «{ nth: 1 } }', 'trunks.0.rules.0.delay.by: is required: a time with its unit, such as 5ms');
  refused(
    t,
    'name: bad\ndefaults: { edge: { «rules: [] } }\nzones: { hub: {} }',
    'unknown field "rules" (known: rate, delay, jitter, jitter-reorder, loss, duplicate, reorder, corrupt, …)',
  );
  t.end();
});

t.test('zones of several switches', (t) => {
  const text = `name: fabric
zones:
  lan:
    switches: { spine: [], leaf1: [i1, t1], leaf2: [t2] }
    hosts: { i1: initiator, t1: target, t2: target }
  far: { hosts: { t3: target } }
trunks:
  - { between: [leaf1, spine], rate: 10mbit }
  - { between: [leaf2, spine], toward: { spine: { rate: 1mbit } } }
  - { between: [spine, far] }
`;
  const topology = loadTopology(text, 'fabric.yaml');
  t.strictSame(topology.zones[0]!.switches, ['spine', 'leaf1', 'leaf2']);
  t.strictSame(topology.zones[1]!.switches, ['far']);
  t.strictSame(
    topology.hosts.map(({ name, zone, switch: at }) => `${name} ${zone} ${at}`),
    ['i1 lan leaf1', 't1 lan leaf1', 't2 lan leaf2', 't3 far far'],
  );
  const structure = ({ zones, hosts, trunks }: Topology) => ({ zones, hosts, trunks });
  t.strictSame(structure(loadTopology(expandTopology(topology), 'again.yaml')), structure(topology));

  const bad = (zone: string, trunks: string, ...messages: string[]) =>
    refused(
      t,
      `name: bad\nzones: { lan: { ${zone} }, far: {} }\nrouters: [core]\ntrunks: [${trunks}, { between: [far, core] }]`,
      ...messages,
    );
  const join = '{ between: [a, b] }, { between: [a, core] }';
  bad('switches: { a: [«t1], b: [] }', join, '"t1" is no host of zone lan');
  bad('switches: { a: [t1], b: [«t1] }, hosts: { t1: target }', join, '"t1" is at switch a already');
  bad('switches: { a: [], b: [] }, hosts: { «t1: target }', join, 't1 is at no switch: add it to one of a, b');
  bad('switches: «{}', '{ between: [far, core] }', 'zones.lan.switches: name at least one switch, or leave it out');
  bad(
    'switches: { a: [], «far2: [] }',
    '{ between: [a, core] }',
    'no trunk leads from a to far2: join it with trunks: - { between: [a, far2] }',
  );
  bad(
    'switches: { a: [], b: [] }',
    '{ between: [a, b] }, { between: [«b, core] }, { between: [a, core] }',
    'b does not route: trunks of zone lan to others end at its first switch, a',
  );
  bad(
    'switches: { a: [], b: [] }',
    `${join}, { between: [«lan, core] }`,
    'zone lan has several switches: name the one that the trunk ends at (known: a, b, far, core)',
  );
  bad(
    'switches: { a: [t1], b: [] }, hosts: { t1: target }',
    '{ between: [a, b], mtu: «9000 }, { between: [a, core] }',
    'an mtu of 9000 beside 1500 at t1: the links inside a zone are one L2 network and share one mtu',
  );
  refused(
    t,
    'name: bad\nzones: { a: {}, lan: { switches: { «a: [] } } }',
    'duplicate name "a": a zone of that name is declared on line 2',
  );
  t.end();
});
