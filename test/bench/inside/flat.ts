/**
 * Memory of a relay that is given all it can take, and more: `flat.ts dgram|kernel SECONDS`. Says what it had (bytes, PSS and RSS) in the first and in
 * the last third of the time, without its first tenth in which any program grows, the most that it had, and what arrived behind it (bit/s).
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { enterSandbox } from '../../../lab/sandbox/index.ts';
import { PORT, RelayLab, SETTLING, type Sockets } from './relay-lab.ts';
import { say } from './say.ts';

/** Between two looks, ms. */
const INTERVAL = 250;

interface Memory {
  pss: number;
  rss: number;
}

const place = await enterSandbox();
if (!place.inside) process.exit(place.exitCode);
const [sockets, seconds] = process.argv.slice(2) as [Sockets, string];
const lab = await RelayLab.build();
const drained = await lab.drain();
const { pid } = await lab.startMRouter(sockets);
const datagrams = lab.overlayDatagrams();
const beginning = datagrams.make(Buffer.alloc(datagrams.maxPayload)).toString('hex');
await sleep(SETTLING);

const [s, r] = [lab.address('s'), lab.address('r')];
const blast = lab.startInside('s', 'blast', s, r, PORT, Number(seconds) * 1000, beginning);
const ended = once(blast.child, 'exit').then(() => true);
const looked: Memory[] = [];
while (!(await Promise.race([ended, sleep(INTERVAL, false)]))) looked.push(memoryOf(pid));
await sleep(SETTLING);
const { bytes, ms } = await drained();

const seen = looked.slice(Math.ceil(looked.length / 10));
const third = Math.floor(seen.length / 3);
if (third === 0) throw new Error(`${seconds} s are too short to tell`);
const [first, last] = [mean(seen.slice(0, third)), mean(seen.slice(-third))];
say({
  first: first.pss,
  last: last.pss,
  growth: last.pss / first.pss,
  most: Math.max(...seen.map(({ pss }) => pss)),
  'first rss': first.rss,
  'last rss': last.rss,
  rate: (bytes * 8) / (ms / 1000),
});
process.exit(0);

/** Of a process, bytes: smaps_rollup, proc(5). */
function memoryOf(process: number): Memory {
  const rollup = readFileSync(`/proc/${process}/smaps_rollup`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)![1]) * 1024;
  return { pss: field('Pss'), rss: field('Rss') };
}

function mean(all: Memory[]): Memory {
  const of = (field: keyof Memory) => all.reduce((sum, one) => sum + one[field], 0) / all.length;
  return { pss: of('pss'), rss: of('rss') };
}
