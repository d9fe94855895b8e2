import { runInside } from '../child.ts';
import type { Contender, Goal, Row } from '../row.ts';

const SIZES = [6, 9, 20];
const nameOf = (size: number) => `group of ${size}`;
const group = (size: number): Contender => ({
  name: nameOf(size),
  run: async () => (await runInside('put', size)).figures,
});

/** A figure of each group, judged by the worst. */
const each = (text: string, figure: string, most: number, show: (value: number) => string): Goal => ({
  text,
  judge: (median) => {
    const values = SIZES.map((size) => median(nameOf(size), figure)!);
    return { value: values.map(show).join(', '), reached: values.every((value) => value <= most) };
  },
});

export const put: Row = {
  name: 'put',
  work: 'puts of 1 MiB to 3 targets at 1 Gbit/s, the median of 40; the floor: a round trip to the group, serialisation at the reserved rate, a durable write and a round trip, each measured alone in the same run',
  rounds: 3,
  contenders: SIZES.map(group),
  figures: { put: 'ms', floor: 'ms', ratio: 'ratio', control: 'ratio' },
  goals: [
    each(`groups of ${SIZES.join(', ')}: at most 1.25 × the floor`, 'ratio', 1.25, (value) => `${value.toFixed(2)} ×`),
    each('control messages: at most 2% of the payload', 'control', 0.02, (value) => `${(value * 100).toFixed(2)}%`),
  ],
};
