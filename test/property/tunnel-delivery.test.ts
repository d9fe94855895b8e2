import * as fc from 'fast-check';
import t from 'tap';
import { BierHeader, decodeHeader } from '../../src/bier/index.ts';
import { isHello } from '../../src/mrouter/index.ts';
import { endpointKey, PROBE_PORT, parseIpv4 } from '../../src/overlay/index.ts';
import { clusters, type RandomCluster, randomFrom, runs } from '../support/overlay-arbitraries.ts';
import { addressed, checkDelivered, checkDrops, networkOf, sorted } from '../support/overlay-checks.ts';
import type { OverlayNetwork, SimulatedHost } from '../support/overlay-network.ts';

const tunnelled = (most: number) =>
  clusters(most, {
    tunnelShare: fc.constantFrom(0.1, 0.4, 0.7, 1),
    nativeShare: fc.constantFrom(0, 0, 0.3, 1),
  });

/** What joins two zones. */
function kindBetween({ map }: RandomCluster, a: string, b: string): string {
  const found = map.tunnels.find(
    ({ dialler, listener }) => [a, b].sort().join() === [dialler.name, listener.name].sort().join(),
  );
  return found?.kind ?? 'udp';
}

const data = (net: OverlayNetwork) => net.carried.filter(({ bytes }) => !isHello(bytes));

/** What holds for every datagram, however it was carried. */
function checkCarried(cluster: RandomCluster, net: OverlayNetwork): void {
  const zoneOf = new Map(cluster.map.targets.map((target) => [target.name, target.zone.name]));
  const entrusted = new Set<string>();
  for (const datagram of data(net)) {
    const { from, to, tunnel, zones } = datagram;
    const names = addressed(cluster, datagram);
    const crossed = zones.filter((zone, i) => i === 0 || zone !== zones[i - 1]);
    if (new Set(crossed).size !== crossed.length) throw new Error(`returned to a zone: ${zones.join(' > ')}`);
    if (from.zone !== to.zone) {
      const kind = kindBetween(cluster, from.zone, to.zone);
      if (tunnel !== kind) throw new Error(`${from.zone} > ${to.zone} over ${tunnel}, not ${kind}`);
      if (kind === 'udp' && !names.includes(to.name)) throw new Error(`${to.name} got a copy without its bit`);
    } else if (tunnel === 'native') {
      if (!cluster.map.zoneByName.get(to.zone)!.native) throw new Error('multicast in a zone without');
      if (names.some((name) => zoneOf.get(name) !== to.zone)) throw new Error('multicast with bits of another zone');
      continue;
    } else {
      // Inside a zone: a terminal copy, or what an owner is to send over connections of its own, whose own bit may ride along.
      const foreign = names.filter((name) => zoneOf.get(name) !== to.zone);
      if (names.some((name) => name !== to.name && zoneOf.get(name) === to.zone)) throw new Error('not terminal');
      const owned = to.router.connections.filter((connection) => connection.owned);
      if (foreign.length > 0 && owned.length === 0) throw new Error(`${to.name} owns nothing`);
    }
    for (const name of names) {
      const key = `${from.name} ${name}`;
      if (entrusted.has(key)) throw new Error(`${name} is in two copies from ${from.name}`);
      entrusted.add(key);
    }
  }
}

/** Every target that got a request answers: through owners where the initiator's zone is behind a connection. */
function checkReplies(cluster: RandomCluster, net: OverlayNetwork, sender: SimulatedHost): void {
  net.clear();
  const { address } = sender.router.status(0);
  const ports = { sourcePort: PROBE_PORT, destinationPort: PROBE_PORT };
  for (const name of cluster.to) {
    const { router } = net.host(name);
    router.send(router.route({ address }, { flow: 1, attempt: 1, ...ports }, net.now), Buffer.from(name), net.now);
    net.run();
  }
  if (sender.delivered.length !== cluster.to.length) throw new Error(`${sender.delivered.length} replies`);
  for (const { from, to, tunnel } of data(net)) {
    if (from.zone !== to.zone && tunnel !== kindBetween(cluster, from.zone, to.zone)) throw new Error('another way');
  }
}

