import t, { type Test } from 'tap';
import { refused } from '../support/refused.ts';

/** A sound topology on lines 1 to 6, to which a bad part is added. */
const refusedAfter = (t: Test, marked: string, ...messages: string[]) =>
  refused(
    t,
    `name: bad
zones:
  hub: { hosts: { i1: initiator, t1: target, t2: target } }
  east: { hosts: { t3: target, c1: none, m1: mrouter } }
  west: { hosts: { t4: target } }
trunks: [{ between: [hub, east] }, { between: [east, west] }, { between: [west, hub] }]
${marked}`,
    ...messages,
  );

t.test('groups', (t) => {
  const groups = (marked: string, ...messages: string[]) =>
    refusedAfter(t, `overlay: { groups: ${marked} }`, ...messages);
  groups('{ ng1: [t1, «c1] }', '"c1" is no target (its role is none): a group lists targets');
  groups('{ ng1: [t1, «i1] }', '"i1" is no target (its role is initiator): a group lists targets');
  groups('{ ng1: [t1, «t33] }', 'unknown host "t33" (did you mean "t3"?)');
  groups('{ ng1: [t1, t2, «t1] }', '"t1" is in group ng1 twice');
  groups('{ ng1: «[] }', 'overlay.groups.ng1: a group needs at least one member');
  groups(
    `{ ng1: «[${Array.from({ length: 65 }, (_, i) => `t${i}`).join(', ')}] }`,
    'overlay.groups.ng1: a group has at most 64 members, one for each bit of its address',
  );
  groups(
    '{ «NG: [t1] }',
    'overlay.groups.NG: a name is made of lower-case letters, digits and "-", and begins with a letter',
  );
  t.end();
});

t.test('vias', (t) => {
  const vias = (marked: string, ...messages: string[]) =>
    refusedAfter(t, `overlay: { vias: [${marked}] }`, ...messages);
  vias('{ from: hub, to: «wets, via: east }', 'unknown zone "wets" (did you mean "west"?)');
  vias(
    '{ from: «a, to: hub, via: «b }',
    'unknown zone "a" (known: hub, east, west)',
    'unknown zone "b" (known: hub, east, west)',
  );
  vias('{ from: hub, to: «hub, via: east }', 'from and to are both hub: a via leads to another zone');
  vias('{ from: hub, to: west, via: «hub }', 'via hub is one of its own ends: a via rides on the copy to a third zone');
  vias(
    '{ from: hub, to: west, via: «west }',
    'via west is one of its own ends: a via rides on the copy to a third zone',
  );
  vias(
    '{ from: hub, to: west, via: east }, «{ from: hub, to: west, via: east }',
    'a second via from hub to west: only one can apply',
  );
  // Each waits for the other's copy.
  vias(
    '«{ from: hub, to: west, via: east }, «{ from: hub, to: east, via: west }',
    'via cycle: hub would make a copy for west, which rides on the one for east, which rides on the one for west',
    'via cycle: hub would make a copy for east, which rides on the one for west, which rides on the one for east',
  );
  // East would send it back to where it came from.
  vias(
    '«{ from: hub, to: west, via: east }, «{ from: east, to: west, via: hub }',
    'via cycle: a datagram for west could go hub → east → hub',
    'via cycle: a datagram for west could go east → hub → east',
  );
  // Only when z4 is not addressed: then the copy of z1 for z2 goes there itself.
  refused(
    t,
    `name: bad
shape: { mesh: { zones: 4, hosts: 1 } }
overlay:
  vias:
    - «{ from: z1, to: z3, via: z2 }
    - { from: z1, to: z2, via: z4 }
    - «{ from: z2, to: z3, via: z1 }`,
    'via cycle: a datagram for z3 could go z1 → z2 → z1',
    'via cycle: a datagram for z3 could go z2 → z1 → z2',
  );
  vias('«{ from: hub, to: west }', 'overlay.vias.0.via: is required: text');
  refused(
    t,
    `name: bad
zones: { hub: { hosts: { t1: target } }, east: { hosts: { c1: none } }, west: { hosts: { t2: target } } }
trunks: [{ between: [hub, east] }, { between: [east, west] }]
overlay: { vias: [{ from: hub, to: west, via: «east }] }`,
    'zone east has no target, and only an addressed target relays',
  );
  t.end();
});

