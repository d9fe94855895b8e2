import t from 'tap';
import { loadTopology } from '../../lab/topology/index.ts';
import { refused } from '../support/refused.ts';

/** A sound topology of two zones, to which a bad part is added. */
const sound = `name: bad
zones:
  hub: { hosts: { i1: initiator, t1: target, t2: target } }
  east: { hosts: { t3: target, c1: none } }
trunks: [{ between: [hub, east] }]
`;

t.test('the sound part is sound', (t) => {
  t.doesNotThrow(() => loadTopology(sound, 'good.yaml'));
  t.end();
});

t.test('text that is no topology', (t) => {
  refused(t, 'name: [a\n«', 'Flow sequence in block collection must be sufficiently indented and end with a ]');
  refused(t, '«', 'expected a map, not nothing');
  refused(t, '«just words', 'expected a map, not text');
  refused(t, 'name: bad\nzones:\n  hub: {}\n  «hub: {}\n', 'Map keys must be unique');
  refused(t, '«zones: {}', 'name: is required: text');
  refused(t, '«name: bad', 'a topology needs at least one zone, or a shape');
  refused(
    t,
    'name: «../../etc\nzones: { hub: {} }',
    'name: a topology name is made of letters, digits, ".", "_" and "-" (it also names a folder)',
  );
  refused(t, 'name: bad\nzones: { hub: {} }\n«trunk: []', 'unknown field "trunk" (did you mean "trunks"?)');
  t.end();
});

t.test('names', (t) => {
  const letters = 'a name is made of lower-case letters, digits and "-", and begins with a letter';
  refused(t, 'name: bad\nzones: { «Hub: {} }', `zones.Hub: ${letters}`);
  refused(t, 'name: bad\nzones: { «1st: {} }', `zones.1st: ${letters}`);
  refused(t, 'name: bad\nzones: { hub: { hosts: { «"a b": target } } }', `zones.hub.hosts.a b: ${letters}`);
  refused(
    t,
    'name: bad\nzones: { «a-very-long-name: {} }',
    'zones.a-very-long-name: a name has at most 15 characters (it also names a network interface)',
  );
  for (const name of ['lo', 'br0', 'eth0', 'all', 'default', 'trunks', 'edges']) {
    refused(
      t,
      `name: bad\nzones: { «${name}: {} }`,
      `zones.${name}: "${name}" is reserved, choose another name (reserved: lo, br0, eth0, all, default, trunks, edges)`,
    );
  }
  refused(
    t,
    `name: bad
zones:
  hub: { hosts: { t1: target, «hub: none } }
  east: { hosts: { «t1: target } }
routers: [core, «east, «core]
trunks: [{ between: [hub, core] }, { between: [east, core] }]`,
    'duplicate name "hub": a zone of that name is declared on line 3',
    'duplicate name "t1": a host of that name is declared on line 3',
    'duplicate name "east": a zone of that name is declared on line 4',
    'duplicate name "core": a router of that name is declared on line 5',
  );
  t.end();
});

t.test('hosts', (t) => {
  refused(
    t,
    'name: bad\nzones: { hub: { hosts: { t1: «targte } } }',
    'zones.hub.hosts.t1: "targte" is not one of the allowed values (did you mean "target"?)',
  );
  refused(
    t,
    'name: bad\nzones: { hub: { hosts: { t1: { «roll: target } } } }',
    'unknown field "roll" (did you mean "role"?)',
  );
  refused(
    t,
    'name: bad\nzones: { hub: { hosts: { t1: { run: «[] } } } }',
    'zones.hub.hosts.t1.run: a command needs at least the name of a program',
  );
  t.end();
});

