import t, { type Test } from 'tap';
import { BierHeader, bitString, encodeHeader } from '../../src/bier/index.ts';
import type { HostHop } from '../../src/mrouter/index.ts';
import { type DropReason, encodeInner, innerOverhead, makeEndpoint } from '../../src/overlay/index.ts';
import { eachDatagram, NativeTunnel, type ReceivedBatch, type TunnelHost, UdpTunnel } from '../../src/tunnel/index.ts';
import { datagramLength, SegmentedSender } from '../../src/tunnel/segments.ts';
import { loopbackCluster, until } from '../support/overlay-loopback.ts';

const PORT = 8296;
const MTU = 1500;
/** Of a datagram that fills an underlay packet: without IPv4 and UDP headers. */
const SEGMENT = MTU - 28;

/** An overlay datagram of `length` bytes, header and inner packet apart; the last byte of its payload is `mark`. */
function overlayDatagram(
  length: number,
  mark: number,
  { bit = 1, biftId = 0 } = {},
): { header: Buffer; inner: Buffer } {
  const bier = new BierHeader();
  bier.biftId = biftId;
  const header = Buffer.alloc(bier.length);
  encodeHeader(header, bier, bitString(64, [bit]));
  const inner = Buffer.alloc(length - header.length);
  const payload = Buffer.alloc(inner.length - innerOverhead(false));
  payload[payload.length - 1] = mark;
  const address = new Uint8Array(16);
  const fields = { source: address, destination: address, sourcePort: 1, destinationPort: 2, dscp: 0, flowLabel: 0 };
  encodeInner(inner, { ...fields, announce: undefined }, payload);
  return { header, inner };
}

function listener() {
  const messages: ReceivedBatch[] = [];
  const datagrams: Buffer[] = [];
  const drops: DropReason[] = [];
  const host: TunnelHost = {
    now: () => 0,
    onReceive: (batch) => {
      messages.push(batch);
      eachDatagram(batch, (datagram) => datagrams.push(Buffer.from(datagram)));
    },
    onDrop: (reason) => void drops.push(reason),
  };
  return { host, messages, datagrams, drops };
}

async function open(t: Test, address: string) {
  const heard = listener();
  const endpoint = makeEndpoint(address, PORT);
  const tunnel = await UdpTunnel.open(endpoint, heard.host, MTU);
  t.teardown(() => tunnel.close());
  const hop: HostHop = { tunnel: 'udp', endpoint, zone: undefined, target: undefined };
  return { tunnel, hop, ...heard };
}

t.test('datagrams of full length travel together, and arrive one by one in order', async (t) => {
  const { address } = loopbackCluster(t);
  const a = await open(t, address(0, 1));
  const b = await open(t, address(1, 1));
  const lengths = [...Array(100).fill(SEGMENT), 300, 200, ...Array(5).fill(SEGMENT)];
  for (const [mark, length] of lengths.entries()) {
    const { header, inner } = overlayDatagram(length, mark);
    a.tunnel.send(b.hop, header, inner);
    header.fill(0);
  }
  await until(() => b.datagrams.length === lengths.length);
  // 300 bytes leave as the last of those before, 200 alone, which may put them before those that were still gathered.
  t.same(
    b.datagrams.map((datagram) => datagram.length).sort((x, y) => x - y),
    [...lengths].sort((x, y) => x - y),
  );
  const full = b.datagrams.filter(({ length }) => length === SEGMENT).map((datagram) => datagram.at(-1));
  t.same(full, [...Array(100).keys(), 102, 103, 104, 105, 106], 'those of one length in order');
  t.ok(b.messages.length < 20, `${lengths.length} datagrams in ${b.messages.length} messages`);
  t.same([a.drops, b.drops], [[], []]);
});

t.test('frames to a multicast group of the underlay too, but for those to others', async (t) => {
  const { address } = loopbackCluster(t);
  const heard = listener();
  const group = 0xeffe_0001;
  const self = makeEndpoint(address(0, 2), PORT);
  const tunnel = await NativeTunnel.open(
    self,
    new Map([[group, [{ biftId: 0, bit: 1, bitStringLength: 64 }]]]),
    heard.host,
    MTU,
  );
  t.teardown(() => tunnel.close());
  const member: HostHop = {
    tunnel: 'native',
    endpoint: makeEndpoint('239.254.0.1', PORT),
    zone: undefined,
    target: undefined,
  };
  const send = (mark: number, to?: { bit?: number; biftId?: number }) => {
    const { header, inner } = overlayDatagram(SEGMENT, mark, to);
    tunnel.send(member, header, inner);
  };
  for (let i = 0; i < 9; i++) {
    send(i);
    for (const bit of [0, 2, 9, 63]) send(100 + bit, { bit });
  }
  send(9, { bit: 63, biftId: 7 });
  // The loopback interface gives back what it is sent, multicast too.
  await until(() => heard.datagrams.length === 10);
  t.same(
    heard.datagrams.map((datagram) => datagram.at(-1)),
    [...Array(10).keys()],
    'of a label that the filter does not know, all',
  );
  t.same(heard.drops, []);
});

