/**
 * A file from one host to three in another zone, over a trunk of 1 Gbit/s or without any shaping: `replicate.ts castlab|socat|udpcast|uftp MTU
 * shaped|free BYTES`. Says how long it took until every byte was there (ms), and what crossed the trunk for each byte of the file.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa, type ResultPromise } from 'execa';
import { compile } from '../../../lab/plan/index.ts';
import { Lab } from '../../../lab/run/lab.ts';
import { runBatches } from '../../../lab/sandbox/batches.ts';
import { applyPlan, enterSandbox } from '../../../lab/sandbox/index.ts';
import { loadTopology } from '../../../lab/topology/index.ts';
import { inNamespace, monotonicNow } from '../../../src/kernel/index.ts';
import { GeneratedContent } from '../../../src/replicast/index.ts';
import { say } from './say.ts';

/** Bytes of a block of uftp at most. */
const UFTP_BLOCK_LIMIT = 8800;

type Kind = 'castlab' | 'socat' | 'udpcast' | 'uftp';

const place = await enterSandbox();
if (!place.inside) process.exit(place.exitCode);
const [kind, mtu, shaping, bytes] = process.argv.slice(2) as [Kind, string, 'shaped' | 'free', string];
const size = Number(bytes);
/** Programs that send to a group of the underlay need one network; the others work over two, each with its gateway. */
const flat = kind === 'udpcast' || kind === 'uftp';
const rate = (text: string) => (shaping === 'shaped' ? `, rate: ${text}` : '');
const receivers = ['t1', 't2', 't3'];
const zones = flat
  ? 'one: { switches: { west: [i1], east: [t1, t2, t3] }, hosts: { i1: none, t1: none, t2: none, t3: none } }'
  : `west: { hosts: { i1: ${kind === 'castlab' ? 'initiator' : 'none'} } }
  east: { native: true, hosts: { ${receivers.map((name) => `${name}: ${kind === 'castlab' ? 'target' : 'none'}`).join(', ')} } }`;
const topology = loadTopology(
  `name: replicate
defaults: { edge: { mtu: ${mtu}${rate('10gbit')} }, trunk: { mtu: ${mtu}${rate('1gbit')} } }
zones:
  ${zones}
trunks: [{ between: [west, east] }]
overlay: { chunk-size: 1MiB, capacity: ${shaping === 'shaped' ? '1gbit' : '20gbit'} }
`,
  'replicate.yaml',
);
const plan = compile(topology);
// Targets may use all of the trunk but the 5% that are left for control.
for (const { config } of plan.nodes) config['replicast'] = { ...(config['replicast'] as object), solicitedShare: 0.95 };
await applyPlan(plan, { exact: false });
if (flat) await floodMulticast();

const folder = await mkdtemp('/dev/shm/castlab-bench-');
const source = join(folder, 'source');
await writeFile(source, new GeneratedContent(1).next(size));
const wanted = await hashOf(source);
let before = trunkBytes();
const contenders = { castlab, socat, udpcast, uftp };
const time = await contenders[kind]();
say({ time, 'trunk-bytes': (trunkBytes() - before) / size, floor: shaping === 'shaped' ? (size * 8) / 1e6 : 0 });
await rm(folder, { recursive: true });
process.exit(0);

/**
 * The product: as chunks of 1 MiB, three replicas of each, verified and stored before they are acknowledged. Its programs run for long, so
 * another object of that size comes first: JavaScript is slow until it has been compiled.
 */
async function castlab(): Promise<number> {
  const lab = new Lab(plan, { folder: join(folder, 'lab'), datagramEvents: false });
  await mkdir(join(folder, 'lab'));
  await lab.start();
  await lab.node('i1').request('put', { generate: { size, seed: 2 }, replicas: 3 });
  before = trunkBytes();
  const began = monotonicNow();
  const answer = (await lab.node('i1').request('put', { file: source, replicas: 3 })) as {
    chunks: { replicas: string[] }[];
  };
  const took = monotonicNow() - began;
  if (answer.chunks.some(({ replicas }) => replicas.length < 3)) throw new Error('not three replicas of each chunk');
  await lab.stop();
  return took;
}

