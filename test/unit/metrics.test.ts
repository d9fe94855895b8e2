/** Prometheus text: its form, what it says of a node, and the two ways to get it. */
import { createServer } from 'node:net';
import t from 'tap';
import { MRouter, readConfig } from '../../src/daemon/index.ts';
import { METRICS_CONTENT_TYPE, metricsText, renderMetrics } from '../../src/daemon/metrics.ts';
import { MetricsServer } from '../../src/daemon/metrics-server.ts';
import { nodeOperations } from '../../src/daemon/operations.ts';
import { DROP_REASONS } from '../../src/overlay/index.ts';
import { loopbackCluster, until } from '../support/overlay-loopback.ts';

/** Samples by name and labels; throws on a line that is none of the format's. */
function parse(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  const typed = new Set<string>();
  for (const line of text.split('\n').slice(0, -1)) {
    const type = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line);
    if (type) {
      if (type[1] === 'TYPE') typed.add(type[2]!);
      continue;
    }
    const sample = /^([a-z_]+)(\{([a-z_]+="([^"\\]|\\["\\n])*",?)+\})? ([0-9.e+-]+)$/.exec(line);
    if (!sample || !typed.has(sample[1]!)) throw new Error(`no sample of a known metric: ${line}`);
    const key = `${sample[1]}${sample[2] ?? ''}`;
    if (samples.has(key)) throw new Error(`twice: ${key}`);
    samples.set(key, Number(sample[5]));
  }
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  return samples;
}

t.test('the text format', async (t) => {
  const labels = { reason: 'a "b"\\c\nd', other: 'x' };
  t.equal(
    renderMetrics([
      {
        name: 'a_total',
        type: 'counter',
        help: 'Back\\slash\nand line.',
        samples: [{ value: 3 }, { value: 1.5, labels }],
      },
      { name: 'b', type: 'gauge', help: 'None.', samples: [] },
    ]),
    [
      '# HELP a_total Back\\\\slash\\nand line.',
      '# TYPE a_total counter',
      'a_total 3',
      'a_total{reason="a \\"b\\"\\\\c\\nd",other="x"} 1.5',
      '# HELP b None.',
      '# TYPE b gauge',
      '',
    ].join('\n'),
  );
});

t.test('what a node says of itself', async (t) => {
  const cluster = loopbackCluster(t);
  cluster.writeMap();
  const open = (name: string) => MRouter.open(readConfig(cluster.writeConfig(name, { hello: 20 })));
  const [a1, i1] = [await open('a1'), await open('i1')];
  t.teardown(() => Promise.all([a1.close(), i1.close()]));
  i1.onDatagram(() => {});
  a1.onDatagram(() => {});
  for (let i = 0; i < 3; i++)
    i1.route({ group: 'g', members: ['a1'] }, { flow: 1, attempt: 1 }).send(Buffer.from(`${i}`));
  i1.socket(9999)
    .route({ group: 'g', members: ['a1'] }, { flow: 1, attempt: 1 })
    .send(Buffer.from('nobody listens'));
  await until(() => a1.counters.received === 4 && a1.status.dead.length === 3);

  const text = metricsText(a1);
  t.equal(String(nodeOperations(a1)['metrics']!({})).split('\n')[0], text.split('\n')[0]);
  const samples = parse(text);
  const info = [...samples.keys()].find((key) => key.startsWith('mrouter_info'))!;
  t.match(
    info,
    /node="a1",role="target",zone="a",tunnel="udp",address="fd63:[^"]*",underlay="127[^"]*",map_digest="\w{8}"/,
  );
  t.equal(samples.get('mrouter_received_datagrams_total'), 4);
  t.equal(samples.get('mrouter_delivered_datagrams_total'), 3);
  for (const reason of DROP_REASONS) {
    const dropped = samples.get(`mrouter_dropped_datagrams_total{reason="${reason}"}`);
    t.equal(dropped, reason === 'no-application' ? 1 : 0, reason);
  }
  t.equal(samples.get('mrouter_target_up{target="a1",zone="a"}'), 1);
  t.equal(samples.get('mrouter_target_up{target="b2",zone="b"}'), 0);
  t.equal(samples.get('mrouter_target_other_map{target="b2",zone="b"}'), 0);
  t.equal(samples.get('mrouter_learned_initiators'), 1);
  t.ok(samples.get('mrouter_hellos_sent_total')! > 0);
  t.ok(samples.get('process_resident_memory_bytes')! > 1e6);
  const started = Date.now() / 1000 - samples.get('process_start_time_seconds')!;
  t.ok(started >= -1 && started < 600, `started ${started} s ago`);
  t.notOk(text.includes('mrouter_gateway'), 'no gateway, no word of one');
});

t.test('a gateway has metrics too', async (t) => {
  const cluster = loopbackCluster(t);
  cluster.writeMap();
  const a1 = await MRouter.open(readConfig(cluster.writeConfig('a1')));
  t.teardown(() => a1.close());
  const gateway = { interface: 'castl0', mtu: 1452, sent: 1, received: 2, ignored: 3, errors: 4 };
  const samples = parse(
    metricsText({ map: a1.map, counters: a1.counters, isLive: () => true, status: { ...a1.status, gateway } }),
  );
  t.equal(samples.get('mrouter_gateway_mtu_bytes{interface="castl0"}'), 1452);
  t.same(
    ['sent_packets', 'received_packets', 'ignored_packets', 'errors'].map((name) =>
      samples.get(`mrouter_gateway_${name}_total`),
    ),
    [1, 2, 3, 4],
  );
});

t.test('by HTTP', async (t) => {
  let calls = 0;
  // A port that was free a moment ago.
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  const server = await MetricsServer.open('127.0.0.1', port, () => `calls ${++calls}\n`);
  const url = `http://127.0.0.1:${port}`;
  for (const expected of ['calls 1\n', 'calls 2\n']) {
    const response = await fetch(`${url}/metrics`);
    t.equal(response.status, 200);
    t.equal(response.headers.get('content-type'), METRICS_CONTENT_TYPE);
    t.equal(await response.text(), expected, 'made when asked for');
  }
  t.equal((await fetch(`${url}/`)).status, 404);
  t.equal((await fetch(`${url}/metrics`, { method: 'POST' })).status, 405);
  await t.rejects(
    MetricsServer.open('127.0.0.1', port, () => ''),
    /EADDRINUSE/,
  );
  await server.close();
  await t.rejects(fetch(`${url}/metrics`), 'closed, connections kept alive too');
});
