/**
 * One wire from a to b, and what it does to so many datagrams of 1,000 bytes a second: `wire.ts DELAY PER-SECOND COUNT [LOSS] [SEED]`,
 * delay in ms, loss as a share. All times are the kernel's: when a frame left a, and when it came to b. Says how far the time in between is
 * from what is declared (delay, and serialisation at 1 Gbit/s), ms; and which datagrams did not arrive, as one number.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { numberOf } from '../../../lab/links/impairments-chance.ts';
import { buildNetwork } from '../../../lab/links/network.ts';
import { watchMachine } from '../../../lab/observe/machine.ts';
import { startThread } from '../../../lab/observe/worker-thread.ts';
import { compile } from '../../../lab/plan/index.ts';
import { enterSandbox } from '../../../lab/sandbox/index.ts';
import { loadTopology } from '../../../lab/topology/index.ts';
import { ascending, quantile } from '../../../lab/verdict/quantile.ts';
import { type Instruction, inNamespace, monotonicNow, PacketSocket } from '../../../src/kernel/index.ts';
import { say } from './say.ts';
import { frameOf, indexIn } from './wire-frames.ts';
import type { SenderTask } from './wire-sender.ts';

/** bit/s */
const RATE = 1e9;
/** IPv4 frames, and of each as much as has the index. */
const FILTER: Instruction[] = [
  [0x28, 0, 0, 12],
  [0x15, 0, 1, 0x0800],
  [0x06, 0, 0, 160],
  [0x06, 0, 0, 0],
];
/** Room for the whole run: nobody reads while it is measured. Handed over in time or when full, ms. */
const RING = { blockSize: 1 << 19, blocks: 100, handOver: 100, filter: FILTER };

const place = await enterSandbox();
if (!place.inside) process.exit(place.exitCode);
const [delay = 0, perSecond = 1000, count = 1000, loss = 0, seed = 1] = process.argv.slice(2).map(Number);

const trunk = `rate: 1gbit, delay: ${delay}ms, toward: { b: { loss: ${loss * 100}% } }`;
const text = `name: wire\nrouters: [a, b]\nzones: { z: { hosts: { h: none } } }\ntrunks: [{ between: [a, b], ${trunk} }, { between: [z, a] }]\n`;
const plan = compile(loadTopology(text, 'wire.yaml'), { links: 'wire' });
const { wires } = await buildNetwork(plan, seed);
const link = plan.links.find(({ name }) => name === 'a--b')!;

const [near, far] = ['a', 'b'].map((namespace) => inNamespace(namespace, () => new PacketSocket())) as [
  PacketSocket,
  PacketSocket,
];
await Promise.all([near, far].map((socket) => socket.start(RING)));
const task: SenderTask = { namespace: 'a', interface: link.a.interface, to: link.b.mac, perSecond, count };
const watched = watchMachine(monotonicNow);
const sender = startThread('wire-sender', task, import.meta.url);
await once(sender, 'message');
await sleep(delay + 4 * RING.handOver);
const { idle, stalled = 0, stolen, duration } = watched();
const { missed } = await wires.stop();

const sent = times(near, true);
const arrived = times(far, false);
const declared = delay + (frameOf(0).length * 8000) / RATE;
const over = ascending([...arrived].map(([index, at]) => at - sent.get(index)! - declared));
const lost = [...sent.keys()].filter((index) => !arrived.has(index));
say({
  sent: sent.size,
  lost: lost.length,
  which: numberOf(lost.join()),
  ...{ p50: quantile(over, 0.5), p90: quantile(over, 0.9), p99: quantile(over, 0.99), p999: quantile(over, 0.999) },
  ...{ least: over[0]!, most: over.at(-1)!, missed, dropped: near.drops() + far.drops() },
  ...{ idle, stalled: stalled / duration, stolen: stolen / duration },
});
process.exit(0);

/** By index, ms. */
function times(socket: PacketSocket, outgoing: boolean): Map<number, number> {
  const found = new Map<number, number>();
  socket.read((frame, info) => {
    if (info.outgoing === outgoing) found.set(indexIn(frame), info.seconds * 1e3 + info.nanoseconds / 1e6);
  });
  return found;
}