t.test('overlay settings', (t) => {
  refusedAfter(t, 'overlay: { chunk-size: «1KiB }', 'a chunk of 1KiB: between 16KiB and 8MiB are possible');
  refusedAfter(t, 'overlay: { port: «70000 }', 'overlay.port: must be at most 65535');
  refusedAfter(
    t,
    'overlay: { tunnel: «upd }',
    'overlay.tunnel: "upd" is not one of the allowed values (did you mean "udp"?)',
  );
  refusedAfter(
    t,
    'overlay: { capacity: «unlimited }',
    'overlay.capacity: "unlimited" is not a rate: write a number and a unit, such as 100mbit (units: bit, kbit, mbit, gbit, tbit)',
  );
  t.end();
});

t.test('steps', (t) => {
  const steps = (marked: string, ...messages: string[]) => refusedAfter(t, `scenario:\n${marked}`, ...messages);
  const ways = 'a put has either a size, of objects to generate, or a file';
  steps('  - put: { from: «t1, size: 1MiB }', '"t1" has the role target: a put needs initiator (there is: i1)');
  steps('  - put: { from: «i2, size: 1MiB }', 'unknown host "i2" (did you mean "i1"?)');
  steps('  - put: «{ from: i1 }', ways);
  steps('  - put: «{ from: i1, size: 1MiB, file: $node }', ways);
  steps(
    '  - put: { from: i1, size: 1MiB, bytes: «1MiB }',
    'bytes is the part of a file to put: write size for a generated object',
  );
  steps('  - put: { from: i1, file: $node, seed: «1 }', 'a file is not generated: seed goes with size');
  steps(
    '  - put: { from: i1, file: $node, count: «2 }',
    'the same file again would be stored already: count goes with size',
  );
  steps(
    '  - put: { from: i1, size: 1MiB, replicas: «5 }',
    '5 replicas, but group ng1 has 4 members: ask for at most 4, or add targets',
  );
  steps('  - put: { from: i1, size: 1MiB, group: «ng2 }', 'unknown group "ng2" (did you mean "ng1"?)');
  steps('  - put: { from: i1, size: «0 }', 'scenario.0.put.size: must be at least 1 byte');
  steps('  - put: { from: i1, size: «1MIX }', 'scenario.0.put.size: "1MIX": no such unit "MIX" (did you mean "MiB"?)');
  steps('  - put: { from: i1, size: 1MiB, count: «0 }', 'scenario.0.put.count: must be at least 1');
  steps('  - put: { from: i1, size: 1MiB, «sizee: 1 }', 'unknown field "sizee" (did you mean "size"?)');
  steps('  - get: { by: «t1 }', '"t1" has the role target: a get needs initiator (there is: i1)');
  steps(
    '  - send: { from: «c1 }',
    '"c1" has the role none: a send needs initiator or target or mrouter (there is: i1, t1, t2, t3, m1, t4)',
  );
  steps('  - send: { from: i1, to: [t1, «t9] }', '"t9" is not a member of group ng1 (did you mean "t1"?)');
  steps('  - send: { from: i1, to: [t1, «t1] }', '"t1" is named twice');
  steps('  - send: { from: i1, to: «[] }', 'scenario.0.send.to: a rendezvous group has at least one member');
  steps('  - send: { from: i1, size: «1500 }', '1500 bytes do not fit one datagram: at most 1388, for an mtu of 1500');
  steps(
    '  - kill: { node: «c1 }',
    '"c1" has the role none: a kill needs target or initiator or mrouter (there is: i1, t1, t2, t3, m1, t4)',
  );
  steps(
    '  - «{}',
    'a step is exactly one of put, get, send, down, up, flap, impair, kill, pause, resume, restart, partition, heal, wait-for, run, and this is none',
  );
  steps(
    '  - «get: { by: i1 }\n    kill: { node: t1 }',
    'a step is exactly one of put, get, send, down, up, flap, impair, kill, pause, resume, restart, partition, heal, wait-for, run: split get and kill',
  );
  steps('  - «pot: {}', 'unknown field "pot" (did you mean "put"?)');
  steps(
    '  - { at: 2s, get: { by: i1 } }\n  - { at: «1s, get: { by: i1 } }',
    'out of order: an earlier step is at 2s, and steps run in order',
  );
  steps(
    '  - { at: 2s, after: «1s, get: { by: i1 } }',
    'a step has at (after the start of the scenario) or after (the end of the step before)',
  );
  refusedAfter(
    t,
    'overlay: { groups: { a: [t1], b: [t2] } }\nscenario:\n  - send: «{ from: i1 }',
    'which group? There is more than one: add group, one of a, b',
  );
  refused(
    t,
    'name: bad\nzones: { hub: { hosts: { i1: initiator } } }\nscenario: [put: «{ from: i1, size: 1MiB }, send: «{ from: i1 }]',
    'a put needs a group of targets: the topology has no target',
    'a send needs a group of targets: the topology has no target',
  );
  t.end();
});

