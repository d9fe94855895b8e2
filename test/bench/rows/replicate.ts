import { runInside } from '../child.ts';
import type { Contender, Goal, Row } from '../row.ts';

const SIZE = 64 << 20;
const OURS = 'castlab';
const TCP = 'TCP × 3 (socat)';

interface Reach {
  /** Times as long as the payload takes at the trunk's rate. */
  time: number;
  /** Times faster than three TCP streams. */
  lead: number;
  /** Bytes on the trunk for each byte of payload. */
  stress: number;
}

function contenders(mtu: number, shaping: 'shaped' | 'free'): Contender[] {
  const by = (name: string, kind: string, needs?: Contender['needs']): Contender => ({
    name,
    ...(needs && { needs }),
    ...(kind !== 'castlab' && { peer: true }),
    run: async () => {
      const { figures } = await runInside('replicate', kind, mtu, shaping, SIZE);
      const { time, floor, 'trunk-bytes': stress } = figures as { time: number; floor: number; 'trunk-bytes': number };
      return { time, stress, ...(floor > 0 && { 'to floor': time / floor }) };
    },
  });
  return [
    by(OURS, 'castlab'),
    by(TCP, 'socat', { program: 'socat', package: 'socat' }),
    by('udpcast', 'udpcast', { program: 'udp-sender', package: 'udpcast' }),
    by('uftp', 'uftp', { program: 'uftpd', package: 'uftp' }),
  ];
}

const leads = (times: number): Goal => ({
  text: `at least ${times} × faster than three TCP streams`,
  judge: (median) => {
    const [own, theirs] = [median(OURS, 'time')!, median(TCP, 'time')];
    if (theirs === undefined) return undefined;
    return { value: `${(theirs / own).toFixed(2)} ×`, reached: theirs >= times * own };
  },
});

const atMost = (text: string, figure: string, most: number): Goal => ({
  text: `${text} at most ${most} ×`,
  judge: (median) => {
    const value = median(OURS, figure)!;
    return { value: `${value.toFixed(3)} ×`, reached: value <= most };
  },
});

const shaped = (mtu: number, { time, lead, stress }: Reach): Row => ({
  name: `replicate-${mtu}`,
  work: `64 MiB from one host to three of another zone over 1 Gbit/s, MTU ${mtu}, in memory and verified; ours the second object`,
  rounds: 5,
  contenders: contenders(mtu, 'shaped'),
  figures: { time: 'ms', 'to floor': 'ratio', stress: 'ratio' },
  goals: [
    atMost("of the payload's time at the trunk's rate:", 'to floor', time),
    leads(lead),
    atMost('bytes on the trunk for each of payload:', 'stress', stress),
  ],
});

export const replicate: Row[] = [
  shaped(9000, { time: 1.1, lead: 2.7, stress: 1.03 }),
  shaped(1500, { time: 1.2, lead: 2.5, stress: 1.11 }),
  {
    name: 'replicate-free',
    work: '64 MiB from one host to three of another zone without any shaping, MTU 9000, in memory and verified; ours the second object',
    rounds: 5,
    contenders: contenders(9000, 'free'),
    figures: { time: 'ms', stress: 'ratio' },
    goals: [leads(2)],
  },
];
