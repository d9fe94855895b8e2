import * as fc from 'fast-check';
import t from 'tap';
import { isHello } from '../../src/mrouter/index.ts';
import { runs } from '../support/overlay-arbitraries.ts';
import { mapOf } from '../support/overlay-maps.ts';
import { endpointOf, OverlayNetwork } from '../support/overlay-network.ts';

const zones = { hub: ['t1', 't2'], east: ['t3', 't4', 't5'], west: ['t6', 't7'] };

function network(): OverlayNetwork {
  const net = new OverlayNetwork(mapOf({ zones, vias: ['hub west east'] }));
  net.addInitiator('i1', 'hub', '10.1.9.9');
  return net;
}

const totalDrops = (net: OverlayNetwork) =>
  [...net.hosts.values()].flatMap((host) => Object.values(host.router.counters.dropped)).reduce((a, b) => a + b, 0);

t.test('random bytes: no exception, no delivery, no copy, each counted under a name', async () => {
  const net = network();
  const senders = ['t1', 't6', 'i1'].map((name) => endpointOf(net.host(name)));
  const from = fc.oneof(fc.constantFrom(...senders), fc.integer({ min: 0, max: 2 ** 48 - 1 }));
  // Bytes that look like a header get further than bytes that do not.
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    fc.uint8Array({ minLength: 20, maxLength: 120 }).map((random) => {
      const { biftId } = net.map.groups[0]!.sets[0]!;
      random.set([
        biftId >>> 12,
        (biftId >>> 4) & 0xff,
        ((biftId << 4) & 0xf0) | 1,
        8,
        0x50,
        0x10 | (random[5]! & 0xf),
      ]);
      if (random.length >= 60) random.set([0x60, 0, 0, 0, 0, random.length - 60], 20);
      return random;
    }),
    fc.uint8Array({ minLength: 5, maxLength: 14 }).map((random) => random.fill(0x10, 4, 5)),
  );
  fc.assert(
    fc.property(bytes, from, fc.constantFrom('t3', 'i1'), (datagram, sender, to) => {
      const before = totalDrops(net);
      const { hellosReceived } = net.host(to).router.counters;
      net.clear();
      net.inject(to, datagram, sender);
      if (net.deliveries.length > 0) throw new Error('delivered');
      const dropped = totalDrops(net) - before;
      if (dropped === 0 && isHello(datagram)) return net.host(to).router.counters.hellosReceived === hellosReceived + 1;
      return dropped === 1 && net.carried.length === 0;
    }),
    runs(3000),
  );
});

t.test('mutated datagrams: nobody gets anything but what was sent to him, once; the rest is counted', async () => {
  const net = network();
  const to = ['t3', 't5', 't7'];
  net.send('i1', 'g', to, { text: 'a payload to protect' });
  const sample = net.carried.find(({ from }) => from.name === 'i1')!;
  const relay = sample.to.name;
  const initiator = endpointOf(net.host('i1'));
  const at = fc.nat({ max: sample.bytes.length - 1 });
  const mutation = fc.oneof(
    // The UDP checksum is sure to find one changed byte, and a header has none: there any number may change.
    fc.record({ kind: fc.constant('flip' as const), at, mask: fc.integer({ min: 1, max: 255 }) }),
    fc.record({
      kind: fc.constant('header' as const),
      bytes: fc.uint8Array({ minLength: 20, maxLength: 20 }),
      mask: fc.uint8Array({ minLength: 20, maxLength: 20 }),
    }),
    fc.record({ kind: fc.constant('bits' as const), bits: fc.nat({ max: 127 }) }),
    fc.record({ kind: fc.constant('cut' as const), at }),
    fc.record({ kind: fc.constant('grow' as const), more: fc.uint8Array({ minLength: 1, maxLength: 50 }) }),
  );
  fc.assert(
    fc.property(mutation, (change) => {
      let bytes = Buffer.from(sample.bytes);
      if (change.kind === 'flip') bytes[change.at]! ^= change.mask;
      if (change.kind === 'bits') bytes[19] = change.bits;
      if (change.kind === 'cut') bytes = bytes.subarray(0, change.at);
      if (change.kind === 'grow') bytes = Buffer.concat([bytes, change.more]);
      if (change.kind === 'header') {
        for (let i = 0; i < 20; i++) bytes[i] = (bytes[i]! & ~change.mask[i]!) | (change.bytes[i]! & change.mask[i]!);
      }
      const before = totalDrops(net);
      net.clear();
      net.inject(relay, bytes, initiator);
      const got = net.deliveries.map(({ host }) => host);
      if (new Set(got).size !== got.length) throw new Error('delivered twice');
      for (const { host, payload } of net.deliveries) {
        if (!to.includes(host)) throw new Error(`delivered to ${host}`);
        if (Buffer.from(payload).toString() !== 'a payload to protect') throw new Error('delivered other bytes');
      }
      return got.length > 0 || totalDrops(net) > before || isHello(bytes);
    }),
    runs(1500),
  );
});
