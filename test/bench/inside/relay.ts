/** Datagrams from one host to another through a third, without shaping: `relay.ts mrouter|mrouter-kernel|socat|kernel MS`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { programOf } from '../../../lab/nodes/programs.ts';
import { compile } from '../../../lab/plan/index.ts';
import { runBatches } from '../../../lab/sandbox/batches.ts';
import { applyPlan, enterSandbox } from '../../../lab/sandbox/index.ts';
import { loadTopology } from '../../../lab/topology/index.ts';
import { SourceDocument } from '../../../src/document/index.ts';
import { inNamespace } from '../../../src/kernel/index.ts';
import { Router } from '../../../src/mrouter/index.ts';
import { type ClusterMap, loadClusterMap, PROBE_PORT } from '../../../src/overlay/index.ts';
import { say } from './say.ts';
import { DATAGRAM } from './wire-size.ts';

const PORT = 8296;
/** How long what is on its way may take to arrive, and a program to start, ms. */
const SETTLING = 700;

const place = await enterSandbox();
if (!place.inside) process.exit(place.exitCode);
const [kind, duration] = process.argv.slice(2) as ['mrouter' | 'mrouter-kernel' | 'socat' | 'kernel', string];
const topology = loadTopology(
  `name: relay
zones:
  west: { hosts: { s: mrouter } }
  east: { hosts: { r: mrouter, d: mrouter } }
trunks: [{ between: [west, east] }]
overlay: { groups: { g: [s, r, d] } }
`,
  'relay.yaml',
);
const plan = compile(topology);
await applyPlan(plan, { exact: false });
const [s, r, d] = ['s', 'r', 'd'].map((name) => topology.hosts.find((host) => host.name === name)!.address);
const folder = await mkdtemp('/tmp/castlab-bench-');
const children: ChildProcess[] = [];

/** Starts a program on a host; its lines are what it has to say. */
function start(host: string, command: string, ...args: string[]): { child: ChildProcess; lines: Interface } {
  const child = inNamespace(host, () => spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
  children.push(child);
  return { child, lines: createInterface({ input: child.stdout! }) };
}
const inside = (name: string) => [
  '--import',
  import.meta.resolve('tsx'),
  fileURLToPath(new URL(`${name}.ts`, import.meta.url)),
];

/** The beginning of a datagram from `s` to `r` and `d`, as the MRouter of `s` sends it to `r`. */
function overlayDatagram(map: ClusterMap): string {
  const target = map.targetByName.get('s')!;
  let sent = Buffer.alloc(0);
  const sink = {
    transmit: (_: unknown, header: Uint8Array, inner: Uint8Array) => {
      sent = Buffer.concat([header, inner]);
    },
    deliver: () => true,
  };
  const self = { endpoint: target.endpoint, zone: target.zone.name, overlay: target.overlay };
  const router = new Router({ map, self, sink, helloInterval: 0 });
  const ports = { sourcePort: PROBE_PORT, destinationPort: PROBE_PORT };
  const outbound = router.route({ group: 'g', members: ['r', 'd'] }, { flow: 0, attempt: 1, ...ports }, 0);
  router.send(outbound, Buffer.alloc(outbound.maxPayload), 0);
  if (sent.length !== DATAGRAM) throw new Error(`${sent.length} bytes do not fill a packet`);
  return sent.toString('hex');
}

let to = r!;
let datagram = '';
const drain = start('d', process.execPath, ...inside('drain'), d!, String(PORT));
await once(drain.lines, 'line');
if (kind === 'mrouter' || kind === 'mrouter-kernel') {
  const file = join(folder, 'map.json');
  await writeFile(file, JSON.stringify(plan.clusterMap));
  const config = join(folder, 'r.json');
  // Without hellos every host counts as live: those of `s` and `d` are no MRouters here.
  const { config: planned } = plan.nodes.find(({ name }) => name === 'r')!;
  const sockets = kind === 'mrouter' ? 'dgram' : 'kernel';
  const own = { ...planned, events: undefined, sockets, map: file, hello: 0, control: join(folder, 'r.sock') };
  await writeFile(config, JSON.stringify(own));
  const [command, ...args] = programOf('mrouter', config)!;
  start('r', command, ...args);
  datagram = overlayDatagram(loadClusterMap(new SourceDocument(JSON.stringify(plan.clusterMap), file)));
} else if (kind === 'socat') {
  start('r', 'socat', '-b', '65536', `UDP4-RECV:${PORT}`, `UDP4-SENDTO:${d}:${PORT}`);
} else {
  to = d!;
  await runBatches([{ namespace: 'east', tool: 'ip', lines: [`route add ${d}/32 via ${r}`] }]);
  inNamespace('r', () =>
    spawn('sh', ['-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv4/conf/all/send_redirects']),
  );
}
await sleep(SETTLING);
const blast = start('s', process.execPath, ...inside('blast'), s!, to, String(PORT), duration, datagram);
await once(blast.child, 'exit');
await sleep(SETTLING);
const told = once(drain.lines, 'line');
drain.child.kill('SIGTERM');
const { bytes, ms } = JSON.parse((await told)[0] as string) as { bytes: number; ms: number };
say({ rate: (bytes * 8) / (ms / 1000) });
process.exit(0);
