/**
 * Puts of 1 MiB to three of N targets in a native zone at 1 Gbit/s, one after the other, and each part of what a put must take, measured alone in
 * the same network: `put.ts N`.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { compile } from '../../../lab/plan/index.ts';
import { Lab } from '../../../lab/run/lab.ts';
import { applyPlan, enterSandbox } from '../../../lab/sandbox/index.ts';
import { loadTopology } from '../../../lab/topology/index.ts';
import { inNamespace } from '../../../src/kernel/index.ts';
import { replicastSettings, reservedRate, transferTime } from '../../../src/replicast/index.ts';
import { say } from './say.ts';

const SIZE = 1 << 20;
/**
 * Puts of `SIZE` before those that count, and before these such of few bytes: JavaScript runs slower until all of it has run some thousand
 * times.
 */
const WARM_UP = 300;
const NEGOTIATIONS = 3000;
const SMALL = 16 << 10;
const PUTS = 40;
/** Bytes that all stores will take, and some more. */
const MEMORY = 3 * (NEGOTIATIONS * SMALL + (WARM_UP + 2 * PUTS) * SIZE);
/** Payload of a data datagram that fills an Ethernet packet: without IPv4, UDP, BIER, IPv6, UDP and Replicast's prefix. */
const PAYLOAD = 1500 - 20 - 8 - 20 - 40 - 8 - 20;
const ECHO_PORT = 9;

const place = await enterSandbox();
if (!place.inside) process.exit(place.exitCode);
const names = Array.from({ length: Number(process.argv[2]) }, (_, i) => `t${i + 1}`);
const topology = loadTopology(
  `name: put
defaults: { edge: { rate: 1gbit } }
zones:
  hall: { native: true, hosts: { i1: initiator, ${names.map((name) => `${name}: target`).join(', ')} } }
`,
  'put.yaml',
);
const plan = compile(topology);
// Times, not proofs: the kernel may pass many datagrams at once, and nobody says anything about each.
await applyPlan(plan, { exact: false });
const lab = new Lab(plan, { folder: await mkdtemp('/tmp/castlab-bench-'), datagramEvents: false });
await lab.start();
touch(MEMORY);
for (let i = 0; i < NEGOTIATIONS; i++) await putOne(`small ${i}`, SMALL);
for (let i = 0; i < WARM_UP; i++) await putOne(`warm ${i}`);
const before = await controlBytes();
const hashes: string[] = [];
for (let i = 0; i < PUTS; i++) hashes.push(await putOne(i));
const control = (await controlBytes()) - before;
await lab.stop();
// What nodes say arrives a little later than what they answer.
const times = hashes.map(putTime).sort((a, b) => a - b);

const write = (await measure('i1', 'store', folder('/run/castlab/alone'), PUTS))['write']!;
const echoes: ChildProcess[] = [];
for (const name of names) {
  const child = start(name, 'echo', addressOf(name), ECHO_PORT);
  echoes.push(child);
  await once(child.stdout!, 'data');
}
const { all, one } = (await measure('i1', 'ask', 200, ECHO_PORT, ...names.map(addressOf))) as {
  all: number;
  one: number;
};
for (const echo of echoes) echo.kill();
const settings = replicastSettings();
const serialisation = transferTime(SIZE, PAYLOAD, settings.datagramOverhead, reservedRate(settings));
const floor = all + serialisation + write + one;
const put = times[times.length >> 1]!;
say({ put, floor, ratio: put / floor, control: control / (SIZE * PUTS), group: all, serialisation, write, ack: one });
process.exit(0);

/** Puts a chunk. Returns its hash. */
async function putOne(seed: string | number, size = SIZE): Promise<string> {
  const { chunks } = (await lab.node('i1').request('put', { generate: { size, seed } })) as {
    chunks: { hash: string }[];
  };
  return chunks[0]!.hash;
}

/**
 * Writes to so much memory and gives it back. A virtual machine gets a page from its host when it first touches it, which takes several times as
 * long as to write a page of a chunk: what is measured is programs, not that.
 */
function touch(bytes: number): void {
  execFileSync(process.execPath, [
    '-e',
    `for (let n = 0; n < ${bytes >> 20}; n++) globalThis[n] = Buffer.alloc(1 << 20, 1);`,
  ]);
}

/** ms, as the initiator saw it: from the first word to the last acknowledgement. */
function putTime(hash: string): number {
  return lab.events.find((event) => event.event === 'chunk-done' && event['hash'] === hash)!['ms'] as number;
}

/** Bytes of payload of all control messages so far. */
async function controlBytes(): Promise<number> {
  await lab.whenQuiet();
  const counters = Object.values(await lab.counters()) as { replicast: { node: Record<string, number> } }[];
  return counters.reduce((sum, { replicast }) => sum + (replicast.node['sent control bytes'] ?? 0), 0);
}

function addressOf(name: string): string {
  return topology.hosts.find((host) => host.name === name)!.address;
}

function folder(path: string): string {
  mkdirSync(path);
  return path;
}

function start(host: string, program: string, ...args: (string | number)[]): ChildProcess {
  const file = fileURLToPath(new URL(`${program}.ts`, import.meta.url));
  const command = ['--import', import.meta.resolve('tsx'), file, ...args.map(String)];
  return inNamespace(host, () => spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] }));
}

async function measure(host: string, program: string, ...args: (string | number)[]): Promise<Record<string, number>> {
  const child = start(host, program, ...args);
  let text = '';
  child.stdout!.on('data', (bytes) => {
    text += bytes;
  });
  await once(child, 'close');
  return JSON.parse(text) as Record<string, number>;
}
