import t from 'tap';
import { contentHash, GeneratedContent } from '../../src/replicast/index.ts';
import { Cluster } from '../replicast/cluster.ts';

for (const oneWay of [60, 150, 300]) {
  t.test(`targets ${oneWay} ms away: the round trip is learned, even from bids that come too late`, async (t) => {
    const of = new Cluster({ groups: { ng: ['t1', 't2', 't3', 't4'] }, initiators: ['i1'], fate: () => [oneWay] });
    const initiator = of.initiators.get('i1')!;
    const chunks = [1, 2, 3].map((seed) => new GeneratedContent(seed).next(300_000));
    const attempts = chunks.map((chunk) => {
      const outcome = initiator.outcome(initiator.put(chunk));
      if (outcome?.kind !== 'put-done') throw new Error(`not done: ${JSON.stringify(outcome)}`);
      t.equal(of.holders(contentHash(chunk)).length, 3);
      return outcome.result.rounds;
    });
    t.equal(attempts.at(-1), 1, `rounds: ${attempts}`);
    const got = initiator.outcome(initiator.get(contentHash(chunks[0]!)));
    t.equal(got?.kind, 'get-done');
    t.same(of.violations, []);
  });
}
