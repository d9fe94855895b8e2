import t from 'tap';
import { decodeHello, encodeHello, isHello } from '../../src/mrouter/hello.ts';
import { rankOwners } from '../../src/mrouter/owners.ts';
import { endpointKey, PROBE_PORT, parseIpv4 } from '../../src/overlay/index.ts';
import { mapOf } from '../support/overlay-maps.ts';
import { dropsOf, endpointOf, type InFlight, OverlayNetwork } from '../support/overlay-network.ts';

const zones = { hub: ['t1', 't2'], east: ['t3', 't4', 't5'], west: ['t6', 't7'] };
const tunnels = ['hub east tcp'];
const ports = { sourcePort: PROBE_PORT, destinationPort: PROBE_PORT };

const data = (net: OverlayNetwork) => net.carried.filter(({ bytes }) => !isHello(bytes));
const hops = (net: OverlayNetwork) => data(net).map(({ from, to, tunnel }) => `${from.name}>${to.name} ${tunnel}`);
const bitsOf = ({ bytes }: InFlight) => Buffer.from(bytes.subarray(12, 20)).readUInt32BE(4);
const got = (net: OverlayNetwork) => net.deliveries.map(({ host }) => host).sort();

/** The owners in both zones of the first tunnel, and somebody of each who is not. */
function roles(net: OverlayNetwork) {
  const [hubOwner, eastOwner] = ['t1', 't3'].map((name) => net.host(name).router.connections[0]!.owner.name);
  return {
    hubOwner: hubOwner!,
    eastOwner: eastOwner!,
    hubOther: zones.hub.find((name) => name !== hubOwner)!,
    eastOther: zones.east.find((name) => name !== eastOwner)!,
  };
}

t.test('owners are ranked alike everywhere, the live before the dead', async (t) => {
  const many = Array.from({ length: 40 }, (_, i) => `a${i}`);
  const map = mapOf({ zones: { a: many, b: ['b1'], c: ['c1'] }, tunnels: ['a b tcp', 'c a tls'] });
  const members = map.targets.filter((target) => target.zone.name === 'a');
  const [toB, toC] = map.tunnels;
  const all = rankOwners(toB!, members, () => true);
  t.same(
    rankOwners(toB!, [...members].reverse(), () => true),
    all,
    'whatever the order of the members',
  );
  t.same(new Set(all), new Set(members));
  t.not(rankOwners(toC!, members, () => true)[0], all[0], 'another pair of zones, another owner');
  const dead = new Set([all[0]!, all[2]!]);
  const live = rankOwners(toB!, members, (target) => !dead.has(target));
  t.same(live.slice(0, 3), [all[1], all[3], all[4]], 'everybody else keeps his place');
  t.same(live.slice(-2), [all[0], all[2]]);
});

t.test('who does not own the connection hands over to who does, all in one datagram', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones, tunnels }));
  const { hubOwner, hubOther, eastOwner } = roles(net);
  net.send(hubOther, 'g', ['t1', 't2', 't3', 't5', 't7']);
  t.same(got(net), ['t1', 't2', 't3', 't5', 't7']);
  const [toWest, handed, over] = data(net);
  t.same(hops(net).slice(0, 3), [`${hubOther}>t7 udp`, `${hubOther}>${hubOwner} udp`, `${hubOwner}>${eastOwner} tcp`]);
  t.equal(bitsOf(toWest!), 1 << 6);
  t.equal(bitsOf(handed!), (1 << 2) | (1 << 4) | (1 << zones.hub.indexOf(hubOwner)), "the owner's own bit rides along");
  t.equal(bitsOf(over!), (1 << 2) | (1 << 4));
  t.same([handed!.bytes[3], over!.bytes[3]], [8, 8], 'handing over is no hop');
  for (const copy of data(net).slice(3)) t.same([copy.from.name, copy.bytes[3]], [eastOwner, 7]);
});

