import * as fc from 'fast-check';
import t from 'tap';
import { clusters, type RandomCluster, randomFrom, runs } from '../support/overlay-arbitraries.ts';
import { addressed, checkDelivered, checkDrops, networkOf, sorted } from '../support/overlay-checks.ts';
import type { OverlayNetwork } from '../support/overlay-network.ts';

/** What holds for all datagrams that were carried: hops bounded, no zone twice, each name in at most one copy from each host. */
function checkCarried(cluster: RandomCluster, net: OverlayNetwork): void {
  const entrusted = new Set<string>();
  const data = net.carried.filter(({ bytes }) => bytes.length > 12);
  for (const datagram of data) {
    const { from, to, zones } = datagram;
    // Zones along the way, the last step inside a zone aside: the relay's terminal copies.
    const crossed = zones.filter((zone, i) => i === 0 || zone !== zones[i - 1]);
    if (new Set(crossed).size !== crossed.length) throw new Error(`returned to a zone: ${zones.join(' > ')}`);
    if (zones.length - 1 > cluster.map.zones.length + 1) throw new Error(`${zones.length - 1} hops`);
    const names = addressed(cluster, datagram);
    if (!names.includes(to.name)) throw new Error(`${to.name} got a copy without its bit`);
    const sameZone = from.zone === to.zone;
    if (sameZone && names.length !== 1) throw new Error('a copy inside a zone is not terminal');
    for (const name of names) {
      const key = `${from.name} ${name}`;
      if (entrusted.has(key)) throw new Error(`${name} is in two copies from ${from.name}`);
      entrusted.add(key);
    }
  }
}

t.test('every addressed target gets it exactly once, nobody else, in few hops, no zone twice', async () => {
  fc.assert(
    fc.property(clusters(256), fc.integer({ min: 1, max: 20 }), (cluster, attempt) => {
      const { net, sender } = networkOf(cluster);
      net.send(sender.name, 'g', cluster.to, { flow: cluster.flow, attempt });
      checkDelivered(net, cluster.to);
      checkCarried(cluster, net);
      checkDrops(net);
      return net.carried.length === cluster.to.filter((name) => name !== sender.name).length;
    }),
    runs(60),
  );
});

t.test('with some targets down, everybody else gets it exactly once, as soon as hellos have told', async () => {
  fc.assert(
    fc.property(clusters(24), (cluster) => {
      const { net, sender } = networkOf(cluster, 200);
      for (const name of cluster.down) net.host(name).up = false;
      net.tick(5);
      net.clear();
      net.send(sender.name, 'g', cluster.to, { flow: cluster.flow });
      const got = sorted(net.deliveries.map(({ host }) => host));
      const wanted = sorted(cluster.to.filter((name) => !cluster.down.has(name)));
      if (got !== wanted) throw new Error(`wanted ${wanted}, got ${got}; down: ${sorted(cluster.down)}`);
      checkCarried(cluster, net);
      checkDrops(net);
    }),
    runs(40),
  );
});

t.test('with lost hops and retries to the missing, nobody delivers twice and in the end all have it', async () => {
  fc.assert(
    fc.property(clusters(100), fc.constantFrom(0.05, 0.2, 0.5, 0.9), fc.integer(), (cluster, loss, seed) => {
      const { net, sender } = networkOf(cluster);
      const random = randomFrom(seed);
      const got: string[] = [];
      for (let attempt = 1; got.length < cluster.to.length; attempt++) {
        net.clear();
        const missing = cluster.to.filter((name) => !got.includes(name));
        // An end to losses at the tenth try.
        net.send(sender.name, 'g', missing, {
          flow: cluster.flow,
          attempt,
          lose: () => attempt < 10 && random() < loss,
        });
        checkCarried(cluster, net);
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
