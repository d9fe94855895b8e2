import t from 'tap';
import {
  BierHeader,
  bitString,
  decodeHeader,
  encodeHeader,
  FIXED_HEADER_BYTES,
  headerLength,
  listBits,
  makeEntropy,
} from '../../src/bier/index.ts';
import {
  encodeInner,
  encodeMulticast,
  endpointKey,
  formatIpv6,
  PROBE_PORT,
  parseIpv6,
} from '../../src/overlay/index.ts';
import { mapOf } from '../support/overlay-maps.ts';
import { dropsOf, endpointOf, type InFlight, OverlayNetwork } from '../support/overlay-network.ts';

const zones = { hub: ['t1', 't2'], east: ['t3', 't4', 't5'], west: ['t6', 't7'] };

/** A network with one initiator in the hub. */
function network(options: Partial<Parameters<typeof mapOf>[0]> = {}): OverlayNetwork {
  const net = new OverlayNetwork(mapOf({ zones, ...options }));
  net.addInitiator('i1', 'hub', '10.1.9.9');
  return net;
}

const hops = (net: OverlayNetwork) => net.carried.map(({ from, to }) => `${from.name}>${to.name}`);

/** A datagram as bytes: header fields and inner packet may differ from what a router would make. */
function datagram(
  net: OverlayNetwork,
  change: {
    bits?: number[];
    header?: Partial<BierHeader>;
    map?: bigint;
    destination?: string;
    announce?: string;
    source?: string;
  } = {},
): Buffer {
  const set = net.map.groups[0]!.sets[0]!;
  const length = set.group.bitStringLength;
  const bits = change.bits ?? [2];
  const header = Object.assign(
    new BierHeader(),
    { biftId: set.biftId, ttl: 8, bitStringLength: length, entropy: makeEntropy(1, 1) },
    change.header,
  );
  const bytes = Buffer.alloc(500);
  const start = encodeHeader(bytes, header, bitString(header.bitStringLength, bits));
  const map = change.map ?? bits.reduce((all, bit) => all | (1n << BigInt(bit)), 0n);
  const [address, port] = (change.announce ?? '').split(':');
  const inner = encodeInner(
    bytes.subarray(start),
    {
      source: parseIpv6(change.source ?? 'fd63:6173:746c:1::99')!,
      destination: change.destination
        ? parseIpv6(change.destination)!
        : encodeMulticast({ groupId: set.group.id, map }),
      sourcePort: PROBE_PORT,
      destinationPort: PROBE_PORT,
      dscp: 0,
      flowLabel: 0,
      announce: change.announce
        ? { address: Number(endpointKey(0, 0)) + toNumber(address!), port: Number(port) }
        : undefined,
    },
    Buffer.from('payload'),
  );
  return bytes.subarray(0, start + inner);
}

const toNumber = (address: string) => address.split('.').reduce((value, part) => value * 256 + Number(part), 0);
const key = (address: string, port = 8296) => endpointKey(toNumber(address), port);

t.test('one datagram to all: each zone once, each target once', async (t) => {
  const net = network();
  const [id] = net.send('i1', 'g', ['t1', 't2', 't3', 't4', 't5', 't6', 't7']);
  for (const host of net.map.targets) t.same(net.host(host.name).delivered, [id], host.name);
  t.equal(net.carried.length, 7, 'as many hops as targets');
  const into = (zone: string) => net.carried.filter(({ from, to }) => from.zone !== zone && to.zone === zone).length;
  t.same([into('east'), into('west')], [1, 1]);
  t.equal(net.host('i1').router.counters.transmitted, 4);
});