t.test(
  'an initiator in no map sends and is answered by way of the owners, though a relay elsewhere got it first',
  async (t) => {
    const net = new OverlayNetwork(
      mapOf({ zones, tunnels: ['hub east tls', 'west hub tcp'], vias: ['hub west east'] }),
    );
    const i1 = net.addInitiator('i1', 'hub', '10.1.9.9');
    net.send('i1', 'g', ['t3', 't6', 't7']);
    t.same(got(net), ['t3', 't6', 't7']);
    t.notOk(
      hops(net).some((hop) => hop.endsWith('tcp')),
      'west got it through east',
    );
    const { address } = i1.router.status(0);
    for (const name of ['t3', 't6', 't7']) {
      const { router } = net.host(name);
      router.send(router.route({ address }, { flow: 1, attempt: 1, ...ports }, net.now), Buffer.from(name), net.now);
    }
    net.run();
    t.equal(i1.delivered.length, 3);
    const options = { flow: 1, attempt: 1, announce: false, ...ports };
    const outbound = i1.router.route({ group: 'g', members: ['t3', 't4'] }, options, net.now);
    net.clear();
    i1.router.send(outbound, Buffer.from('data'), net.now);
    net.run();
    t.same(got(net), ['t3', 't4'], 'the owner knows him from his request');
    for (const host of net.hosts.values()) t.same(dropsOf(host), {}, host.name);
  },
);

t.test('between zones with a tunnel nothing else counts', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones, tunnels }));
  const { eastOwner, hubOwner } = roles(net);
  net.send('t1', 'g', ['t3', 't4', 't5']);
  const over = data(net).find(({ tunnel }) => tunnel === 'tcp')!;
  const hello = encodeHello({ kind: 'hello', mapDigest: net.map.digest, sequence: 1, vouches: [] });
  const host = net.host(eastOwner);
  const before = host.delivered.length;
  const stranger = endpointKey(parseIpv4('10.1.9.9')!, 8296);
  for (const from of [endpointOf(net.host(hubOwner)), stranger]) {
    for (const bytes of [over.bytes, hello]) net.inject(eastOwner, Buffer.from(bytes), from);
  }
  t.same(dropsOf(host), { 'wrong-tunnel': 4 });
  for (const tunnel of ['tls', 'native'] as const) {
    host.router.receive(Buffer.from(over.bytes), endpointOf(net.host(hubOwner)), net.now, tunnel);
  }
  host.router.receive(Buffer.from(over.bytes), endpointOf(net.host('t6')), net.now, 'tcp');
  t.same(dropsOf(host), { 'wrong-tunnel': 7 });
  t.equal(host.delivered.length, before);
});

t.test('a host of the own zone gets nothing sent to other zones but over a connection', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones, tunnels }));
  const { hubOwner, hubOther } = roles(net);
  net.send(hubOther, 'g', ['t3', 't4', 't7']);
  const handed = data(net).find(({ from, to }) => from.zone === to.zone)!;
  net.clear();
  net.inject(hubOther, Buffer.from(handed.bytes), endpointOf(net.host(hubOwner)));
  t.same([dropsOf(net.host(hubOther)), hops(net)], [{ 'not-owner': 1 }, []], 'who owns nothing sends nothing on');
  const greedy = Buffer.from(handed.bytes);
  greedy[19] = 0b111_1111;
  net.inject(hubOwner, greedy, endpointOf(net.host(hubOther)));
  t.same(
    dropsOf(net.host(hubOwner)),
    { 'not-owner': 1, loop: 1, 'wrong-destination': 1 },
    'west has no connection, the zone itself had it, and no address names the owner',
  );
  t.same(got(net), ['t3', 't4'], 'what it does own it sends');
});

