import { runInside } from '../child.ts';
import type { Contender, Goal, Row } from '../row.ts';

/** Datagrams that count, idle and again during a transfer. */
const COUNT = 1000;

const passed = (name: string, kind: string): Contender => ({
  name,
  run: async () => (await runInside('hop', kind, COUNT)).figures,
});

const OURS = 'mrouter';
const THEIRS = 'IP forwarding';

/** What a hop through an MRouter takes longer than one through the kernel, ms. */
type Median = Parameters<Goal['judge']>[0];
const added = (median: Median, figure: string): number => median(OURS, figure)! - median(THEIRS, figure)!;

const atMost = (figure: string, most: number): Goal => ({
  text: `${figure} that it adds: at most ${most * 1000} µs`,
  judge: (median) => {
    const value = added(median, figure);
    return { value: `${(value * 1000).toFixed(0)} µs`, reached: value <= most };
  },
});

/** What a relay adds to the time that a small datagram is under way. */
export const hop: Row = {
  name: 'hop',
  work: 'one-way time of datagrams of 200 bytes from one host to another through a third, idle and while chunks go the same way at 0.9 Gbit/s; kernel timestamps',
  rounds: 5,
  contenders: [
    passed(OURS, 'mrouter'),
    passed('mrouter, sockets: kernel', 'mrouter-kernel'),
    { ...passed(THEIRS, 'kernel'), peer: true },
    { ...passed('socat, UDP to UDP', 'socat'), peer: true, needs: { program: 'socat', package: 'socat' } },
  ],
  figures: { p50: 'ms', p99: 'ms', 'busy p50': 'ms', 'busy p99': 'ms', lost: 'ratio' },
  goals: [
    atMost('p50', 0.08),
    atMost('p99', 0.3),
    {
      text: 'p99 that it adds during a transfer: at most 2 × that when idle',
      judge: (median) => {
        const ratio = added(median, 'busy p99') / added(median, 'p99');
        return { value: `${ratio.toFixed(2)} ×`, reached: ratio <= 2 };
      },
    },
  ],
};
