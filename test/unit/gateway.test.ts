/** The gateway on a simulated overlay: programs are the test, so is their kernel. */
import t from 'tap';
import { BierHeader, decodeHeader } from '../../src/bier/index.ts';
import {
  decodeInner,
  encodeMulticast,
  formatIpv6,
  INNER_DESTINATION_OFFSET,
  InnerView,
  innerChecksumHolds,
  parseClusterMap,
} from '../../src/overlay/index.ts';
import { TokenBucket } from '../../src/tunnel/token-bucket.ts';
import { addGateway } from '../support/gateway-host.ts';
import { mapFile, mapOf } from '../support/overlay-maps.ts';
import { dropsOf, OverlayNetwork } from '../support/overlay-network.ts';

const zones = { hub: ['t1', 't2'], east: ['t3', 't4'] };
const group = (...bits: number[]) =>
  formatIpv6(encodeMulticast({ groupId: 256, map: bits.reduce((map, bit) => map | (1n << BigInt(bit)), 0n) }));

function cluster() {
  const net = new OverlayNetwork(mapOf({ zones }));
  const i1 = net.addInitiator('i1', 'hub', '10.1.9.9');
  const gateways = Object.fromEntries([...net.hosts.values()].map((host) => [host.name, addGateway(net, host)]));
  return { net, i1, gateways, at: (name: string) => gateways[name]! };
}

/** What an ICMPv6 error says, once it is known to be a good packet. */
function icmpOf(bytes: Buffer) {
  const view = new InnerView();
  const problem = decodeInner(bytes, view);
  const icmp = bytes.subarray(view.payloadStart);
  let sum = 58 + icmp.length;
  const words = Buffer.concat([bytes.subarray(8, 40), icmp, Buffer.alloc(icmp.length & 1)]);
  for (let i = 0; i < words.length; i += 2) sum += words.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return {
    problem,
    protocol: view.protocol,
    checksum: sum === 0xffff,
    type: icmp[0],
    code: icmp[1],
    mtu: icmp.readUInt32BE(4),
    quoted: icmp.subarray(8),
    length: bytes.length,
    to: formatIpv6(bytes, INNER_DESTINATION_OFFSET),
  };
}

t.test('unicast between targets travels byte for byte', async (t) => {
  const { net, at } = cluster();
  const packet = at('t1').packet(at('t4').address, 'hello', { dscp: 46 });
  at('t1').device.send(packet);
  net.run();
  t.same(at('t4').device.written, [packet]);
  t.same(at('t1').gateway.counters, { sent: 1, received: 0, ignored: 0, errors: 0 });
  t.same(at('t4').gateway.counters, { sent: 0, received: 1, ignored: 0, errors: 0 });
  const header = new BierHeader();
  t.equal(decodeHeader(net.carried[0]!.bytes, header), undefined);
  t.match(header, { dscp: 46, ttl: 8, bfirId: 1 });
});

t.test('a group gets a packet once each, the sender in it not again', async (t) => {
  const { net, at } = cluster();
  const packet = at('t1').packet(group(0, 1, 2, 3));
  at('t1').device.send(packet);
  net.run();
  for (const name of ['t2', 't3', 't4']) t.same(at(name).device.written, [packet], name);
  t.same(at('t1').device.written, [], 'its own kernel has shown it to its own programs');
  t.equal(at('t1').gateway.counters.received, 1);
  t.equal(net.host('t1').router.counters.delivered, 1);
  t.equal(net.carried.length, 3, 'one copy for t2, one for east, one inside east');
});

