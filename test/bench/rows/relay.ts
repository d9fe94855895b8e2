import { runInside } from '../child.ts';
import type { Contender, Row } from '../row.ts';

/** ms that a run sends. */
const DURATION = 3000;

const relayed = (name: string, kind: string, needs?: Contender['needs']): Contender => ({
  name,
  ...(needs && { needs }),
  ...(!kind.startsWith('mrouter') && { peer: true }),
  run: async () => (await runInside('relay', kind, DURATION)).figures,
});

const OURS = 'mrouter';
const SOCAT = 'socat, UDP to UDP';

export const relay: Row = {
  name: 'relay',
  work: 'datagrams that fill an Ethernet packet, from one host to another through a third, which gets them too; no shaping; what arrives',
  rounds: 5,
  contenders: [
    relayed(OURS, 'mrouter'),
    relayed('mrouter, sockets: kernel', 'mrouter-kernel'),
    relayed(SOCAT, 'socat', { program: 'socat', package: 'socat' }),
    relayed('IP forwarding', 'kernel'),
  ],
  figures: { rate: 'bit/s' },
  goals: [
    {
      text: 'at least 20 Gbit/s',
      judge: (median) => {
        const rate = median(OURS, 'rate')!;
        return { value: `${(rate / 1e9).toFixed(2)} Gbit/s`, reached: rate >= 20e9 };
      },
    },
    {
      text: 'at least 10 × socat',
      judge: (median) => {
        const [own, theirs] = [median(OURS, 'rate')!, median(SOCAT, 'rate')];
        if (theirs === undefined) return undefined;
        return { value: `${(own / theirs).toFixed(1)} ×`, reached: own >= 10 * theirs };
      },
    },
  ],
};
