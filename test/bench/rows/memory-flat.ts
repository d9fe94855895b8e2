import { runInside } from '../child.ts';
import { format } from '../report.ts';
import type { Contender, Row } from '../row.ts';

/** How long it relays, s. */
const DURATION = 60;
/** The last third of that time against the first one. */
const MOST = 1.05;

const relaying = (name: string, sockets: 'dgram' | 'kernel'): Contender => ({
  name,
  run: async ({ seconds = DURATION }) => ({
    ...(await runInside('flat', sockets, seconds)).figures,
    lasted: seconds * 1000,
  }),
});

const OURS = 'mrouter';

export const memoryFlat: Row = {
  name: 'memory-flat',
  work: 'memory of a relay (PSS) that is given more than it can take for a while: means of the first and the last third',
  rounds: 1,
  contenders: [relaying(OURS, 'dgram'), relaying('mrouter, sockets: kernel', 'kernel')],
  figures: { first: 'bytes', last: 'bytes', growth: 'ratio', most: 'bytes', rate: 'bit/s', lasted: 'ms' },
  goals: [
    {
      text: `flat: in the last third at most ${MOST} × that in the first`,
      judge: (median) => {
        const [first, last, growth] = ['first', 'last', 'growth'].map((figure) => median(OURS, figure)!) as [
          number,
          number,
          number,
        ];
        const value = `${growth.toFixed(3)} × (${format(first, 'bytes')}, ${format(last, 'bytes')})`;
        return { value, reached: growth <= MOST };
      },
    },
  ],
};