t.test('two places at once: each gets its own', async (t) => {
  const sent: { address: string; length: number }[] = [];
  const messages = new Set<Uint8Array>();
  const socket = {
    send(bytes: Uint8Array, _from: number, length: number, _port: number, address: string, done: () => void) {
      messages.add(bytes);
      sent.push({ address, length });
      done();
    },
  };
  const sender = new SegmentedSender(socket as never, { segment: 1000, stopSegmenting: () => {} });
  const [x, y] = [makeEndpoint('10.0.0.1', PORT), makeEndpoint('10.0.0.2', PORT)];
  const refused = (error: Error) => t.fail(error.message);
  for (let i = 0; i < 3; i++) {
    for (const endpoint of [x, y]) t.ok(sender.take(endpoint, Buffer.alloc(20), Buffer.alloc(980), refused));
  }
  t.notOk(sender.take(x, Buffer.alloc(20), Buffer.alloc(981), refused), 'one that is too long is not taken');
  t.ok(sender.take(x, Buffer.alloc(20), Buffer.alloc(10), refused), 'a short one goes with those before');
  t.notOk(sender.take(x, Buffer.alloc(20), Buffer.alloc(10), refused), 'and another leaves alone');
  await Promise.resolve();
  t.same(sent, [
    { address: '10.0.0.1', length: 3030 },
    { address: '10.0.0.2', length: 3000 },
  ]);
  sent.length = 0;
  for (let i = 0; i < 70; i++) sender.take(x, Buffer.alloc(20), Buffer.alloc(980), refused);
  await Promise.resolve();
  t.same(
    sent.map(({ length }) => length),
    [64_000, 6000],
    'as many as the kernel takes',
  );
  t.equal(messages.size, 2, 'what has been sent serves again');
});

t.test('a device that cannot cut datagrams: each leaves alone from then on', async (t) => {
  let stopped = 0;
  const eio = Object.assign(new Error('i/o error'), { code: 'EIO' });
  const socket = {
    send: (...args: [...unknown[], (error: Error) => void]) => (args.at(-1) as (error: Error) => void)(eio),
  };
  const sender = new SegmentedSender(socket as never, { segment: 100, stopSegmenting: () => stopped++ });
  const endpoint = makeEndpoint('10.0.0.1', PORT);
  const errors: Error[] = [];
  const onError = (error: Error) => {
    errors.push(error);
    sender.failed(error);
  };
  for (let i = 0; i < 3; i++) t.ok(sender.take(endpoint, Buffer.alloc(20), Buffer.alloc(80), onError));
  await Promise.resolve();
  t.same(errors, [eio, eio, eio], 'told of each that is lost');
  t.equal(stopped, 1);
  t.notOk(sender.take(endpoint, Buffer.alloc(20), Buffer.alloc(80), onError));
});

t.test('other errors change nothing', async (t) => {
  const sender = new SegmentedSender({ send: () => {} } as never, {
    segment: 100,
    stopSegmenting: () => t.fail('there is no reason'),
  });
  sender.failed(Object.assign(new Error('unreachable'), { code: 'ENETUNREACH' }));
  t.ok(sender.take(makeEndpoint('10.0.0.1', PORT), Buffer.alloc(20), Buffer.alloc(80), () => {}));
});

t.test('the length of the first datagram of a message', async (t) => {
  const { header, inner } = overlayDatagram(200, 1);
  const one = Buffer.concat([header, inner]);
  t.equal(datagramLength(one), 200);
  t.equal(datagramLength(Buffer.concat([one, one, one.subarray(0, 90)])), 200);
  t.equal(datagramLength(one.subarray(0, 150)), 150, 'one that was cut short');
  t.equal(datagramLength(one.subarray(0, 30)), 30, 'without the inner header');
  t.equal(datagramLength(Buffer.alloc(12)), 12, 'no overlay datagram');
  t.equal(datagramLength(Buffer.alloc(0)), 0);
});
