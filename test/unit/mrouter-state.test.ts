import t from 'tap';
import { DecisionCache, hashDecision } from '../../src/mrouter/decision-cache.ts';
import { decodeHello, encodeHello, isHello } from '../../src/mrouter/hello.ts';
import { LearnedInitiators } from '../../src/mrouter/learned.ts';
import { PROBE_PORT } from '../../src/overlay/index.ts';
import { mapOf } from '../support/overlay-maps.ts';
import { dropsOf, endpointOf, OverlayNetwork, type SimulatedHost } from '../support/overlay-network.ts';

const zones = { hub: ['t1', 't2'], east: ['t3', 't4', 't5'] };
const ports = { sourcePort: PROBE_PORT, destinationPort: PROBE_PORT };

function reply(net: OverlayNetwork, from: SimulatedHost, to: SimulatedHost, now = net.now): void {
  const { address } = to.router.status(0);
  from.router.send(from.router.route({ address }, { flow: 1, attempt: 1, ...ports }, now), Buffer.from('reply'), now);
  net.run();
}

t.test('a target answers an initiator it has a request of', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones }));
  const i1 = net.addInitiator('i1', 'hub', '10.1.9.9');
  t.throws(() => reply(net, net.host('t3'), i1), /no way to fd63.*no initiator with a pending request/);
  net.send('i1', 'g', ['t1', 't3', 't4']);
  net.clear();
  for (const name of ['t1', 't3', 't4']) reply(net, net.host(name), i1);
  t.equal(i1.delivered.length, 3, 'also those who got the request from a relay');
  t.same(dropsOf(i1), {});
  t.throws(() => reply(net, net.host('t5'), i1), RangeError, 'who got none knows nobody');
  net.host('t3').router.tick(net.now + 29_999);
  t.equal(net.host('t3').router.status(net.now).initiators.length, 1);
  t.throws(() => reply(net, net.host('t3'), i1, net.now + 30_000), RangeError, 'it is forgotten after 30 s');
  net.host('t3').router.tick(net.now + 30_000);
  t.equal(net.host('t3').router.status(net.now).initiators.length, 0);
});

t.test('an empty bit string is for the initiator that it names, for nobody else', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones }));
  const i1 = net.addInitiator('i1', 'hub', '10.1.9.9');
  net.addInitiator('i2', 'hub', '10.1.9.10', '02:ff:00:00:00:02');
  net.send('i1', 'g', ['t1']);
  reply(net, net.host('t1'), i1);
  const answer = net.carried.at(-1)!.bytes;
  for (const name of ['i2', 't3']) {
    net.inject(name, Buffer.from(answer), endpointOf(net.host('t1')));
    t.same(dropsOf(net.host(name)), { 'empty-bit-string': 1 }, name);
  }
  t.equal(i1.delivered.length, 1);
});

t.test('data without an announce is believed from a known initiator only', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones }));
  const i1 = net.addInitiator('i1', 'hub', '10.1.9.9');
  const data = () => {
    const options = { flow: 1, attempt: 1, announce: false, ...ports };
    i1.router.send(
      i1.router.route({ group: 'g', members: ['t1', 't2'] }, options, net.now),
      Buffer.from('data'),
      net.now,
    );
    net.run();
  };
  data();
  t.same([dropsOf(net.host('t1')), dropsOf(net.host('t2'))], [{ 'unknown-source': 1 }, { 'unknown-source': 1 }]);
  net.send('i1', 'g', ['t1']);
  net.clear();
  data();
  t.same(
    net.deliveries.map(({ host }) => host),
    ['t1'],
  );
});

