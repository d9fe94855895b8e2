import t from 'tap';
import { InputError } from '../../src/document/index.ts';
import { parseClusterMap } from '../../src/overlay/index.ts';

const good = `prefix: fd63:6173:746c:1::/64
zones:
  hub: { subnet: 10.1.0.0/24 }
  east: { subnet: 10.2.0.0/24 }
  lobby: { subnet: 10.3.0.0/24 }
targets:
  t1: { zone: hub, underlay: 10.1.0.11, mac: "02:00:0a:01:00:0b" }
  t3: { zone: east, underlay: 10.2.0.11, mac: "02:00:0a:02:00:0b" }
tunnels:
  - { between: [east, hub], kind: tcp, queue: 65537 }
`;

/** What is wrong with the map when its tunnel is another one, or has one more after it. */
function problems(tunnel: string): string[] {
  try {
    parseClusterMap(good.replace(/ {2}- .*queue.*/, tunnel), 'map.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.message.split('\n');
  }
}

t.test('a tunnel, resolved', async (t) => {
  const map = parseClusterMap(good, 'map.yaml');
  const [tunnel] = map.tunnels;
  t.same([tunnel!.dialler.name, tunnel!.listener.name, tunnel!.kind, tunnel!.queue], ['east', 'hub', 'tcp', 65_537]);
  const plain = parseClusterMap(good.replace(/tunnels:\n.*/, ''), 'map.yaml');
  t.same(plain.tunnels, []);
  t.not(plain.digest, map.digest, 'maps with other tunnels are other maps');
  const short = parseClusterMap(good.replace(', queue: 65537', ''), 'map.yaml');
  t.equal(short.tunnels[0]!.queue, 1 << 20);
});

t.test('every mistake in a tunnel has its place', async (t) => {
  const cases: [tunnel: string, wanted: RegExp][] = [
    ['  - { between: [eats, hub], kind: tcp }', /^map\.yaml:10:17: no zone is called "eats" \(did you mean "?east"?/],
    [
      '  - { between: [east, lobby], kind: tcp }',
      /^map\.yaml:10:23: zone lobby has no target, and only a target can own/,
    ],
    ['  - { between: [hub, hub], kind: tls }', /^map\.yaml:10:\d+: a tunnel between zone hub and itself/],
    [
      '  - { between: [hub, east], kind: tcp }\n  - { between: [east, hub], kind: tls }',
      /^map\.yaml:11:\d+: there is a tunnel between east and hub already/,
    ],
    ['  - { between: [east], kind: tcp }', /^map\.yaml:10:\d+: tunnels\.0\.between: .*two zones/],
    ['  - { between: [east, hub], kind: sctp }', /^map\.yaml:10:35: tunnels.0.kind: "sctp" is not one of .*tcp, tls/],
    ['  - { between: [east, hub], kind: tcp, queue: 65536 }', /^map\.yaml:10:\d+: .*a queue has at least 65537 bytes/],
  ];
  for (const [tunnel, wanted] of cases) {
    const found = problems(tunnel);
    t.equal(found.length, 1, found.join(' | '));
    t.match(found[0], wanted);
  }
});
