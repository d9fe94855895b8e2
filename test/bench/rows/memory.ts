import { runInside } from '../child.ts';
import type { Contender, Row } from '../row.ts';

/** Of a node, bytes. */
const MOST = 15e6;
const COUNTS = [1, 10, 100];

const nameOf = (count: number) => `${count} ${count === 1 ? 'node' : 'nodes'}`;
const nodes = (count: number): Contender => ({
  name: nameOf(count),
  run: async () => (await runInside('idle', count, 'nodes')).figures,
});
/** What no program for Node.js has less of. */
const bare = (count: number): Contender => ({
  name: `Node.js alone, ${count}`,
  peer: true,
  run: async () => (await runInside('idle', count, 'bare')).figures,
});

export const memory: Row = {
  name: 'memory',
  work: 'idle targets, each a process with its store; memory of each (PSS), what they share divided among them',
  rounds: 3,
  contenders: [...COUNTS.map(nodes).reverse(), ...COUNTS.map(bare).reverse()],
  figures: { each: 'bytes' },
  goals: COUNTS.map((count) => ({
    text: `at most ${MOST / 1e6} MB a node, of ${count}`,
    judge: (median) => {
      const each = median(nameOf(count), 'each')!;
      return { value: `${(each / 1e6).toFixed(1)} MB`, reached: each <= MOST };
    },
  })),
};