t.test('with connections between zones and multicast inside, all still get it exactly once, and answer', async () => {
  fc.assert(
    fc.property(tunnelled(120), fc.integer({ min: 1, max: 20 }), (cluster, attempt) => {
      const { net, sender } = networkOf(cluster);
      net.send(sender.name, 'g', cluster.to, { flow: cluster.flow, attempt });
      checkDelivered(net, cluster.to);
      checkCarried(cluster, net);
      checkReplies(cluster, net, sender);
      checkDrops(net);
    }),
    runs(60),
  );
});

t.test('when owners and others die, their successors carry on, as soon as hellos have told', async () => {
  fc.assert(
    fc.property(tunnelled(24), (cluster) => {
      const { net, sender } = networkOf(cluster, 200);
      // Who can still own the end of a connection: one target of each zone stays.
      const kept = new Set(cluster.map.zones.map((zone) => cluster.map.targets.find((one) => one.zone === zone)?.name));
      const down = new Set([...cluster.down].filter((name) => !kept.has(name)));
      net.tick(3);
      for (const name of down) net.host(name).up = false;
      net.tick(10);
      net.clear();
      net.send(sender.name, 'g', cluster.to, { flow: cluster.flow });
      checkDelivered(
        net,
        cluster.to.filter((name) => !down.has(name)),
      );
      checkCarried(cluster, net);
      checkDrops(net);
      for (const host of net.hosts.values()) {
        const dead = host.up ? sorted(host.router.status(0).dead) : sorted(down);
        if (dead !== sorted(down)) throw new Error(`${host.name} takes ${dead} for dead, not ${sorted(down)}`);
      }
    }),
    runs(40),
  );
});

t.test('with lost hops and retries to the missing, nobody delivers twice and in the end all have it', async () => {
  fc.assert(
    fc.property(tunnelled(60), fc.constantFrom(0.05, 0.3, 0.9), fc.integer(), (cluster, loss, seed) => {
      const { net, sender } = networkOf(cluster);
      const random = randomFrom(seed);
      const got: string[] = [];
      for (let attempt = 1; got.length < cluster.to.length; attempt++) {
        net.clear();
        const missing = cluster.to.filter((name) => !got.includes(name));
        const lose = () => attempt < 10 && random() < loss;
        net.send(sender.name, 'g', missing, { flow: cluster.flow, attempt, lose });
        for (const { host } of net.deliveries) {
          if (!missing.includes(host)) throw new Error(`${host} got it again, or without being addressed`);
          got.push(host);
        }
      }
      checkDrops(net);
      return new Set(got).size === cluster.to.length;
    }),
    runs(40),
  );
});

t.test('whatever bits a host of the own zone sets, an owner sends them over its connections or nowhere', async () => {
  fc.assert(
    fc.property(tunnelled(30), fc.infiniteStream(fc.integer({ min: 0, max: 255 })), (cluster, noise) => {
      const { net, sender } = networkOf(cluster);
      net.send(sender.name, 'g', cluster.to, { flow: cluster.flow });
      const sample = data(net).find(({ from, to, tunnel }) => from.zone === to.zone && tunnel === 'udp');
      if (!sample) return;
      const bytes = Buffer.from(sample.bytes);
      const header = new BierHeader();
      decodeHeader(bytes, header);
      const { members } = cluster.map.setByBiftId.get(header.biftId)!;
      for (let bit = 0; bit < members.length; bit++) {
        if (noise.next().value & 1) bytes[header.length - 1 - (bit >>> 3)]! |= 1 << (bit & 7);
      }
      const zone = cluster.map.zoneByName.get(sample.to.zone)!;
      net.clear();
      net.inject(sample.to.name, bytes, endpointKey(parseIpv4(`10.${zone.index + 1}.200.1`)!, cluster.map.port));
      net.clear();
      const friend = cluster.map.targets.find((one) => one.zone === zone && one.name !== sample.to.name);
      if (!friend) return;
      net.inject(sample.to.name, bytes, friend.endpoint.key);
      const onward = data(net).filter(({ from }) => from === sample.to);
      if (onward.some(({ tunnel }) => tunnel === 'udp' || tunnel === 'native'))
        throw new Error('sent on, not over a connection');
      checkDelivered(net, [...new Set(net.deliveries.map(({ host }) => host))]);
    }),
    runs(60),
  );
});