t.test('what stands in the headers', async (t) => {
  const net = network();
  net.send('t2', 'g', ['t3', 't4', 't6']);
  const [first] = net.carried as [InFlight];
  const header = new BierHeader();
  t.equal(decodeHeader(first.bytes, header), undefined);
  t.match(header, {
    biftId: net.map.groups[0]!.sets[0]!.biftId,
    ttl: 8,
    bitStringLength: 64,
    entropy: makeEntropy(1, 1),
    dscp: 0,
    proto: 6,
    bfirId: 2,
  });
  t.same(listBits(first.bytes.subarray(FIXED_HEADER_BYTES, header.length)), [2, 3]);
  const inner = first.bytes.subarray(header.length);
  t.equal(formatIpv6(inner, 24), 'ff15:0:0:100::2c', 'the inner destination keeps all recipients: bits 2, 3, 5');
  for (const { bytes } of net.carried) t.same(bytes.subarray(header.length), inner, 'the inner packet stays as it is');
  const relayed = net.carried.find(({ from }) => from.zone === 'east')!;
  t.equal(relayed.bytes[3], 7, 'a relayed copy has one hop less');
});

t.test('a sender in the group delivers to itself, unicast goes straight', async (t) => {
  const net = network();
  const [id] = net.send('t3', 'g', ['t3', 't4']);
  t.same(hops(net), ['t3>t4']);
  t.same([net.host('t3').delivered, net.host('t4').delivered], [[id], [id]]);
  net.clear();
  const { router } = net.host('t1');
  const ports = { sourcePort: PROBE_PORT, destinationPort: PROBE_PORT };
  const outbound = router.route(
    { address: net.map.targetByName.get('t7')!.address },
    { flow: 1, attempt: 1, ...ports },
    0,
  );
  router.send(outbound, Buffer.from('x'), 0);
  net.run();
  t.same(hops(net), ['t1>t7']);
  t.equal(net.host('t7').delivered.length, 1);
});

t.test('a multicast address is a destination like any other', async (t) => {
  const net = network();
  const { router } = net.host('i1');
  const ports = { sourcePort: PROBE_PORT, destinationPort: PROBE_PORT };
  router.send(
    router.route({ address: 'ff15::100:0:0:0:41' }, { flow: 1, attempt: 1, ...ports }, 0),
    Buffer.from('x'),
    0,
  );
  net.run();
  t.same(net.deliveries.map(({ host }) => host).sort(), ['t1', 't7'], 'bits 0 and 6');
});

t.test('destinations that do not exist', async (t) => {
  const { router } = network().host('i1');
  const ports = { sourcePort: PROBE_PORT, destinationPort: PROBE_PORT };
  const route = (destination: Parameters<typeof router.route>[0]) =>
    router.route(destination, { flow: 1, attempt: 1, ...ports }, 0);
  t.throws(
    () => route({ group: 'gg', members: ['t1'] }),
    new RangeError('no group is called "gg" (did you mean "g"?)'),
  );
  t.throws(
    () => route({ group: 'g', members: ['t11'] }),
    new RangeError('group g has no member "t11" (did you mean "t1"?)'),
  );
  t.throws(() => route({ group: 'g', members: [] }), new RangeError('nobody in group g is addressed'));
  t.throws(() => route({ address: 'fd63::1' }), /no way to fd63::1/);
  t.throws(() => route({ address: 'ff15::999:0:0:0:1' }), /no group has the address/);
  t.throws(() => route({ address: 'ff15::100:0:0:0:80' }), /group g has no member 7/);
  t.throws(() => route({ address: 'nonsense' }), /is no IPv6 address/);
});