t.test('subnets and addresses', (t) => {
  const subnet = (marked: string, ...messages: string[]) =>
    refused(t, `name: bad\nzones:\n  hub: { subnet: ${marked} }\n`, ...messages);
  const form = 'is not an IPv4 subnet: write an address and a prefix length, such as 10.1.0.0/24';
  subnet('«10.1.0.0', `"10.1.0.0" ${form}`);
  subnet('«10.1.0.256/24', `"10.1.0.256/24" ${form}`);
  subnet('«10.01.0.0/24', `"10.01.0.0/24" ${form}`);
  subnet('«10.1.0.0/33', `"10.1.0.0/33" ${form}`);
  subnet('«"fd00::/64"', `"fd00::/64" ${form}`);
  subnet('«10.1.0.0/31', 'a prefix of /31: between /8 and /30 are possible');
  subnet('«0.0.0.0/0', 'a prefix of /0: between /8 and /30 are possible');
  subnet('«10.1.0.9/24', '10.1.0.9/24 has host bits set: the subnet is 10.1.0.0/24');
  subnet('«100.64.8.0/24', '100.64.8.0/24 overlaps 100.64.0.0/10, which trunks are numbered from');
  subnet('«127.0.0.0/24', '127.0.0.0/24 has addresses that no host may have: choose another, such as 10.1.0.0/24');
  subnet('«239.1.0.0/24', '239.1.0.0/24 has addresses that no host may have: choose another, such as 10.1.0.0/24');
  refused(
    t,
    `name: bad
zones:
  hub: { subnet: 10.1.0.0/16 }
  east: { subnet: «10.1.7.0/24 }
trunks: [{ between: [hub, east] }]`,
    '10.1.7.0/24 overlaps the subnet of zone hub, 10.1.0.0/16',
  );
  const address = (marked: string, ...messages: string[]) =>
    refused(t, `name: bad\nzones: { hub: { subnet: 10.1.0.0/24, hosts: { ${marked} } } }`, ...messages);
  address('t1: { address: «10.2.0.11 }', '10.2.0.11 is outside the subnet of zone hub, 10.1.0.0/24');
  address('t1: { address: «ten }', '"ten" is not an IPv4 address, such as 10.1.0.11');
  address('t1: { address: «10.1.0.255 }', '10.1.0.255 is the network or broadcast address of 10.1.0.0/24');
  address('t1: { address: «10.1.0.1 }', "10.1.0.1 belongs to the zone's own switch already");
  address('t1: { address: 10.1.0.9 }, t2: { address: «10.1.0.9 }', '10.1.0.9 belongs to t1 already');
  refused(
    t,
    'name: bad\nzones: { hub: { subnet: «10.1.0.0/30, hosts: { t1: target, t2: target } } }',
    '10.1.0.0/30 has no address left for host t2: zone hub has 2 hosts',
  );
  t.end();
});

t.test('trunks', (t) => {
  const trunks = (marked: string, ...messages: string[]) =>
    refused(
      t,
      `name: bad
zones: { hub: { hosts: { t1: target } }, east: {} }
trunks:
  - { between: [hub, east] }
${marked}`,
      ...messages,
    );
  trunks('  - { between: [«eats, hub] }', 'unknown zone or router "eats" (did you mean "east"?)');
  trunks('  - { between: [hub, «mars] }', 'unknown zone or router "mars" (known: hub, east)');
  trunks('  - { between: [hub, «t1] }', '"t1" is a host: trunks join zones and routers (known: hub, east)');
  trunks('  - { between: «[hub, hub] }', 'a trunk from hub to itself: name two different zones or routers');
  trunks('  - { between: «[east, hub] }', 'a second trunk between east and hub: the first is on line 4');
  trunks(
    '  - { between: «[hub] }',
    'trunks.1.between: expected the two zones or routers that the trunk joins, such as [east, core]',
  );
  trunks(
    '  - { between: «[hub, east, hub] }',
    'trunks.1.between: expected the two zones or routers that the trunk joins, such as [east, core]',
  );
  refused(
    t,
    'name: bad\nzones: { hub: {}, east: {} }\ntrunks: [{ between: [hub, east], toward: { «eats: { loss: 1% } } }]',
    '"eats" is no end of this trunk (did you mean "east"?)',
  );
  refused(
    t,
    'name: bad\nzones: { hub: {}, east: {} }\ntrunks: [{ between: [hub, east], toward: { east: { «mtu: 9000 } } }]',
    'unknown field "mtu" (known: rate, delay, jitter, jitter-reorder, loss, duplicate, reorder, corrupt, …)',
  );
  refused(
    t,
    'name: bad\nzones: { hub: {}, «east: {}, west: {} }\nrouters: [«core]\ntrunks: [{ between: [hub, west] }]',
    'no trunk leads from hub to east: join it with trunks: - { between: [hub, east] }',
    'no trunk leads from hub to core: join it with trunks: - { between: [hub, core] }',
  );
  t.end();
});

