import { runInside } from '../child.ts';
import type { Contender, Row } from '../row.ts';

/** Datagrams a second. */
const PER_SECOND = [10_000, 50_000];
/** How long each run sends, s. */
const DURATION = 3;
const nameOf = (perSecond: number) => `${perSecond}/s`;

/** Whether the capture keeps up, with lab.pcapng written. */
export const capture: Row = {
  name: 'capture',
  work: 'datagrams of 1,000 bytes over a switch, captured at four link ends; the share of frames that the capture missed',
  rounds: 3,
  contenders: PER_SECOND.map(
    (perSecond): Contender => ({
      name: nameOf(perSecond),
      run: async () => {
        const {
          sent,
          dropped,
          unaccounted,
          perSecond: reached,
        } = (await runInside('capture', perSecond, DURATION * perSecond)).figures;
        if (unaccounted !== 0) throw new Error(`the capture lost ${unaccounted} frames and did not say so`);
        return { missed: dropped! / (4 * sent!), reached: reached! / perSecond };
      },
    }),
  ),
  figures: { missed: 'ratio', reached: 'ratio' },
  goals: [
    {
      text: `no frame missed at ${nameOf(PER_SECOND.at(-1)!)}`,
      judge: (median) => {
        const missed = median(nameOf(PER_SECOND.at(-1)!), 'missed')!;
        return { value: `${(missed * 100).toFixed(3)}%`, reached: missed === 0 };
      },
    },
  ],
};