t.test('payloads fill the underlay packet and no more', async (t) => {
  const net = network();
  const ports = { sourcePort: PROBE_PORT, destinationPort: PROBE_PORT };
  const room = (from: string, announce?: boolean) =>
    net
      .host(from)
      .router.route(
        { group: 'g', members: ['t1', 't3'] },
        { flow: 1, attempt: 1, ...(announce !== undefined && { announce }), ...ports },
        0,
      );
  // 1500 − IPv4 20 − UDP 8 − BIER 20 − IPv6 40 − UDP 8, and 16 for the announce.
  t.equal(room('t2').maxPayload, 1404);
  t.equal(room('i1').maxPayload, 1388);
  t.equal(room('i1', false).maxPayload, 1404);
  const { router } = net.host('t2');
  router.send(room('t2'), new Uint8Array(1404), 0);
  t.equal(net.carried[0]!.bytes.length, 1472);
  t.throws(() => router.send(room('t2'), new Uint8Array(1405), 0), /1405 bytes is too long: at most 1404/);

  const jumbo = new OverlayNetwork(mapOf({ zones }), 0, 9000);
  jumbo.send('t2', 'g', ['t3', 't5'], { text: 'x'.repeat(8904) });
  t.same(
    jumbo.deliveries.map(({ payload }) => payload.length),
    [8904, 8904],
  );
  t.same(
    jumbo.carried.map(({ bytes }) => bytes.length),
    [8972, 8972],
    'with IPv4 and UDP 9000',
  );
  t.throws(() => jumbo.send('t2', 'g', ['t3'], { text: 'x'.repeat(8905) }), /at most 8904/);
});

t.test('groups of more than 64 members', async (t) => {
  const names = Array.from({ length: 150 }, (_, i) => `m${i}`);
  for (const bitStringLength of [64, 128, 256]) {
    const net = new OverlayNetwork(mapOf({ zones: { a: names.slice(0, 70), b: names.slice(70) }, bitStringLength }));
    net.addInitiator('i', 'a', '10.1.200.1');
    const to = ['m0', 'm63', 'm64', 'm127', 'm128', 'm149'];
    const ids = net.send('i', 'g', to);
    t.equal(ids.length, Math.ceil(150 / bitStringLength), `${bitStringLength} bits: a datagram for each set`);
    t.same(net.deliveries.map(({ host }) => host).sort(), [...to].sort(), `${bitStringLength} bits: everybody once`);
    net.clear();
    net.send('i', 'g', ['m65', 'm66']);
    const inner = net.carried[0]!.bytes.subarray(headerLength(bitStringLength));
    t.equal(formatIpv6(inner, 24), 'ff15:0:0:101::6', 'the second 64 are named under the second id');
    t.equal(net.deliveries.length, 2);
  }
});

