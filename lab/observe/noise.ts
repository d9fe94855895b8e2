import { execFileSync } from 'node:child_process';
import type { Worker } from 'node:worker_threads';
import { createNamespace } from '../../src/kernel/index.ts';
import { startThread } from './worker-thread.ts';

/** The two bare namespaces of the control probe and their addresses; names no topology can declare (a dot). */
export const probe = {
  sender: { namespace: 'probe.a', interface: 'pa', address: '198.18.0.0' },
  receiver: { namespace: 'probe.b', interface: 'pb', address: '198.18.0.1' },
  port: 9,
  /** ms between probes: often enough to meet a short stall, seldom enough to cost nothing. */
  interval: 5,
} as const;

export interface NoiseProbe {
  /** Ends the probe; the one-way times it measured, ms, in order. */
  stop(): Promise<number[]>;
}

/**
 * Measures what the machine itself adds to a one-way time while a scenario runs: small datagrams between two namespaces
 * with nothing in between, sent and received by two threads that sleep until they have something to do, as nodes do.
 */
export async function startNoiseProbe(): Promise<NoiseProbe> {
  const { sender, receiver } = probe;
  createNamespace(sender.namespace);
  createNamespace(receiver.namespace);
  ip([
    'link',
    'add',
    sender.interface,
    'netns',
    sender.namespace,
    'type',
    'veth',
    'peer',
    'name',
    receiver.interface,
    'netns',
    receiver.namespace,
  ]);
  for (const end of [sender, receiver]) {
    ip(['-n', end.namespace, 'addr', 'add', `${end.address}/31`, 'dev', end.interface]);
    ip(['-n', end.namespace, 'link', 'set', end.interface, 'up']);
  }
  const receiving = await startWorker('receive');
  const sending = await startWorker('send');
  return {
    async stop() {
      await endWorker(sending);
      return endWorker(receiving);
    },
  };
}

function ip(args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function startWorker(task: 'send' | 'receive'): Promise<Worker> {
  const worker = startThread('noise-worker', { task });
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
  });
  return worker;
}

/** Asks a worker to end; its last message is what it measured. */
async function endWorker(worker: Worker): Promise<number[]> {
  const samples = new Promise<number[]>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  worker.postMessage('stop');
  return samples;
}