t.test('an initiator that moves is answered at its new place', async (t) => {
  const learned = new LearnedInitiators();
  learned.learn('fd00::1', 65_536 + 1, 0);
  learned.learn('fd00::1', 131_072 + 1, 10);
  t.equal(learned.find('fd00::1', 20)!.endpoint.address, '0.0.0.2');
  t.notOk(learned.knowsEndpoint(65_536 + 1, 20), 'the old place is a stranger again');
  t.ok(learned.knowsEndpoint(131_072 + 1, 20));
  for (let i = 0; i < 20_000; i++) learned.learn(`fd00::${(i + 2).toString(16)}`, 1_000_000 + i, 30);
  t.equal(learned.list(40).length, 16_384, 'memory is bounded');
  t.equal(learned.find('fd00::1', 40), undefined, 'the longest silent one goes first');
});

t.test('hellos', async (t) => {
  const hello = { kind: 'answer', mapDigest: 0xfedcba98, sequence: 7, vouches: [] } as const;
  const bytes = encodeHello(hello);
  t.equal(Buffer.from(bytes).toString('hex'), 'fedcba98 1002 0000 00000007'.replaceAll(' ', ''));
  t.same(decodeHello(bytes), hello);
  t.ok(isHello(bytes));
});

t.test('a target is dead after three intervals of silence, and alive at its first word', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones }), 200);
  net.addInitiator('i1', 'hub', '10.1.9.9');
  const i1 = net.host('i1').router;
  net.tick(10);
  t.same(i1.status(0).dead, []);
  net.host('t4').up = false;
  net.tick(3);
  t.ok(i1.isLive('t4'), 'not yet');
  net.tick(1);
  t.notOk(i1.isLive('t4'));
  for (const name of ['t1', 't3', 't5']) t.same(net.host(name).router.status(0).dead, ['t4'], name);
  net.clear();
  for (let flow = 0; flow < 30; flow++) net.send('i1', 'g', ['t3', 't4', 't5'], { flow, text: `${flow}` });
  t.ok(
    net.carried.filter(({ from }) => from.name === 'i1').every(({ to }) => to.name !== 't4'),
    'it is no relay',
  );
  t.equal(net.carried.filter(({ to }) => to.name === 't4').length, 30, 'it stays addressable');
  net.host('t4').up = true;
  net.tick(1);
  t.ok(i1.isLive('t4'));
  t.ok(i1.isLive('nobody'), 'what is not known is not dead');
});

t.test('a prepared destination takes another relay when its relay dies', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones }), 200);
  const i1 = net.addInitiator('i1', 'hub', '10.1.9.9');
  net.tick(2);
  const outbound = i1.router.route(
    { group: 'g', members: ['t3', 't4', 't5'] },
    { flow: 1, attempt: 1, ...ports },
    net.now,
  );
  const send = () => {
    net.clear();
    i1.router.send(outbound, Buffer.from('x'), net.now);
    const relay = net.carried[0]!.to;
    net.run();
    return relay;
  };
  const first = send();
  t.equal(send(), first, 'always the same while nothing changes');
  first.up = false;
  net.tick(5);
  t.not(send(), first);
  t.equal(net.deliveries.length, 2);
});

t.test('data is a sign of life, and a silent start is not death', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones }), 200);
  const t1 = net.host('t1').router;
  t1.tick(0);
  for (let i = 1; i < 3; i++) t1.tick(i * 200);
  t.same(t1.status(0).dead, []);
  t1.tick(600);
  t.same(t1.status(0).dead, ['t2', 't3', 't4', 't5']);
  net.run();
  net.send('t3', 'g', ['t1']);
  t.ok(t1.isLive('t3'));
});

t.test('hellos can be off', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones }), 0);
  net.host('t4').up = false;
  net.tick(20);
  t.equal(net.carried.length, 0);
  t.ok(net.host('t1').router.isLive('t4'));
});

t.test('a map that differs is noticed', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones }), 200);
  net.host('t5').router.reload(mapOf({ zones, relay: false }), net.now);
  net.tick(2);
  t.same(net.host('t1').router.status(0).otherMaps, ['t5']);
});