t.test('every drop has its name, and harms nobody', async (t) => {
  const cases: [string, (net: OverlayNetwork) => Uint8Array, string?][] = [
    ['truncated', (net) => datagram(net).subarray(0, 11)],
    ['oversized', () => Buffer.alloc(65_508, 0x50)],
    ['wrong-nibble', (net) => flip(datagram(net), 4, 0x20)],
    ['wrong-version', (net) => flip(datagram(net), 4, 0x01)],
    ['bad-bit-string-length', (net) => flip(datagram(net), 5, 0x90)],
    ['wrong-protocol', (net) => datagram(net, { header: { proto: 4 } })],
    ['unknown-bift', (net) => flip(datagram(net), 0, 0x01)],
    ['bit-string-length-mismatch', (net) => datagram(net, { header: { bitStringLength: 128 } })],
    ['bits-beyond-group', (net) => datagram(net, { bits: [2, 7] })],
    ['empty-bit-string', (net) => datagram(net, { bits: [] })],
    ['not-addressed', (net) => datagram(net, { bits: [3] })],
    ['ttl-expired', (net) => datagram(net, { header: { ttl: 0 } })],
    ['unknown-source', (net) => datagram(net), '10.1.1.77'],
    ['unknown-source', (net) => datagram(net), '10.2.1.1'],
    ['unknown-source', (net) => datagram(net, { announce: '10.1.9.9:8296' }), '10.1.9.8'],
    ['unknown-source', (net) => datagram(net, { announce: '192.168.0.1:8296' }), '192.168.0.1'],
    ['announce-refused', (net) => datagram(net, { announce: '192.168.0.1:8296' })],
    ['announce-refused', (net) => datagram(net, { announce: '10.3.1.1:8296' })],
    ['announce-refused', (net) => datagram(net, { announce: '10.1.9.9:8296', source: net.map.targets[0]!.address })],
    ['bad-hello', () => Buffer.from('000000001101000000000001', 'hex')],
    ['bad-hello', () => Buffer.from('000000001003000000000001', 'hex')],
    ['bad-hello', () => Buffer.from('0000000010', 'hex')],
    ['unknown-source', () => Buffer.from('000000001001000000000001', 'hex'), '192.168.0.1'],
    ['inner-truncated', (net) => datagram(net).subarray(0, 50)],
    ['inner-version', (net) => flip(datagram(net), 20, 0x10)],
    ['inner-length', (net) => datagram(net).subarray(0, 70)],
    ['inner-checksum', (net) => flip(datagram(net), 70, 0x01)],
    ['wrong-destination', (net) => datagram(net, { map: 0b1000n })],
    ['wrong-destination', (net) => datagram(net, { map: 0n })],
    ['wrong-destination', (net) => datagram(net, { destination: 'ff15::200:0:0:0:4' })],
    ['wrong-destination', (net) => datagram(net, { destination: net.map.targets[3]!.address })],
  ];
  for (const [reason, make, from = '10.1.1.1'] of cases) {
    const net = network();
    net.inject('t3', make(net), key(from));
    t.strictSame(dropsOf(net.host('t3')), { [reason]: 1 }, `${reason} from ${from}`);
    t.equal(net.deliveries.length, 0);
  }
  const net = network();
  net.inject('t3', datagram(net), key('10.1.1.1'));
  t.same(dropsOf(net.host('t3')), {});
  t.equal(net.deliveries.length, 1, 'untouched it is delivered');
});

function flip(bytes: Buffer, at: number, mask: number): Buffer {
  bytes[at]! ^= mask;
  return bytes;
}

t.test('the last hop delivers and goes no further', async (t) => {
  const net = network();
  net.inject('t3', datagram(net, { bits: [2, 3], header: { ttl: 1 } }), key('10.1.1.1'));
  t.same(
    net.deliveries.map(({ host }) => host),
    ['t3'],
  );
  t.same(dropsOf(net.host('t3')), { 'ttl-expired': 1 });
});

t.test('what would go back to its zone is dropped there, the rest goes on', async (t) => {
  const net = network();
  net.inject('t3', datagram(net, { bits: [0, 2, 5] }), key('10.1.1.1'));
  t.same(net.deliveries.map(({ host }) => host).sort(), ['t3', 't6']);
  t.same(dropsOf(net.host('t3')), { loop: 1 });
});

t.test('without relaying nothing is relayed', async (t) => {
  const net = network({ relay: false });
  net.send('i1', 'g', ['t1', 't3', 't4', 't5']);
  t.same(hops(net).sort(), ['i1>t1', 'i1>t3', 'i1>t4', 'i1>t5']);
  t.equal(net.deliveries.length, 4);
});

t.test('a port where nobody listens', async (t) => {
  const net = network();
  const { router } = net.host('i1');
  router.send(
    router.route({ group: 'g', members: ['t1'] }, { flow: 1, attempt: 1, sourcePort: 1, destinationPort: 1 }, 0),
    Buffer.from('x'),
    0,
  );
  net.run();
  t.same(dropsOf(net.host('t1')), { 'no-application': 1 });
});

t.test('a flow is decided once', async (t) => {
  const net = network();
  for (let i = 0; i < 100; i++) net.send('i1', 'g', ['t3', 't4'], { text: `${i}` });
  const relay = net.carried[0]!.to;
  t.equal(relay.router.counters.decisions, 1);
  t.equal(relay.router.counters.relayed, 100);
  t.equal(endpointOf(relay), net.map.targetByName.get(relay.name)!.endpoint.key);
});
