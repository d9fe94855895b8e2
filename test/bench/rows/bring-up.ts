import { runInside, runPeer, type Said } from '../child.ts';
import type { Contender, Figures, Row } from '../row.ts';

/** Hosts of the stars that show how the time grows. */
const SIZES = [10, 30, 100, 300, 1000];
const COMPARED = 100;

/** `up`: until the network stands; `both`: from the first line of the program until it has ended and nothing is left. */
const timed = ({ figures, endedAt }: Said): Figures => ({ up: figures['up']!, both: endedAt - figures['begin']! });

const ours = (hosts: number): Contender => ({
  name: `castlab ${hosts}`,
  run: async () => timed(await runInside('star', hosts)),
});

const mininet: Contender = {
  name: `Mininet ${COMPARED}`,
  peer: true,
  needs: { program: 'mn', package: 'mininet' },
  run: async () => timed(await runPeer('mininet_star', COMPARED)),
};

export const bringUp: Row = {
  name: 'bring-up',
  work: 'a star of hosts, up and down; plain links',
  rounds: 5,
  contenders: [ours(COMPARED), mininet, ...SIZES.filter((size) => size !== COMPARED).map(ours)],
  figures: { up: 'ms', both: 'ms' },
  goals: [
    {
      text: `${COMPARED} hosts up and down at least 5 × faster than Mininet`,
      judge: (median) => {
        const [own, theirs] = [median(`castlab ${COMPARED}`, 'both'), median(mininet.name, 'both')];
        if (own === undefined || theirs === undefined) return undefined;
        return { value: `${(theirs / own).toFixed(1)} ×`, reached: theirs >= 5 * own };
      },
    },
    {
      text: 'from 100 to 1,000 hosts the time to come up grows no worse than linearly',
      judge: (median) => {
        const growth = median('castlab 1000', 'up')! / median('castlab 100', 'up')!;
        return { value: `${growth.toFixed(1)} ×`, reached: growth <= 10 };
      },
    },
    {
      text: '1,000 hosts up in under 10 s',
      judge: (median) => {
        const up = median('castlab 1000', 'up')!;
        return { value: `${(up / 1000).toFixed(2)} s`, reached: up < 10_000 };
      },
    },
  ],
};
