import { runInside } from '../child.ts';
import type { Contender, Row } from '../row.ts';

const nodes = (count: number): Contender => ({
  name: `${count} ${count === 1 ? 'node' : 'nodes'}`,
  run: async () => (await runInside('idle', count)).figures,
});

export const memory: Row = {
  name: 'memory',
  work: 'idle targets, each a process with its store; memory that each adds (PSS)',
  rounds: 3,
  contenders: [1, 10, 100].map(nodes),
  figures: { each: 'bytes' },
  goals: [
    {
      text: 'at most 15 MB a node, of 100',
      judge: (median) => {
        const each = median('100 nodes', 'each')!;
        return { value: `${(each / 1e6).toFixed(1)} MB`, reached: each <= 15e6 };
      },
    },
  ],
};
