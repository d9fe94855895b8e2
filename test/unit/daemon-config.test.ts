import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readConfig } from '../../src/daemon/index.ts';
import { InputError } from '../../src/document/index.ts';
import { formatIpv6 } from '../../src/overlay/index.ts';
import { loopbackCluster } from '../support/overlay-loopback.ts';

/** The message of the InputError that something throws, the folder left out. */
function refusal(folder: string, act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return error.message.replaceAll(`${folder}/`, '');
    throw error;
  }
  return 'accepted';
}

t.test('a configuration', async (t) => {
  const { folder, writeConfig, writeMap, address } = loopbackCluster(t);
  writeMap();
  const config = readConfig(writeConfig('a1', { store: 'data', replicast: { chunkSize: 5 } }));
  t.match(config.values, { name: 'a1', mtu: 1500, hello: 200, replicast: { chunkSize: 5 } });
  t.same(
    [config.values.map, config.values.control, config.values.store, config.values.log?.file],
    ['map.json', 'a1.sock', 'data', 'a1.log'].map((name) => join(folder, name)),
    'paths are relative to the file',
  );
  const map = config.readMap();
  t.equal(config.endpoint(map).address, address(0, 1));
  t.equal(formatIpv6(config.overlay(map)), 'fd63:6173:746c:1:0:7fff:fe00:1');
  const initiator = readConfig(writeConfig('i1'));
  t.equal(formatIpv6(initiator.overlay(initiator.readMap())), 'fd63:6173:746c:1:0:7fff:fe00:64', 'from its MAC');
});

t.test('mistakes in the file', async (t) => {
  const { folder, writeConfig } = loopbackCluster(t);
  const wrong = (change: Record<string, unknown>) => refusal(folder, () => readConfig(writeConfig('a1', change)));
  t.match(
    wrong({ role: 'targte' }),
    /^a1\.json:3:\d+: role: "targte" is not one of the allowed values \(did you mean "target"\?\)$/,
  );
  t.match(wrong({ undrelay: 1 }), /^a1\.json:\d+:\d+: unknown field "undrelay" \(did you mean "underlay"\?\)$/);
  t.match(wrong({ mtu: 100 }), /^a1\.json:\d+:\d+: mtu: an MTU is at least 576$/);
  t.match(wrong({ underlay: '10.0.0.300' }), /^a1\.json:6:\d+: underlay: parts of an IPv4 address are 0 … 255$/);
  t.match(wrong({ mac: '03:00:00:00:00:01' }), /^a1\.json:7:\d+: mac: 03:00:00:00:00:01 is a multicast MAC address/);
  t.match(wrong({ events: { fd: -1 } }), /^a1\.json:\d+:\d+: events\.fd: a file descriptor is at least 1$/);
  t.match(
    refusal(folder, () => readConfig(join(folder, 'none.json'))),
    /^none\.json: cannot read the configuration: ENOENT/,
  );
});

t.test('a host that does not fit its map', async (t) => {
  const { folder, writeConfig, writeMap, address } = loopbackCluster(t);
  const wrong = (name: string, change: Record<string, unknown>) =>
    refusal(folder, () => readConfig(writeConfig(name, change)).readMap());
  t.match(wrong('a1', {}), /^a1\.json:4:\d+: map: cannot read the cluster map: ENOENT/);
  writeMap();
  t.equal(wrong('a1', {}), 'accepted');
  t.match(wrong('a1', { zone: 'c' }), /^a1\.json:5:\d+: zone: the cluster map has no zone "c"/);
  t.match(
    wrong('a1', { zone: 'b' }),
    /^a1\.json:6:\d+: underlay: 127\.\S+ is outside zone b, whose subnet is 127\.\S+$/,
  );
  t.match(
    wrong('a3', {}),
    /^a3\.json:2:\d+: name: the cluster map has no target "a3" at 127\.\S+ \(did you mean "a1"\?\)$/,
  );
  t.match(wrong('i1', { role: 'target' }), /has no target "i1"/);
  t.match(wrong('i1', { underlay: address(0, 1) }), /is the address of target a1 in map\.json, not of i1$/);
  t.match(
    wrong('i1', { name: 'a1' }),
    /^i1\.json:2:\d+: name: the cluster map has no target "a1" at 127\.\S+$/,
    'a name means one host',
  );
  writeFileSync(join(folder, 'map.json'), '{"prefix": "fd63::/64", "zones": {}, "targets": {}, "gropus": {}}');
  t.match(wrong('a1', {}), /^map\.json:1:\d+: unknown field "gropus" \(did you mean "groups"\?\)$/);
});