t.test('expectations', (t) => {
  const expect = (marked: string, ...messages: string[]) => refusedAfter(t, `expect: ${marked}`, ...messages);
  const bound = 'is not a latency bound: write a sum such as path + 2ms, or 2 * path + 500us';
  expect('{ «deliverd: all }', 'unknown field "deliverd" (did you mean "delivered"?)');
  expect('[{ «deliverd: all }]', 'unknown field "deliverd" (did you mean "delivered"?)');
  expect(
    '{ delivered: «some }',
    'expect.delivered: "some" is not one of the allowed values (known: all, after-repair)',
  );
  expect(
    '[«{ delivered: all, stored: 3 }]',
    'each entry is exactly one of delivered, traversals, stored, latency, goodput, bytes, counters, queue-drops, recovers-within: split delivered and stored',
  );
  expect(
    '[«{ should: fail }]',
    'each entry is exactly one of delivered, traversals, stored, latency, goodput, bytes, counters, queue-drops, recovers-within, and this is none',
  );
  expect(
    '{ delivered: all, should: «fail }',
    'expect.should: which expectation should? Write expect as a list: - { delivered: all, should: fail }',
  );
  expect(
    '[{ delivered: all, should: «fial }]',
    'expect.0.should: "fial" is not one of the allowed values (did you mean "fail"?)',
  );
  expect('«everything', 'expect: expected a map, not text; or expected a list, not text');
  expect('{ stored: «0 }', 'expect.stored: must be at least 1');
  expect('{ traversals: «{ on: trunks } }', 'traversals has either per-datagram, the most that is allowed, or exactly');
  expect(
    '{ traversals: «{ on: trunks, per-datagram: 1, exactly: 1 } }',
    'traversals has either per-datagram, the most that is allowed, or exactly',
  );
  expect(
    '{ traversals: { on: [hub>east, «hub>wets], exactly: 1 } }',
    'unknown link "hub>wets" (did you mean "hub>west"?)',
  );
  expect(
    '{ traversals: { on: «trunk, exactly: 1 } }',
    'expect.traversals.on: "trunk" is not one of the allowed values (did you mean "trunks"?)',
  );
  expect('{ traversals: { on: trunks, exactly: 1, to: [t1, «i1] } }', '"i1" is not a target (did you mean "t1"?)');
  expect('{ traversals: { on: trunks, exactly: «-1 } }', 'expect.traversals.exactly: must be at least 0');
  expect('{ latency: { p50: «quick } }', `expect.latency.p50: "quick" ${bound}`);
  expect('{ latency: { p50: «path - 1ms } }', `expect.latency.p50: "path - 1ms" ${bound}`);
  expect(
    '{ latency: { p50: «path + 1 } }',
    'expect.latency.p50: "1" has no unit: write a number and a unit, such as 5ms (units: ns, us, ms, s)',
  );
  expect(
    '{ latency: { «p101: path } }',
    'expect.latency.p101: a latency is of max, or of a percentile such as p50, p99 or p99.9',
  );
  expect(
    '{ latency: { «p100.5: path } }',
    'expect.latency.p100.5: a latency is of max, or of a percentile such as p50, p99 or p99.9',
  );
  expect('{ latency: «{} }', 'expect.latency: name at least one of max, p50, p99, …');
  t.end();
});
