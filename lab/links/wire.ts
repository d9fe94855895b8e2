import { closeSync } from 'node:fs';
import { openWakeUp, wakeUp } from '../../src/kernel/index.ts';
import { startThread } from '../observe/worker-thread.ts';
import { DEFAULT_MTU, frameBytes } from '../plan/constants.ts';
import type { Plan } from '../plan/index.ts';
import type { Change } from './impairments.ts';
import { WIRE_NAMESPACE, wireInterfaces, wiresOf } from './wire-ends.ts';
import type { WireReport, WireRequest, WireTask } from './wire-worker.ts';

/** The wires of a lab, carried by one thread. */
export interface Wires {
  /**
   * Changes what one direction (`a>b`) does, from now on; what the change does not name stays as it is. Resolves when it holds.
   * @throws RangeError when no wire goes that way.
   */
  change(direction: string, change: Change): Promise<void>;
  /** Counts from now on. */
  forget(): Promise<void>;
  /** What has become of the frames so far. */
  report(): Promise<WireReport>;
  /** Ends them: the links are dead from then on. */
  stop(): Promise<WireReport>;
}

type Request = WireRequest extends infer R ? (R extends WireRequest ? Omit<R, 'id'> : never) : never;

const NOTHING: WireReport = { directions: {}, missed: 0 };

/** The wires of a lab without wires. */
const NONE: Wires = {
  change: async (direction) => {
    throw noSuchWire(direction);
  },
  forget: async () => {},
  report: async () => NOTHING,
  stop: async () => NOTHING,
};

/**
 * Connects the wires of a network that was built with `applyPlan(withWires(plan))`; until then nothing crosses them.
 * @param seed chance on all wires follows from it.
 */
export async function startWires(plan: Plan, seed: number): Promise<Wires> {
  const wires = wiresOf(plan);
  if (wires.length === 0) return NONE;
  const signal = openWakeUp();
  const task: WireTask = {
    namespace: WIRE_NAMESPACE,
    directions: wires.flatMap(({ a, b, forward, backward, rules }, i) => {
      const inside = wireInterfaces(i);
      const there = { name: `${a.node}>${b.node}`, from: inside.a, to: inside.b, properties: forward };
      const back = { name: `${b.node}>${a.node}`, from: inside.b, to: inside.a, properties: backward };
      return [
        { ...there, rules: rules?.forward ?? [] },
        { ...back, rules: rules?.backward ?? [] },
      ];
    }),
    longestFrame: Math.max(...wires.map(({ forward }) => frameBytes(forward.mtu ?? DEFAULT_MTU))),
    port: plan.topology.overlay.port,
    seed,
    wakeUp: signal,
  };
  const directions = new Set(task.directions.map(({ name }) => name));
  const worker = startThread('wire-worker', task, import.meta.url);
  const waiting = new Map<number, (report: WireReport) => void>();
  const failed = new Promise<never>((_, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the wires ended by themselves')));
  });
  failed.catch(() => {}); // it is heard by whoever waits for the worker
  await Promise.race([new Promise((resolve) => worker.once('message', resolve)), failed]);
  worker.on('message', ({ id, result }: { id: number; result: WireReport }) => {
    waiting.get(id)?.(result);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
  });
  worker.unref();

  let requests = 0;
  const ask = (request: Request): Promise<WireReport> => {
    const id = requests++;
    const answer = new Promise<WireReport>((resolve) => waiting.set(id, resolve));
    worker.ref();
    worker.postMessage({ ...request, id });
    wakeUp(signal);
    return Promise.race([answer, failed]);
  };
  return {
    async change(direction, change) {
      if (!directions.has(direction)) throw noSuchWire(direction);
      await ask({ kind: 'change', direction, change });
    },
    async forget() {
      await ask({ kind: 'forget' });
    },
    report: () => ask({ kind: 'report' }),
    async stop() {
      const last = await ask({ kind: 'stop' });
      closeSync(signal);
      return last;
    },
  };
}

function noSuchWire(direction: string): RangeError {
  return new RangeError(`no wire goes from ${direction.replace('>', ' to ')}`);
}
