import { runInside } from '../child.ts';
import type { Contender, Row } from '../row.ts';

const group = (size: number): Contender => ({
  name: `group of ${size}`,
  run: async () => (await runInside('put', size)).figures,
});

const NINE = 'group of 9';

export const put: Row = {
  name: 'put',
  work: 'puts of 1 MiB to 3 targets at 1 Gbit/s, the median of 40; the floor: a round trip to the group, serialisation at the reserved rate, a durable write and a round trip, each measured alone in the same run',
  rounds: 3,
  contenders: [group(6), group(9), group(20)],
  figures: { put: 'ms', floor: 'ms', ratio: 'ratio', control: 'ratio' },
  goals: [
    {
      text: 'group of 9: at most 1.25 × the floor',
      judge: (median) => {
        const ratio = median(NINE, 'ratio')!;
        return { value: ratio.toFixed(2), reached: ratio <= 1.25 };
      },
    },
    {
      text: 'group of 9: control messages at most 2% of the payload',
      judge: (median) => {
        const control = median(NINE, 'control')!;
        return { value: `${(control * 100).toFixed(2)}%`, reached: control <= 0.02 };
      },
    },
  ],
};