/** Three TCP streams side by side. */
async function socat(): Promise<number> {
  const files = receivers.map((name) => join(folder, name));
  const port = 9000;
  const listening = receivers.map((name, i) =>
    start(name, 'socat', '-u', '-b', '262144', `TCP-LISTEN:${port}`, `CREATE:${files[i]}`),
  );
  await sleep(300);
  const began = monotonicNow();
  for (const name of receivers)
    start('i1', 'socat', '-u', '-b', '262144', `FILE:${source}`, `TCP:${addressOf(name)}:${port}`);
  await Promise.all(listening);
  const took = monotonicNow() - began;
  await verify(files);
  return took;
}

async function udpcast(): Promise<number> {
  const files = receivers.map((name) => join(folder, name));
  const common = ['--interface', 'eth0', '--nokbd', '--no-progress', '--mcast-rdv-address', '239.7.7.7'];
  const listening = receivers.map((name, i) => start(name, 'udp-receiver', '--file', files[i]!, ...common));
  await sleep(500);
  const began = monotonicNow();
  const limit = shaping === 'shaped' ? ['--max-bitrate', '950m'] : [];
  const sending = start(
    'i1',
    'udp-sender',
    '--file',
    source,
    ...common,
    '--full-duplex',
    '--min-receivers',
    '3',
    ...limit,
  );
  await Promise.all([sending, ...listening]);
  const took = monotonicNow() - began;
  await verify(files);
  return took;
}

async function uftp(): Promise<number> {
  const folders = receivers.map((name) => join(folder, name));
  for (const [i, name] of receivers.entries()) {
    await mkdir(folders[i]!);
    void start(name, 'uftpd', '-d', '-D', folders[i]!, '-I', 'eth0', '-B', '4194304').catch(() => {});
  }
  await sleep(500);
  const began = monotonicNow();
  const speed = shaping === 'shaped' ? '950000' : '10000000';
  await start(
    'i1',
    'uftp',
    '-q',
    '-R',
    speed,
    '-b',
    String(Math.min(Number(mtu) - 100, UFTP_BLOCK_LIMIT)),
    '-B',
    '4194304',
    '-I',
    'eth0',
    source,
  );
  const took = monotonicNow() - began;
  await verify(folders.map((name) => join(name, 'source')));
  return took;
}

function start(host: string, program: string, ...args: string[]): ResultPromise {
  return inNamespace(host, () => execa(program, args, { stdin: 'ignore', stdout: 'ignore' }));
}

function addressOf(name: string): string {
  return topology.hosts.find((host) => host.name === name)!.address;
}

/** What a network without group tables does with multicast, which this one was planned not to do. */
async function floodMulticast(): Promise<void> {
  const flags = 'type bridge_slave flood on mcast_flood on bcast_flood on learning on';
  for (const { name } of plan.namespaces.filter(({ kind }) => kind === 'zone')) {
    const ports = plan.links.flatMap(({ a, b }) => [a, b]).filter(({ node }) => node === name);
    const lines = ports.map((end) => `link set dev ${end.interface} ${flags}`);
    await runBatches([{ namespace: name, tool: 'ip', lines }]);
  }
  for (const host of ['i1', ...receivers]) {
    await runBatches([{ namespace: host, tool: 'ip', lines: ['route add 224.0.0.0/4 dev eth0'] }]);
  }
}

/** Bytes that have left `west` for `east` and the other way. */
function trunkBytes(): number {
  return inNamespace('west', () => {
    const line = readFileSync('/proc/thread-self/net/dev', 'utf8')
      .split('\n')
      .find((text) => text.trim().startsWith('east:'))!;
    const numbers = line.split(':')[1]!.trim().split(/\s+/).map(Number);
    return numbers[0]! + numbers[8]!;
  });
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function verify(files: string[]): Promise<void> {
  for (const file of files) {
    if (!existsSync(file) || (await hashOf(file)) !== wanted) throw new Error(`${file} is not what was sent`);
  }
}