t.test('link properties', (t) => {
  const link = (marked: string, ...messages: string[]) =>
    refused(t, `name: bad\nzones: { hub: {}, east: {} }\ntrunks: [{ between: [hub, east], ${marked} }]`, ...messages);
  const help = (example: string, units: string) => `write a number and a unit, such as ${example} (units: ${units})`;
  const rateHelp = help('100mbit', 'bit, kbit, mbit, gbit, tbit');
  const timeHelp = help('5ms', 'ns, us, ms, s');
  const at = (field: string) => `trunks.0.${field}: `;
  link('rate: «fast', `${at('rate')}"fast" is not a rate: ${rateHelp}`);
  link('rate: «"100"', `${at('rate')}"100" has no unit: ${rateHelp}`);
  link('rate: «100', `${at('rate')}expected a rate with its unit, such as 100mbit`);
  link('rate: «1gbot', `${at('rate')}"1gbot": no such unit "gbot" (did you mean "gbit"?)`);
  link('rate: «0mbit', `${at('rate')}0bit is less than 1kbit, the least that can be asked`);
  link('rate: «2tbit', `${at('rate')}2tbit is more than 1tbit, the most that can be asked`);
  link('rate: «-1gbit', `${at('rate')}"-1gbit" is negative: ${rateHelp}`);
  link('delay: «-1ms', `${at('delay')}"-1ms" is negative: ${timeHelp}`);
  link('delay: «5', `${at('delay')}expected a time with its unit, such as 5ms`);
  link('delay: «61s', `${at('delay')}61s is more than 60s, the most that can be asked`);
  link('delay: «soon', `${at('delay')}"soon" is not a time: ${timeHelp}`);
  link('delay: 1ms, jitter: «2ms', 'jitter is larger than the delay: lower it, raise the delay, or set jitter-reorder');
  link('loss: «101%', `${at('loss')}"101%" is more than 100%`);
  link('loss: «0.1', `${at('loss')}expected a percentage, such as 0.1%`);
  link('duplicate: «often', `${at('duplicate')}"often" is not a percentage: ${help('0.1%', '%')}`);
  link('reorder: «1%', 'reorder needs a delay: a frame that does not wait cannot be overtaken');
  link('queue: «64KiB', 'a queue needs a rate: without one nothing ever waits');
  link('rate: 1mbit, queue: «0 packets', `${at('queue')}"0 packets": a queue of 0 lets nothing through`);
  link('rate: 1mbit, queue: «1.0001KiB', `${at('queue')}"1.0001KiB" is not a whole number of bytes`);
  link('mtu: «100', `${at('mtu')}must be at least 576`);
  link('«dealy: 1ms', 'unknown field "dealy" (did you mean "delay"?)');
  link(
    'rate: «fast, delay: «slow',
    `${at('rate')}"fast" is not a rate: ${rateHelp}`,
    `${at('delay')}"slow" is not a time: ${timeHelp}`,
  );
  // A default that does not fit is reported once, where it stands, however many links take it.
  refused(
    t,
    'name: bad\ndefaults: { edge: { jitter: «1ms } }\nzones: { hub: { hosts: { t1: target, t2: target } } }',
    'jitter is larger than the delay: lower it, raise the delay, or set jitter-reorder',
  );
  refused(
    t,
    'name: bad\nzones: { hub: { hosts: { t1: target, t2: { role: target, edge: { mtu: «9000 } } } } }',
    'an mtu of 9000 beside 1500 at t1: the links inside a zone are one L2 network and share one mtu',
  );
  t.end();
});

t.test('shapes', (t) => {
  refused(t, 'name: bad\nshape: «{}', 'a shape is exactly one of star, ring, line, mesh, tree, leaf-spine');
  refused(
    t,
    'name: bad\nshape: «{ star: { zones: 2, hosts: 1 }, ring: { zones: 3, hosts: 1 } }',
    'a shape is exactly one of star, ring, line, mesh, tree, leaf-spine: choose star or ring',
  );
  refused(t, 'name: bad\nshape: { ring: { zones: «2, hosts: 1 } }', 'shape.ring.zones: must be at least 3');
  refused(t, 'name: bad\nshape: { «rong: { zones: 3, hosts: 1 } }', 'unknown field "rong" (did you mean "ring"?)');
  refused(
    t,
    'name: bad\nshape: «{ tree: { depth: 5, fanout: 10, hosts: 1 } }',
    'a shape of 100001 hosts: at most 10000 are possible',
  );
  refused(
    t,
    'name: bad\nshape: { star: { zones: 2, hosts: 1 } }\n«zones: { z1: {} }\n«routers: [core]',
    'a shape generates the zones: remove one of the two',
    'a shape generates the routers: remove one of the two',
  );
  t.end();
});