t.test('the labels of the map before are understood for 2 s', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones }));
  const next = mapOf({ zones: { ...zones, west: ['t6'] } });
  const member = (name: string) => net.host(name).router;
  for (const name of ['t3', 't4', 't5']) member(name).reload(next, net.now);
  net.send('t1', 'g', ['t3', 't4', 't5']);
  t.equal(net.deliveries.length, 3, 'who still has the old map is understood');
  net.now += 2000;
  net.send('t1', 'g', ['t3', 't4', 't5']);
  t.equal(net.deliveries.length, 3);
  t.equal(
    [...net.hosts.values()].reduce((sum, host) => sum + (dropsOf(host)['unknown-bift'] ?? 0), 0),
    1,
  );
  member('t1').reload(next, net.now);
  net.send('t1', 'g', ['t3', 't4', 't5']);
  t.equal(net.deliveries.length, 6, 'with the same map all is well again');
});

t.test('a prepared destination outlives a reload', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones }));
  const { router } = net.host('t1');
  const outbound = router.route({ group: 'g', members: ['t3', 't4'] }, { flow: 1, attempt: 1, ...ports }, net.now);
  const next = mapOf({ zones: { ...zones, west: ['t6'] } });
  for (const host of net.hosts.values()) host.router.reload(next, net.now);
  net.now += 5000;
  router.send(outbound, Buffer.from('x'), net.now);
  net.run();
  t.equal(net.deliveries.length, 2);
  router.reload(mapOf({ zones: { hub: ['t1', 't2'], east: ['t3'] } }), net.now);
  t.throws(() => router.send(outbound, Buffer.from('x'), net.now), /group g has no member "t4"/);
  t.throws(() => router.reload(mapOf({ zones: { x: ['t1'] } }), net.now), /no zone hub/);
  t.equal(router.map.zones.length, 2, 'a map without this zone changes nothing');
});

t.test('remembered decisions are bounded and never mistaken for one another', async (t) => {
  const cache = new DecisionCache();
  const found = (bit: number) => ({ problem: undefined, own: true, sends: [], loops: bit, refused: 0 });
  for (let i = 0; i < 10_000; i++) {
    const bits = Buffer.alloc(8);
    bits.writeUInt32BE(i, 4);
    cache.store(bits, 5, 6, -1, found(i));
  }
  t.ok(cache.size <= 4096);
  const bytes = Buffer.alloc(20);
  bytes.writeUInt32BE(9999, 16);
  t.equal(cache.find(bytes, 12, 8, 5, 6, -1)?.loops, 9999);
  for (const [label, entropy, ingress] of [
    [4, 6, -1],
    [5, 7, -1],
    [5, 6, 0],
  ] as const) {
    t.equal(cache.find(bytes, 12, 8, label, entropy, ingress), undefined);
  }
  bytes.writeUInt32BE(0, 16);
  t.equal(cache.find(bytes, 12, 8, 5, 6, -1), undefined, 'the oldest is forgotten');
});

t.test('bit strings with the same hash are told apart', async (t) => {
  const found = { problem: undefined, own: true, sends: [], loops: 0, refused: 0 };
  const seen = new Map<number, Buffer>();
  // Among 400,000 strings some two have the same hash of 32 bits.
  for (let i = 1; i <= 400_000; i++) {
    const bits = Buffer.alloc(8);
    bits.writeUInt32BE(i, 4);
    bits.writeUInt32BE(Math.imul(i, 0x9e3779b1) >>> 0, 0);
    const hash = hashDecision(bits, 0, 8, 5, 6, 0);
    const twin = seen.get(hash);
    if (twin) {
      const cache = new DecisionCache();
      cache.store(bits, 5, 6, 0, found);
      t.equal(cache.find(twin, 0, 8, 5, 6, 0), undefined);
      t.ok(cache.find(bits, 0, 8, 5, 6, 0));
      return;
    }
    seen.set(hash, bits);
  }
  t.fail('no two strings with the same hash');
});