t.test('a host in no map says where it is, and gets answers', async (t) => {
  const { net, at, i1 } = cluster();
  const packet = at('i1').packet(group(1, 2));
  at('i1').device.send(packet);
  net.run();
  const [got] = at('t3').device.written;
  const view = new InnerView();
  t.equal(decodeInner(got!, view), undefined);
  t.ok(view.announced);
  t.equal(view.announcedPort, 8296);
  t.ok(innerChecksumHolds(got!, view), 'the checksum of the program still holds');
  t.same(got!.subarray(view.transportStart), packet.subarray(40), 'and the rest is as it was');
  t.same(at('t2').device.written, [got], 'the same for all');

  const answer = at('t3').packet(at('i1').address, 'answer');
  at('t3').device.send(answer);
  net.run();
  t.same(at('i1').device.written, [answer]);
  t.same(dropsOf(i1), {});

  net.now += 31_000;
  net.tick(1);
  at('t3').device.send(answer);
  net.run();
  t.equal(at('i1').device.written.length, 1, 'it is forgotten when it has been silent for 30 s');
  t.same(dropsOf(net.host('t3')), { 'no-route': 1 });
  t.match(icmpOf(at('t3').device.written.at(-1)!), { type: 1, code: 0 });
});

t.test('an address that nobody has', async (t) => {
  const { net, at } = cluster();
  const packet = at('t1').packet('fd63:6173:746c:1::77', 'x'.repeat(1390));
  at('t1').device.send(packet);
  const icmp = icmpOf(at('t1').device.written[0]!);
  t.match(icmp, { problem: undefined, protocol: 58, checksum: true, type: 1, code: 0, length: 1280 });
  t.equal(icmp.to, at('t1').address);
  t.same(icmp.quoted, packet.subarray(0, 1232));
  t.equal(at('t1').gateway.counters.errors, 1);

  at('t1').device.send(at('t1').packet(group(9)), at('t1').packet('ff15::9:0:0:0:1'), at('t1').packet(group()));
  t.equal(at('t1').device.written.length, 1, 'errors about multicast packets are not sent');
  t.same(dropsOf(net.host('t1')), { 'no-route': 4 });
});

t.test('a packet that does not fit the underlay', async (t) => {
  const { net, at } = cluster();
  t.equal(net.host('t1').router.interfaceMtu, 1452);
  t.equal(net.host('i1').router.interfaceMtu, 1436, 'room for the announce');
  for (const [name, mtu] of Object.entries({ t1: 1452, i1: 1436 })) {
    const { device, packet } = at(name);
    const full = packet(group(2), 'x'.repeat(mtu - 48));
    device.send(full);
    net.run();
    t.equal(net.carried.at(-1)!.bytes.length, 1472, 'fills it exactly');
    for (const to of [group(2), at('t3').address]) {
      device.send(packet(to, 'x'.repeat(mtu - 47)));
      const icmp = icmpOf(device.written.at(-1)!);
      t.match(icmp, { problem: undefined, checksum: true, type: 2, code: 0, mtu, length: 1280 }, `${name} to ${to}`);
    }
    t.equal(net.host(name).router.counters.dropped['packet-too-big'], 2);
  }
});

t.test('the MTU follows the longest bit string with which IPv6 is possible', async (t) => {
  const mtuOf = (bitStringLength: number) =>
    new OverlayNetwork(mapOf({ zones, bitStringLength })).host('t1').router.interfaceMtu;
  t.equal(mtuOf(256), 1428);
  t.equal(mtuOf(1024), 1332);
  t.equal(mtuOf(2048), undefined, '1204 bytes are too few');
  const map = mapFile({ zones, groups: { short: ['t1', 't2', 't3'], long: ['t3', 't4'] } });
  Object.assign((map['groups'] as Record<string, object>)['long']!, { bitStringLength: 4096 });
  const net = new OverlayNetwork(parseClusterMap(JSON.stringify(map), 'map.json'));
  t.equal(net.host('t1').router.interfaceMtu, 1452, 'one group that leaves less does not count');
  const { device, packet, address } = addGateway(net, net.host('t1'));
  t.ok(address);
  device.send(packet(formatIpv6(net.map.targetByName.get('t4')!.overlay), 'x'.repeat(1000)));
  t.match(icmpOf(device.written[0]!), { type: 2, mtu: 948 }, 'to its members less fits');
});

