import { runInside } from '../child.ts';
import type { Contender, Row } from '../row.ts';

/** One-way delays, ms, and datagrams a second. */
const DELAYS = [0, 0.1, 1, 5, 50];
const PER_SECOND = [1_000, 20_000];
/** How long each run sends, s. */
const DURATION = 3;
/** How far a wire may be from what is declared, ms. */
const MOST = { p50: 0.1, p99: 0.3 } as const;

const cases = PER_SECOND.flatMap((perSecond) => DELAYS.map((delay) => ({ delay, perSecond })));
const nameOf = ({ delay, perSecond }: (typeof cases)[number]) => `${delay} ms, ${perSecond}/s`;

/** What wires add to the delay that they are declared to have. */
export const wire: Row = {
  name: 'wire',
  work: 'datagrams of 1,000 bytes over one wire; one-way time beyond the declared delay and serialisation, by kernel timestamps',
  rounds: 3,
  contenders: cases.map(
    (one): Contender => ({
      name: nameOf(one),
      run: async () => (await runInside('wire', one.delay, one.perSecond, DURATION * one.perSecond)).figures,
    }),
  ),
  // With little idle time it is the machine that was measured.
  figures: { p50: 'ms', p90: 'ms', p99: 'ms', p999: 'ms', idle: 'ratio' },
  goals: Object.entries(MOST).map(([figure, most]) => ({
    text: `${figure} within ${most} ms of declared, whatever the delay and the rate`,
    judge: (median) => {
      const worst = Math.max(...cases.map((one) => median(nameOf(one), figure)!));
      return { value: `${worst.toFixed(3)} ms`, reached: worst <= most };
    },
  })),
};

const LOSSES = [0.001, 0.01, 0.1];
const SENT = 100_000;
/** Standard deviations of the 99.9% interval. */
const DEVIATIONS = 3.29;
const SEED = 7;

const lossy = (name: string, loss: number, seed: number): Contender => ({
  name,
  run: async () => {
    const { sent, lost, which, dropped, missed } = (await runInside('wire', 1, 20_000, SENT, loss, seed)).figures;
    if (dropped! + missed! > 0)
      throw new Error(`this machine lost ${dropped} frames in captures, ${missed} in the wire`);
    return { lost: lost! / sent!, which: which! };
  },
});

/** Whether wires lose what they are declared to lose, and the same again. */
export const wireLoss: Row = {
  name: 'wire-loss',
  work: '100,000 datagrams over one wire; the share that is lost',
  rounds: 1,
  contenders: [
    ...LOSSES.map((loss) => lossy(`${loss * 100}%`, loss, SEED)),
    lossy('1%, the same seed', 0.01, SEED),
    lossy('1%, another seed', 0.01, SEED + 1),
  ],
  figures: { lost: 'ratio' },
  goals: [
    ...LOSSES.map((loss) => ({
      text: `${loss * 100}% within the 99.9% interval of the binomial distribution`,
      judge: (median: (contender: string, figure: string) => number | undefined) => {
        const deviations = Math.abs(median(`${loss * 100}%`, 'lost')! - loss) / Math.sqrt((loss * (1 - loss)) / SENT);
        return { value: `${deviations.toFixed(2)} standard deviations`, reached: deviations <= DEVIATIONS };
      },
    })),
    {
      text: 'the same seed loses the same datagrams, another seed others',
      judge: (median) => {
        const [first, again, other] = ['1%', '1%, the same seed', '1%, another seed'].map((name) =>
          median(name, 'which'),
        );
        return { value: first === again ? 'the same' : 'others', reached: first === again && first !== other };
      },
    },
  ],
};
