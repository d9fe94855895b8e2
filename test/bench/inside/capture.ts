/**
 * Datagrams of 1,000 bytes from one host over a switch to another, captured at all four link ends they pass: `capture.ts PER-SECOND COUNT`. Says how
 * many were sent, how many frames the capture has and how many it says it missed, and what a frame that is neither would be: unaccounted.
 */
import { once } from 'node:events';
import { startCapture } from '../../../lab/observe/capture.ts';
import { Ledger } from '../../../lab/observe/ledger.ts';
import { watchMachine } from '../../../lab/observe/machine.ts';
import { startThread } from '../../../lab/observe/worker-thread.ts';
import { compile } from '../../../lab/plan/index.ts';
import { applyPlan, enterSandbox } from '../../../lab/sandbox/index.ts';
import { loadTopology } from '../../../lab/topology/index.ts';
import { monotonicNow } from '../../../src/kernel/index.ts';
import { say } from './say.ts';
import type { SenderTask } from './wire-sender.ts';

/** Link ends between the two hosts: each frame is seen where it leaves and where it arrives. */
const ENDS = 4;

const place = await enterSandbox();
if (!place.inside) process.exit(place.exitCode);
const [perSecond = 50_000, count = 150_000] = process.argv.slice(2).map(Number);
const plan = compile(loadTopology('name: one\nzones: { z: { hosts: { a: none, c: none } } }\n', 'one.yaml'));
await applyPlan(plan);
const [from, to] = ['a', 'c'].map((host) => plan.links.find(({ a }) => a.node === host)!.a);
const capture = await startCapture(plan, { dir: '/run' });
const watched = watchMachine(monotonicNow);
const began = monotonicNow();
const task: SenderTask = {
  namespace: 'a',
  interface: from!.interface,
  to: `${to!.mac}:${from!.mac}`,
  perSecond,
  count,
};
await once(startThread('wire-sender', task, import.meta.url), 'message');
const took = monotonicNow() - began;
const { sightings, dropped } = await capture.stop();
const read = monotonicNow();
const ledger = new Ledger(sightings);
say({
  sent: count,
  perSecond: (count * 1000) / took,
  seen: sightings.length,
  dropped,
  unaccounted: count * ENDS - sightings.length - dropped,
  traversals: ledger.traversals.length,
  ledger: monotonicNow() - read,
  idle: watched().idle,
});
process.exit(0);
