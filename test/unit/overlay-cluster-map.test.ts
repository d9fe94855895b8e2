import t from 'tap';
import { InputError } from '../../src/document/index.ts';
import { parseClusterMap } from '../../src/overlay/index.ts';
import { mapFile, mapOf } from '../support/overlay-maps.ts';

const good = `prefix: fd63:6173:746c:1::/64
zones:
  hub: { subnet: 10.1.0.0/24 }
  east: { subnet: 10.2.0.0/24 }
  west: { subnet: 10.3.0.0/24 }
targets:
  t1: { zone: hub, underlay: 10.1.0.11, mac: "02:00:0a:01:00:0b" }
  t3: { zone: east, underlay: 10.2.0.11, mac: "02:00:0a:02:00:0b" }
  t6: { zone: west, underlay: 10.3.0.11, mac: "02:00:0a:03:00:0b" }
groups:
  ng1: { id: "000000000001", members: [t3] }
  ng2: { id: "000000000002", members: [t6, t3] }
vias:
  - { from: hub, to: west, via: east }
`;

/** What is wrong with the map after a change; the change must change something. */
function problems(from: string | RegExp, to: string): string[] {
  const text = good.replace(from, to);
  if (text === good) throw new Error(`nothing matches ${from}`);
  try {
    parseClusterMap(text, 'map.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.message.split('\n');
  }
}

t.test('a map, resolved', async (t) => {
  const map = parseClusterMap(good, 'map.yaml');
  t.equal(map.port, 8296);
  t.equal(map.relay, true);
  t.equal(map.targetByName.get('t3')!.address, 'fd63:6173:746c:1:0:aff:fe02:b');
  t.equal(map.targetByAddress.get('fd63:6173:746c:1:0:aff:fe02:b')!.name, 't3');
  t.equal(map.targetByEndpoint.get(map.targets[1]!.endpoint.key)!.name, 't3');
  t.equal(map.groupById.get(2)!.name, 'ng2');
  t.same(
    map.partitions.map((group) => group.name),
    ['ng1', 'ng2'],
    'all groups in order',
  );
  t.same(
    map.initiators.map((prefix) => prefix.text),
    ['10.1.0.0/24', '10.2.0.0/24', '10.3.0.0/24'],
    'all zones',
  );
  // SHA-256 of 000000000001 0000 0040 and the address of t3 begins with c1d74, computed elsewhere.
  t.equal(map.groups[0]!.sets[0]!.biftId, 0xc1d74);
  const home = (name: string) => map.homes[map.targetByName.get(name)!.index]!;
  t.same([home('t3').set.group.name, home('t3').bit], ['ng1', 0], 'the first group counts for unicast');
  t.same([home('t6').set.group.name, home('t6').bit], ['ng2', 0]);
  t.equal(home('t1').set.group, map.ungrouped, 'who is in no group has a bit too');
});

t.test('JSON is read without the YAML parser, with the same result', async (t) => {
  const text = JSON.stringify(mapFile({ zones: { a: ['a1', 'a2'], b: ['b1'] } }));
  const map = parseClusterMap(text, 'map.json');
  t.equal(map.digest, parseClusterMap(`# a comment makes it YAML\n${text}`, 'map.yaml').digest);
  t.throws(
    () => parseClusterMap(text.replace('"a2":', '"a1":'), 'map.json'),
    /map\.json:1:\d+: Map keys must be unique/,
  );
  t.throws(
    () => parseClusterMap(text.replace('"relay"', '"rely"'), 'map.json'),
    /unknown field "rely" \(did you mean "relay"\?\)/,
  );
});

t.test('groups of more than 64 members', async (t) => {
  const names = Array.from({ length: 300 }, (_, i) => `t${i}`);
  const sizes = (bitStringLength?: number) =>
    mapOf({ zones: { a: names }, bitStringLength }).groups[0]!.sets.map((set) => set.members.length);
  t.same(sizes(), [256, 44], 'sets of 256 by themselves');
  t.same(sizes(64), [64, 64, 64, 64, 44]);
  t.same(sizes(512), [300]);
  t.equal(mapOf({ zones: { a: names.slice(0, 65) } }).groups[0]!.bitStringLength, 128);
  const map = mapOf({ zones: { a: names } });
  t.equal(map.groupById.get(256 + 4), map.groups[0], 'a group owns an id for each 64 members');
  t.equal(map.groupById.get(256 + 5), undefined);
  const file = mapFile({ zones: { a: names }, groups: { g: names, h: ['t1'] } }) as { groups: { h: { id: string } } };
  file.groups.h.id = '000000000104';
  t.throws(() => parseClusterMap(JSON.stringify(file), 'm'), /group g owns id 000000000104 already/);
});

t.test('labels name the membership', async (t) => {
  const label = (members: string[]) =>
    mapOf({ zones: { a: ['x', 'y', 'z'] }, groups: { g: members } }).groups[0]!.sets[0]!.biftId;
  t.equal(label(['x', 'y']), label(['x', 'y']));
  t.not(label(['x', 'y']), label(['y', 'x']), 'the order counts');
  t.not(label(['x', 'y']), label(['x', 'y', 'z']));
});

t.test('every mistake has its place', async (t) => {
  const cases: [string | RegExp, string, ...string[]][] = [
    ['zone: east', 'zone: eats', '8:15: no zone is called "eats" (did you mean "east"?)'],
    ['members: [t6, t3]', 'members: [t6, t33]', '12:44: no target is called "t33" (did you mean "t3"?)'],
    ['members: [t6, t3]', 'members: [t6, t6]', '12:44: t6 is a member of ng2 already'],
    ['10.3.0.11', '10.2.0.77', '9:31: 10.2.0.77 is outside zone west, whose subnet is 10.3.0.0/24'],
    ['10.3.0.11', '10.3.0.300', '9:31: 10.3.0.300 is no IPv4 address'],
    [
      '10.3.0.0/24',
      '10.2.0.128/25',
      '5:19: 10.2.0.128/25 overlaps zone east (10.2.0.0/24)',
      '9:31: 10.3.0.11 is outside zone west, whose subnet is 10.2.0.128/25',
    ],
    ['10.3.0.0/24', '10.3.0.1/24', '5:19: 10.3.0.1/24 is no IPv4 prefix: parts are 0 … 255 and host bits 0'],
    ['02:00:0a:03:00:0b', '02:00:0A:02:00:0b', '9:47: 02:00:0a:02:00:0b is the mac address of t3 already'],
    ['02:00:0a:03:00:0b', '03:00:0a:03:00:0b', "9:47: 03:00:0a:03:00:0b is a multicast MAC address, not a host's"],
    [
      /t6: \{.*\}/,
      't6: { zone: east, underlay: 10.2.0.11, mac: "02:00:0a:03:00:0b" }',
      '9:31: 10.2.0.11 is the underlay address of t3 already',
    ],
    [
      '10.3.0.11,',
      '10.3.0.11, overlay: "fd63:6173:746c:1:0:aff:fe02:b",',
      '9:51: fd63:6173:746c:1:0:aff:fe02:b is the overlay address of t3 already',
    ],
    [
      '10.3.0.11,',
      '10.3.0.11, overlay: "fd63:6173:746c:2::1",',
      "9:51: fd63:6173:746c:2::1 is outside the overlay's prefix fd63:6173:746c:1::/64",
    ],
    [
      '"000000000002"',
      '"000000000001"',
      '12:14: group ng1 owns id 000000000001 already: a group owns one id for each 64 members',
    ],
    ['"000000000002"', '2', '12:14: groups.ng2.id: expected a group id: 12 hexadecimal digits, in quotes'],
    ['"000000000002"', '"000000000000"', '12:14: id 0 is kept for targets of no group: choose another'],
    [
      '"000000000002"',
      '"ffffffffffff", bitStringLength: 100',
      '12:47: groups.ng2.bitStringLength: expected one of 64, 128, 256, 512, 1024, 2048, 4096',
    ],
    ['via: east', 'via: eas', '14:33: no zone is called "eas" (did you mean "east"?)'],
    ['via: east', 'via: hub', '14:5: from hub to west via hub: a via is about three different zones'],
    [/$/, '  - { from: hub, to: east, via: west }\n', '15:5: vias from hub go in a circle: east via west via east'],
    [
      /$/,
      '  - { from: hub, to: west, via: east }\n',
      '15:5: there is a via from hub to west already: it goes via east',
    ],
    [/$/, 'partitions: [ng1, ng3]\n', '15:19: no group is called "ng3" (did you mean "ng1"?)'],
    [
      /$/,
      'initiators: [10.0.0.0/8, 10.0.0.300/8]\n',
      '15:26: 10.0.0.300/8 is no IPv4 prefix: parts are 0 … 255 and host bits 0',
    ],
    [
      'fd63:6173:746c:1::/64',
      'ff15:6173:746c:1::/64',
      '1:9: ff15:6173:746c:1::/64 is no unicast IPv6 prefix of 64 bits',
    ],
    [
      'fd63:6173:746c:1::/64',
      'fd63:6173:746c:1::/48',
      '1:9: prefix: expected an IPv6 prefix of 64 bits such as fd63:6173:746c:1::/64',
    ],
    [/$/, 'port: 0\n', '15:7: port: a port is 1 … 65535'],
    ['zones:\n', 'zones:\n  hub: { subnet: 10.9.0.0/24 }\n', '4:3: Map keys must be unique'],
  ];
  for (const [from, to, ...wanted] of cases) {
    t.strictSame(
      problems(from, to),
      wanted.map((line) => `map.yaml:${line}`),
      wanted[0]!,
    );
  }
  const [zones, targets] = problems(/zones:[\s\S]*$/, '');
  t.match(zones, /zones.*is required/);
  t.match(targets, /targets.*is required/);
});

t.test('two labels that collide by chance are refused', async (t) => {
  // One target in ever more groups: 20 bits are used up soon.
  const groups = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`g${i}`, ['x']]));
  t.throws(
    () => mapOf({ zones: { a: ['x'] }, groups }),
    /has the label 0x[0-9a-f]{5} of g\d+ by chance: change its id/,
  );
});