t.test('a reply goes where it says, but not everywhere', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones, tunnels }));
  const i1 = net.addInitiator('i1', 'hub', '10.1.9.9');
  const { hubOwner, eastOwner, eastOther } = roles(net);
  net.send('i1', 'g', ['t3', 't4', 't5']);
  net.clear();
  const { address } = i1.router.status(0);
  const { router } = net.host(eastOther);
  router.send(router.route({ address }, { flow: 1, attempt: 1, ...ports }, net.now), Buffer.from('reply'), net.now);
  net.run();
  t.same(hops(net), [`${eastOther}>${eastOwner} udp`, `${eastOwner}>${hubOwner} tcp`, `${hubOwner}>i1 udp`]);
  const reply = data(net)[0]!.bytes;
  const change = (at: number, value: number) => {
    const bytes = Buffer.from(reply);
    bytes[at] = value;
    return bytes;
  };
  // The announce in the options header behind BIER (20) and IPv6 (40): its address stands at 4.
  const announced = 64;
  t.same([...reply.subarray(announced, announced + 4)], [10, 1, 9, 9]);
  const inject = (bytes: Uint8Array, from: string) =>
    net.inject(eastOwner, Buffer.from(bytes), endpointOf(net.host(from)));
  inject(change(announced + 1, 3), eastOther);
  t.same(dropsOf(net.host(eastOwner)), { 'empty-bit-string': 1 }, 'to a zone without a connection');
  inject(change(announced, 11), eastOther);
  t.same(dropsOf(net.host(eastOwner)), { 'empty-bit-string': 1, 'announce-refused': 1 }, 'out of the world');
  inject(change(3, 0), eastOther);
  inject(reply, 't6');
  t.same(dropsOf(net.host(eastOwner)), { 'empty-bit-string': 1, 'announce-refused': 1, 'ttl-expired': 1 });
  t.equal(hops(net).at(-1), `${hubOwner}>i1 udp`);
});

t.test('hellos do not cross a connection one by one, yet everybody knows who is alive', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones, tunnels }), 200);
  net.addInitiator('i1', 'hub', '10.1.9.9');
  net.tick(10);
  const crossing = net.carried.filter(({ from, to }) => [from.zone, to.zone].sort().join() === 'east,hub');
  t.ok(crossing.length > 0 && crossing.every(({ tunnel }) => tunnel === 'tcp'));
  t.equal(crossing.length, 20, 'one each way an interval');
  for (const host of net.hosts.values()) t.same(host.router.status(0).dead, [], host.name);
  const { eastOther, hubOther } = roles(net);
  net.host(eastOther).up = false;
  net.tick(7);
  for (const host of net.hosts.values()) if (host.up) t.same(host.router.status(0).dead, [eastOther], host.name);
  net.host(eastOther).up = true;
  net.tick(3);
  for (const host of net.hosts.values()) t.same(host.router.status(0).dead, [], host.name);

  // Nobody but the owner is believed.
  net.host(eastOther).up = false;
  net.tick(7);
  const east = net.map.zoneByName.get('east')!;
  const forged = encodeHello({
    kind: 'hello',
    mapDigest: net.map.digest,
    sequence: 9,
    vouches: [{ zone: east.index, alive: Uint8Array.of(0b111) }],
  });
  net.inject('i1', forged, endpointOf(net.host(hubOther)));
  t.same(net.host('i1').router.status(0).dead, [eastOther]);
});

t.test('who always asks right after an owner has begun an interval hears of the zone behind it', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones, tunnels }), 200);
  net.addInitiator('i1', 'hub', '10.1.9.9');
  const { hubOwner } = roles(net);
  const dead = () => net.host('i1').router.status(0).dead;
  const others = [...net.hosts.keys()].filter((name) => name !== hubOwner && name !== 'i1');
  const interval = () => {
    net.now += 200;
    for (const name of [...others, hubOwner, 'i1']) {
      if (net.host(name).up) net.host(name).router.tick(net.now);
      net.run();
    }
  };
  for (let i = 0; i < 10; i++) interval();
  t.same(dead(), []);
  net.host('t5').up = false;
  for (let i = 0; i < 8; i++) interval();
  t.same(dead(), ['t5'], 'and of who has died there');
});

t.test('when an owner dies the next one takes over, and gives way again when it is back', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones, tunnels }), 200);
  net.tick(5);
  const { eastOwner, hubOwner } = roles(net);
  net.host(eastOwner).up = false;
  net.tick(8);
  const others = zones.east.filter((name) => name !== eastOwner);
  const next = new Set(others.map((name) => net.host(name).router.connections[0]!.owner.name));
  t.equal(next.size, 1, 'all agree on one');
  t.notOk(next.has(eastOwner));
  t.equal(net.host(hubOwner).router.connections[0]!.peers[0]!.name, [...next][0], 'the other end hears of it');
  net.clear();
  net.send('t1', 'g', others);
  t.same(got(net), others);
  net.host(eastOwner).up = true;
  net.tick(2);
  t.equal(net.host(others[0]!).router.connections[0]!.owner.name, eastOwner);
});