t.test('what must not go in, does not', async (t) => {
  const { net, at } = cluster();
  const { device, packet } = at('t1');
  const to = at('t4').address;
  const hopByHop = packet(to);
  hopByHop[6] = 0;
  const short = packet(to).subarray(0, 50);
  device.send(
    packet(to, 'hello', { source: Buffer.alloc(16, 1) }),
    packet(to, 'hello', { announce: { address: 0x0a010909, port: 8296 } }),
    hopByHop,
    short,
    Buffer.from('45000014000000004001000001020304', 'hex'),
    Buffer.alloc(60, 0x45),
  );
  t.same(dropsOf(net.host('t1')), {
    'gateway-source': 1,
    'announce-refused': 1,
    'inner-option': 1,
    'inner-length': 1,
    'inner-truncated': 1,
    'inner-version': 1,
  });
  device.send(packet('ff02::16'), packet('ff05::2', 'x', { source: Buffer.alloc(16) }), packet('2001:db8::1'));
  t.equal(at('t1').gateway.counters.ignored, 3, 'what is not for the overlay is left alone');
  t.equal(net.carried.length, 0);
  t.same(device.written, []);
});

t.test('any protocol goes through', async (t) => {
  const { net, at } = cluster();
  const ping = at('t1').packet(at('t4').address, 'abcdefgh');
  ping[6] = 58;
  at('t1').device.send(ping);
  net.run();
  t.same(at('t4').device.written, [ping]);
  const error = at('t1').packet('fd63:6173:746c:1::77');
  error[6] = 58;
  error[40] = 1;
  at('t1').device.send(error);
  t.same(at('t1').device.written, [], 'but no error is answered with an error');
});

t.test('many packets at once leave the others their turn; an interface that goes is not read again', async (t) => {
  const { net, at } = cluster();
  const { device, packet, lost } = at('t1');
  const many = Array.from({ length: 150 }, (_, i) => packet(at('t4').address, `${i}`));
  device.send(...many);
  t.equal(device.waiting, 86);
  device.send();
  device.send();
  t.equal(device.waiting, 0);
  net.run();
  t.same(at('t4').device.written, many);
  t.equal(net.host('t1').router.counters.decisions, 1, 'a flow is decided once');

  device.gone = true;
  device.send(packet(at('t4').address));
  t.match(lost, [/no such device/]);
  t.notOk(device.watched);
});

t.test('an interface that is down takes nothing', async (t) => {
  const { net, at } = cluster();
  at('t4').device.up = false;
  at('t1').device.send(at('t1').packet(at('t4').address));
  net.run();
  t.same(dropsOf(net.host('t4')), { 'no-application': 1 });
  t.equal(at('t4').gateway.counters.received, 0);
});

t.test('a flow finds its way under a new map, or learns that there is none', async (t) => {
  const { net, at } = cluster();
  const packet = at('t1').packet(at('t4').address);
  at('t1').device.send(packet);
  for (const { router } of net.hosts.values()) router.reload(mapOf({ zones, relay: false }), net.now);
  at('t1').device.send(packet);
  net.run();
  t.equal(at('t4').device.written.length, 2);
  const without = mapOf({ zones: { hub: ['t1', 't2'], east: ['t3'] } });
  net.host('t1').router.reload(without, net.now);
  at('t1').device.send(packet);
  t.match(icmpOf(at('t1').device.written[0]!), { type: 1, code: 0 });
  t.same(dropsOf(net.host('t1')), { 'no-route': 1 });
});

t.test('errors come at a bounded rate', async (t) => {
  const { net, at } = cluster();
  const packet = at('t1').packet('fd63:6173:746c:1::77');
  for (let i = 0; i < 500; i++) at('t1').device.send(packet);
  t.equal(at('t1').device.written.length, 50);
  t.equal(net.host('t1').router.counters.dropped['no-route'], 500);
  const bucket = new TokenBucket(100, 2);
  t.same(
    [0, 0, 0, 5, 10, 10, 1000, 1000, 1000].map((now) => bucket.take(now)),
    [true, true, false, false, true, false, true, true, false],
  );
});
