/** A relay killed in the middle of a chunk: the put completes through another one, in less than 3 × its undisturbed time. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { NodeEvent } from '../../lab/observe/evidence.ts';
import type { Traversal } from '../../lab/observe/ledger.ts';
import { Kind } from '../../src/replicast/prefix.ts';
import { readLedger, runTopologies } from './castlab.ts';

/** Runs until the one that is killed was the relay: who relays is for the flow to say, and differs from run to run. */
const TRIES = 3;
const VICTIM = 't2';

interface Chunk {
  txn: string;
  ms: number;
  /** The relays of its data, by attempt. */
  relays: Map<number, string>;
}

/** More than one target still to be reached. */
const isShared = ({ bits }: Traversal) => (BigInt(`0x${bits}`) & (BigInt(`0x${bits}`) - 1n)) !== 0n;

function chunksOf(folder: string, ledger: readonly Traversal[]): Chunk[] {
  const events = readFileSync(join(folder, 'events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as NodeEvent);
  return events
    .filter(({ event }) => event === 'chunk-done')
    .map(({ txn, ms }) => {
      const data = ledger.filter(({ replicast }) => replicast?.txn === txn && replicast?.kind === Kind.Data);
      const arrivals = data.filter(({ from }) => from === 'far');
      const relays = new Map<number, string>();
      for (const one of arrivals) {
        const { attempt } = one.replicast!;
        // The first copy of a datagram that enters the zone goes to its relay.
        if (!relays.has(attempt) && (attempt > 1 || isShared(one))) relays.set(attempt, one.to);
      }
      return { txn: txn as string, ms: ms as number, relays };
    });
}

t.test('a relay that dies costs less than two more of the same', async (t) => {
  for (let turn = 1; turn <= TRIES; turn++) {
    const { results } = await runTopologies(t, 'topologies/relay-failure.yaml');
    const result = results[0]!;
    t.equal(
      result.outcome,
      'pass',
      result.points.find(({ outcome }) => outcome !== 'pass')?.title ?? 'every put has its replicas',
    );
    const chunks = chunksOf(result.folder, readLedger(result));
    const whole = chunks.filter(({ relays }) => relays.size <= 1).map(({ ms }) => ms);
    const usual = whole.sort((a, b) => a - b)[Math.floor(whole.length / 2)]!;
    const hit = chunks.filter(({ relays }) => relays.size > 1 && relays.get(1) === VICTIM);
    if (hit.length === 0) continue;
    for (const { txn, ms, relays } of hit) {
      const ratio = ms / usual;
      t.not([...relays.values()].at(-1), VICTIM, 'through another relay');
      t.ok(
        ratio < 3,
        `transaction ${txn}: ${ms.toFixed(0)} ms, ${ratio.toFixed(2)} × the usual ${usual.toFixed(0)} ms`,
      );
    }
    return;
  }
  t.fail(`${VICTIM} was never the relay in ${TRIES} runs`);
});
