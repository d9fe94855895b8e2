import t from 'tap';
import { contentHash, GeneratedContent } from '../../src/replicast/index.ts';
import { Cluster } from '../replicast/cluster.ts';
import { seeded } from '../replicast/random.ts';

const CHUNKS = 24;
const DELAY = 0.1;

/** Puts chunks over a way that loses one data datagram in a hundred before it is copied; how many times the payload was sent again. */
function resent(repair: 'bitmap' | 'whole', size: number): { share: number; lost: number; replicas: number[] } {
  const random = seeded(77);
  const lost = new Map<string, boolean>();
  const cluster = new Cluster({
    groups: { ng: ['t1', 't2', 't3', 't4', 't5', 't6'] },
    initiators: ['i1'],
    settings: { repair },
    fate: ({ kind, txn, attempt, index }) => {
      if (kind !== 'Data') return [DELAY];
      const datagram = `${txn}/${attempt}/${index}`;
      if (!lost.has(datagram)) lost.set(datagram, random() < 0.01);
      return lost.get(datagram) ? [] : [DELAY];
    },
  });
  const content = new GeneratedContent(7);
  const initiator = cluster.initiators.get('i1')!;
  const hashes: string[] = [];
  const ids: number[] = [];
  for (let i = 0; i < CHUNKS; i++) {
    const chunk = content.next(size);
    hashes.push(contentHash(chunk));
    ids.push(initiator.put(chunk));
  }
  cluster.clock.run(() => initiator.machine.pending === 0, 60_000);
  const sent = ids.reduce((sum, id) => {
    const outcome = initiator.outcomes.get(id);
    if (outcome?.kind !== 'put-done') throw new Error(`not stored: ${JSON.stringify(outcome)}`);
    return sum + outcome.result.sentBytes;
  }, 0);
  return {
    share: sent / (size * CHUNKS) - 1,
    lost: [...lost.values()].filter(Boolean).length,
    replicas: hashes.map((hash) => cluster.holders(hash).length),
  };
}

t.test('one datagram in a hundred lost: everything is stored, and hardly more than that is sent again', async (t) => {
  const { share, lost, replicas } = resent('bitmap', 1 << 18);
  t.ok(lost > 20, `${lost} datagrams were lost`);
  t.ok(share > 0 && share <= 0.03, `${(share * 100).toFixed(2)}% sent again`);
  t.same(new Set(replicas), new Set([3]));
});

t.test('chunks sent again as a whole cost more', async (t) => {
  const { share, replicas } = resent('whole', 1 << 15);
  t.ok(share > 0.1, `${(share * 100).toFixed(0)}% sent again`);
  t.ok(replicas.every((count) => count >= 3));
});
