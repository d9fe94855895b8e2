/** Connections between zones in a real network: nodes as they are shipped, over links that are cut, and with strangers. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Authority } from '../../lab/nodes/certificates.ts';
import type { NodeEvent } from '../../lab/observe/evidence.ts';
import { compile } from '../../lab/plan/index.ts';
import { loadTopology, macOf } from '../../lab/topology/index.ts';
import { pointAbout, root, runTopologies, temporaryFolder } from './castlab.ts';

const readEvents = (folder: string) =>
  readFileSync(join(folder, 'events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as NodeEvent);

const failures = (points: readonly { title: string; outcome: string; summary?: string | undefined }[]) =>
  points.filter(({ outcome }) => outcome === 'fail').map(({ title, summary }) => `${title}: ${summary}`);

t.test('tcp-tunnel: cut for 2 s, back within 1 s, no more kept than its queue', async (t) => {
  const { results } = await runTopologies(t, 'topologies/tcp-tunnel.yaml');
  const result = results[0]!;
  t.same(failures(result.points), []);
  t.match(pointAbout(result, 'wait for 2 × connected')?.summary, /2 of 2/);
  const events = readEvents(result.folder);
  // Each end has said so before the sending begins; a busy machine may have lost the connection at other times, too.
  const cuts = events
    .filter(({ event }) => event === 'disconnected')
    .map(({ t: since }) => {
      const back = events.find(({ event, t: at }) => event === 'connected' && at > since)?.t ?? since;
      const sent = events.filter(
        ({ event, bytes, t: at }) => event === 'sent' && bytes === 1000 && at > since && at < back,
      );
      return { since, back, during: new Set(sent.map(({ id }) => id)) };
    });
  const { since, back, during } = cuts.sort((a, b) => b.during.size - a.during.size)[0]!;
  t.equal(during.size, 400, 'datagrams that were sent during the cut');
  const kept = new Set(
    events.filter(({ event, id, t: at }) => event === 'delivered' && during.has(id) && at > back).map(({ id }) => id),
  );
  // 128 KiB, and each datagram of 1000 bytes takes 1000 + 48 + 20 + 2, with an announce 16 more.
  t.ok(kept.size > 0 && kept.size <= Math.floor((128 << 10) / 1070), `${kept.size} came through afterwards`);
  const dropped = events.filter(
    ({ event, reason, t: at }) => event === 'dropped' && reason === 'send-queue-full' && at >= since,
  );
  t.ok(
    dropped.reduce((sum, { count }) => sum + (count as number), 0) >= 400 - kept.size,
    'and those that did not are counted as dropped',
  );
});

/** A host whose MRouter is a real one, with a certificate that another authority has signed. */
const withStranger = (config: string) => `name: tls-stranger
defaults: { edge: { rate: 100mbit }, trunk: { rate: 50mbit } }
zones:
  home: { hosts: { t1: target } }
  away: { hosts: { bad: { role: target, run: [${process.execPath}, ${join(root, 'dist/mrouter.js')}, run, --config, ${config}] } } }
trunks: [{ between: [home, away] }]
overlay:
  tunnels: [{ between: [away, home], kind: tls }]
scenario:
  - wait-for: { counter: connectionsRefused, node: t1, at-least: 2 }
  - run: { node: bad, command: [${process.execPath}, ${config}.send.cjs], within: 10s }
  - wait-for: { counter: connectionsRefused, node: t1, at-least: 5 }
expect:
  - counters: { name: delivered, node: t1, exactly: 0 }
  - counters: { name: received, node: t1, exactly: 0 }
  - counters: { name: connectionsMade, node: t1, exactly: 0 }
`;

t.test('a peer with a certificate of another authority is refused, and nothing it sends is delivered', async (t) => {
  const folder = temporaryFolder(t);
  const config = join(folder, 'bad.json');
  const text = withStranger(config);
  const plan = compile(loadTopology(text, 'stranger.yaml'));
  const { address } = plan.topology.hosts.find(({ name }) => name === 'bad')!;
  const authority = new Authority('stranger');
  const { key, cert } = authority.issue({ name: 'bad', address });
  mkdirSync(folder, { recursive: true });
  const write = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const tls = { key: write('key.pem', key), cert: write('cert.pem', cert), ca: write('ca.pem', authority.cert) };
  const map = write('map.json', JSON.stringify(plan.clusterMap));
  const control = join(folder, 'bad.sock');
  const node = { name: 'bad', role: 'target', map, zone: 'away', underlay: address, mac: macOf(address), control, tls };
  write('bad.json', JSON.stringify({ ...node, log: { file: join(folder, 'bad.jsonl') } }));
  const request = JSON.stringify({ id: 1, op: 'send', group: 'ng1', to: ['t1'], size: 500, count: 50 });
  write(
    'bad.json.send.cjs',
    `const socket = require('node:net').connect(${JSON.stringify(control)});
     socket.write(${JSON.stringify(`${request}\n`)});
     socket.once('data', (answer) => { socket.end(); process.exitCode = JSON.parse(answer).ok ? 0 : 1; });`,
  );
  const { results } = await runTopologies(t, text);
  t.same(failures(results[0]!.points), []);
  const log = readFileSync(join(results[0]!.folder, 'logs/t1.jsonl'), 'utf8');
  t.match(log, new RegExp(`"address":"${address.replaceAll('.', '\\.')}","reason":"[^"]+","msg":"connection-refused"`));
});
