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

t.test('targets that are suddenly far away: what was known of them is forgotten, not averaged', async (t) => {
  const of = new Cluster({ groups: { ng: ['t1', 't2', 't3', 't4'] }, initiators: ['i1'] });
  const initiator = of.initiators.get('i1')!;
  const put = (seed: number) => initiator.outcome(initiator.put(new GeneratedContent(seed).next(50_000)))?.kind;
  t.equal(put(1), 'put-done');
  of.clock.run(() => false, 100);
  t.ok(initiator.machine.context.roundTrip('ng')! < 1);
  of.network.fate = () => [30];
  t.equal(put(2), 'put-done');
  of.clock.run(() => false, 100);
  const { context } = initiator.machine;
  t.ok(context.roundTrip('ng')! > 59, `${context.roundTrip('ng')} ms`);
});