t.test('hellos with vouches, byte by byte', async (t) => {
  const hello = {
    kind: 'hello',
    mapDigest: 0xfedcba98,
    sequence: 7,
    vouches: [
      { zone: 2, alive: Uint8Array.of(0x81, 1) },
      { zone: 258, alive: new Uint8Array(0) },
    ],
  } as const;
  const bytes = encodeHello(hello);
  const wanted = 'fedcba98 1001 0002 00000007 0002 0002 8101 0102 0000'.replaceAll(' ', '');
  t.equal(Buffer.from(bytes).toString('hex'), wanted);
  t.same(decodeHello(bytes), hello);
  for (let length = 0; length < bytes.length; length++) t.equal(decodeHello(bytes.subarray(0, length)), undefined);
  t.equal(decodeHello(Buffer.concat([bytes, Buffer.alloc(1)])), undefined, 'nothing behind the last');
});

t.test('a native zone: one frame for all, each takes its own', async (t) => {
  const net = new OverlayNetwork(
    mapOf({ zones, native: ['east'], groups: { g: ['t1', 't3', 't4', 't5'], h: ['t5', 't6'] } }),
  );
  net.send('t1', 'g', ['t3', 't5']);
  const relay = data(net)[0]!.to.name;
  const other = relay === 't3' ? 't5' : 't3';
  t.same(hops(net), [`t1>${relay} udp`, `${relay}>${other} udp`], 'for one who is left, no frame');
  net.clear();
  net.send('t3', 'g', ['t4', 't5', 't1']);
  t.same(hops(net).sort(), ['t3>t1 udp', 't3>t4 native', 't3>t5 native']);
  t.same(got(net), ['t1', 't4', 't5']);
  const frame = data(net).find(({ tunnel }) => tunnel === 'native')!;
  t.equal(bitsOf(frame), 0b1100);
  const overheard = () => ['t3', 't4', 't5'].map((name) => net.host(name).router.counters.overheard);
  t.same(overheard(), [0, 0, 0]);
  const t4 = net.host('t4').router;
  const inject = (bytes: Uint8Array, from: string) =>
    t4.receive(Buffer.from(bytes), endpointOf(net.host(from)), 0, 'native');
  const forOthers = Buffer.from(frame.bytes);
  forOthers[19] = 0b1001;
  net.clear();
  inject(forOthers, 't3');
  t.same([overheard(), hops(net)], [[0, 1, 0], []], 'what is for others is left to them');
  const forMe = Buffer.from(frame.bytes);
  forMe[19] = 0b1111_0111;
  inject(forMe, 't3');
  t.same([got(net), hops(net)], [['t4'], []], 'and goes no further');
  const wrong = Buffer.from(frame.bytes);
  wrong[20 + 39] = 0b1000;
  inject(wrong, 't3');
  inject(frame.bytes, 't1');
  t.same(dropsOf(net.host('t4')), { 'wrong-destination': 1, 'wrong-tunnel': 1 }, 'the whole overlay address counts');
});

t.test('a reload that puts a connection in place of UDP loses nothing on the way', async (t) => {
  const net = new OverlayNetwork(mapOf({ zones }));
  net.send('t1', 'g', ['t3', 't4']);
  const under = data(net)[0]!;
  const host = net.host(under.to.name);
  net.clear();
  host.router.reload(mapOf({ zones, tunnels }), net.now);
  host.router.receive(Buffer.from(under.bytes), endpointOf(under.from), net.now + 1999);
  t.equal(host.delivered.length, 1);
  host.router.receive(Buffer.from(under.bytes), endpointOf(under.from), net.now + 2001);
  t.same([host.delivered.length, dropsOf(host)], [1, { 'wrong-tunnel': 1 }]);
});
