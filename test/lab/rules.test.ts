/** Loss on purpose and by chance, on wires, through `castlab run`: exactly the datagrams that were meant, and the same ones again. */
import t from 'tap';
import { Kind } from '../../src/replicast/prefix.ts';
import { brokenPoints, readLedger, runTopologies, runWith } from './castlab.ts';

/** Two zones, everything for east crosses one trunk, which does what `trunk` says. */
const split = (name: string, trunk: string, scenario: string) => `name: ${name}
zones:
  west: { hosts: { i1: initiator, t1: target } }
  east: { hosts: { t2: target, t3: target } }
trunks:
  - { between: [west, east], rate: 100mbit, ${trunk} }
scenario:
${scenario}
expect:
  - delivered: after-repair
  - stored: 3
  - traversals: { on: trunks, per-datagram: 1 }
`;

t.test('a rule drops one datagram on one trunk in one direction, and its repair crosses once', async (t) => {
  // An overloaded machine may answer no proposal in time, so that no chunk goes out in a first attempt: it has several.
  const topology = split(
    'dropped',
    'rules: [{ drop: { toward: east, kind: Data, index: 7, attempt: 1, nth: 1 } }]',
    '  - put: { from: i1, size: 64KiB, seed: 3, replicas: 3, count: 6 }',
  );
  const { results } = await runTopologies(t, topology);
  t.same(brokenPoints(results[0]!), []);
  const ledger = readLedger(results[0]!);
  const lost = ledger.filter(({ arrivedAt }) => arrivedAt === undefined);
  t.same(
    lost.map(({ link, replicast: { kind, index, attempt } = {} }) => ({ link, kind, index, attempt })),
    [{ link: 'west>east', kind: Kind.Data, index: 7, attempt: 1 }],
    'the ledger misses this one crossing and no other',
  );
  const seventh = ledger.filter(
    ({ link, replicast }) =>
      link === 'west>east' &&
      replicast?.txn === lost[0]?.replicast?.txn &&
      replicast?.kind === Kind.Data &&
      replicast.index === 7,
  );
  const [dropped, ...repairs] = seventh.map(({ arrivedAt }) => arrivedAt);
  t.equal(dropped, undefined);
  t.equal(repairs.length, 1, 'what repairs it crosses that trunk once');
  t.not(repairs[0], undefined);
});

/** Which of the datagrams that crossed west>east were lost: of the plain ones, and of the first attempts at parts of a chunk. */
function losses(ledger: ReturnType<typeof readLedger>) {
  const crossed = ledger.filter(({ link }) => link === 'west>east');
  const isLost = ({ arrivedAt }: (typeof ledger)[number]) => arrivedAt === undefined;
  const plain = crossed.filter(({ replicast }) => replicast === undefined);
  const parts = crossed.filter(({ replicast }) => replicast?.kind === Kind.Data && replicast.attempt === 1);
  return {
    plain: plain.flatMap((one, i) => (isLost(one) ? [i] : [])),
    parts: parts.filter(isLost).map(({ replicast }) => replicast!.index),
    sentAtOnce: parts.length > 0,
  };
}

t.test('the same seed loses the same datagrams in another run; another seed others', async (t) => {
  const lossy = split(
    'lossy',
    'toward: { east: { loss: 5% } }',
    '  - send: { from: i1, to: [t1, t2, t3], count: 300 }\n  - put: { from: i1, size: 64KiB, seed: 3, replicas: 3 }',
  );
  const lostWith = async (seed: number) => {
    const { results } = await runWith(t, ['--seed', String(seed)], lossy);
    t.same(brokenPoints(results[0]!), []);
    return losses(readLedger(results[0]!));
  };
  const first = await lostWith(1);
  t.ok(first.plain.length > 2 && first.plain.length < 40, `${first.plain.length} of 300`);
  const second = await lostWith(1);
  t.same(second.plain, first.plain);
  // On an overloaded machine a chunk may go out in a later attempt only.
  if (first.sentAtOnce && second.sentAtOnce) t.same(second.parts, first.parts);
  t.strictNotSame((await lostWith(2)).plain, first.plain);
});
