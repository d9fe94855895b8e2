import * as fc from 'fast-check';
import t from 'tap';
import { Router, type RouterOptions } from '../../src/mrouter/index.ts';
import {
  type ClusterMap,
  datagramId,
  endpointOfKey,
  PROBE_PORT,
  parseMac,
  unicastAddress,
} from '../../src/overlay/index.ts';
import { clusters, randomFrom, runs } from '../support/overlay-arbitraries.ts';
import { networkOf } from '../support/overlay-checks.ts';
import { endpointOf, type SimulatedHost } from '../support/overlay-network.ts';

const isWanted = (inner: Uint8Array) => !Buffer.from(inner).includes('third');

/** A router in the place of `host` that writes down all that it does; `batches`: whether its sink takes many at once. */
function recorder(map: ClusterMap, host: SimulatedHost, batches: boolean) {
  const { endpoint, overlay } = map.targetByName.get(host.name)!;
  return recorderAs(map, { endpoint, zone: host.zone, overlay }, batches);
}

function recorderAs(map: ClusterMap, self: RouterOptions['self'], batches: boolean) {
  const copies: Record<string, string[]> = {};
  const delivered: string[] = [];
  const sent: string[] = [];
  let messages = 0;
  const take = (inner: Uint8Array) => {
    if (!isWanted(inner)) return false;
    delivered.push(Buffer.from(inner).toString('hex'));
    return true;
  };
  const note = (place: string, bytes: Uint8Array) => {
    copies[place] ??= [];
    copies[place].push(Buffer.from(bytes).toString('hex'));
  };
  const router = new Router({
    map,
    self,
    helloInterval: 0,
    sink: {
      transmit: (hop, header, inner) => {
        messages++;
        note(JSON.stringify('endpoint' in hop ? hop.endpoint : hop.zone.name), Buffer.concat([header, inner]));
      },
      ...(batches && {
        transmitBatch: (hop, { bytes, size }) => {
          messages++;
          for (let at = 0; at < bytes.length; at += size) {
            note(JSON.stringify('endpoint' in hop ? hop.endpoint : hop.zone.name), bytes.subarray(at, at + size));
          }
        },
        deliverBatch: ({ bytes, size }, headerBytes) => {
          const inners = Array.from({ length: bytes.length / size }, (_, i) =>
            bytes.subarray(i * size + headerBytes, (i + 1) * size),
          );
          // All or none of them.
          return inners.every(isWanted) && inners.every(take);
        },
      }),
      deliver: take,
      sent: (inner, origin) => void sent.push(`${datagramId(inner)} ${JSON.stringify(origin)}`),
    },
  });
  const seen = () => ({ copies, delivered, sent, counters: router.counters });
  return { router, seen, messages: () => messages };
}

t.test('many at once: the same copies, deliveries and counts as one after another, in fewer messages', async (t) => {
  let saved = 0;
  let taken = 0;
  fc.assert(
    fc.property(
      clusters(24, { tunnelShare: fc.constant(0), nativeShare: fc.constantFrom(0, 0.7) }),
      fc.array(
        fc.record({
          which: fc.nat(),
          changed: fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat() }),
        }),
        {
          minLength: 20,
          maxLength: 40,
        },
      ),
      fc.boolean(),
      (cluster, choice, shorten) => {
        const { net, sender } = networkOf(cluster);
        for (const text of ['first', 'other', 'third'])
          net.send(sender.name, 'g', cluster.to, { flow: cluster.flow, text });
        const random = randomFrom(cluster.flow);
        const relays = net.carried.filter(({ to }) => net.carried.some(({ from }) => from === to));
        const candidates = relays.length > 0 ? relays : net.carried;
        const some = candidates[Math.floor(random() * candidates.length)];
        if (!some) return;
        const pool = net.carried
          .filter(({ from, to }) => from === some.from && to === some.to)
          .map(({ bytes }) => bytes);
        const size = pool[0]!.length;
        const datagrams = choice.map(({ which, changed }) => {
          const bytes = Buffer.from(pool[which % pool.length]!);
          if (changed !== null) bytes[changed % size]! ^= 1 << (changed % 8);
          return bytes;
        });
        if (shorten) datagrams[datagrams.length - 1] = datagrams.at(-1)!.subarray(0, size - 3);
        const single = recorder(cluster.map, some.to, false);
        const many = recorder(cluster.map, some.to, true);
        const from = endpointOf(some.from);
        for (const datagram of datagrams) single.router.receive(Buffer.from(datagram), from, net.now, some.tunnel);
        many.router.receiveBatch({ bytes: Buffer.concat(datagrams), size }, from, net.now, some.tunnel);
        const [one, all] = [single.seen(), many.seen()];
        t.strictSame(all, one);
        saved += single.messages() - many.messages();
        if (some.tunnel === 'native') taken += one.delivered.length;
      },
    ),
    runs(200),
  );
  t.ok(saved > 50, `${saved} messages saved`);
  t.ok(taken > 0, `${taken} deliveries of native frames`);
});

t.test('many handed in at once: the same copies, deliveries and counts as one after another', async (t) => {
  let copies = 0;
  let own = 0;
  fc.assert(
    fc.property(
      clusters(24, { tunnelShare: fc.constantFrom(0, 0.5), nativeShare: fc.constantFrom(0, 0.7) }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 300 }),
      (cluster, count, length) => {
        const { map, flow, to } = cluster;
        const { net, sender } = networkOf(cluster);
        const target = map.targetByName.get(sender.name);
        const self = {
          endpoint: target?.endpoint ?? endpointOfKey(endpointOf(sender)),
          zone: sender.zone,
          overlay: target?.overlay ?? unicastAddress(map.prefix, parseMac('02:ff:00:00:00:01')!),
        };
        const random = randomFrom(flow);
        const payloads = Array.from({ length: count }, () => Buffer.from(Array.from({ length }, () => random() * 256)));
        const [single, many] = [recorderAs(map, self, false), recorderAs(map, self, true)];
        const options = { flow, attempt: 1, sourcePort: PROBE_PORT, destinationPort: PROBE_PORT };
        const route = ({ router }: typeof single) => router.route({ group: 'g', members: to }, options, net.now);
        const outbound = route(single);
        for (const payload of payloads) single.router.send(outbound, payload, net.now);
        const write = (i: number, into: Uint8Array, at: number) => into.set(payloads[i]!, at);
        many.router.sendMany(route(many), count, length, write, net.now);
        // Where a group has several sets, those of one set leave together.
        for (const { seen } of [single, many]) {
          seen().sent.sort();
          seen().delivered.sort();
          for (const list of Object.values(seen().copies)) list.sort();
        }
        t.strictSame(many.seen(), single.seen());
        copies += Object.keys(single.seen().copies).length;
        own += single.seen().delivered.length;
      },
    ),
    runs(100),
  );
  t.ok(copies > 100, `${copies} ways`);
  t.ok(own > 0, `${own} deliveries to who sent it`);
});
