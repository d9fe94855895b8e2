/** A relay killed in the middle of a chunk: the put completes through another one, in less than 3 × its undisturbed time. */
import t from 'tap';
import { startProgram } from './fixtures/programs.ts';

interface Round {
  /** Of a put just before, undisturbed. */
  usual: number;
  ms: number;
  replicas: string[];
  victim: string;
  /** Datagrams that the victim had relayed when it was killed. */
  after: number;
  /** Datagrams that the others have relayed. */
  relays: Record<string, number>;
  /** Name of the object, which is the hash of its only chunk, and the hash of what a get has brought. */
  object: string;
  sha256: string;
}

t.test('a relay that dies costs less than two more of the same', async (t) => {
  const { code, lines, stderr } = await startProgram('relayed.ts', [], ['3']).result();
  t.equal(code, 0, stderr);
  t.equal(lines.length, 3);
  for (const { usual, ms, replicas, victim, after, relays, object, sha256 } of lines as Round[]) {
    t.ok(after >= 500 && after < 1500, `${victim} had relayed ${after} of 1516 datagrams`);
    t.equal(replicas.length, 2);
    t.notOk(replicas.includes(victim), 'two who live have it');
    t.ok(Math.max(...Object.values(relays)) > 400, `another one has relayed: ${JSON.stringify(relays)}`);
    t.equal(sha256, object, 'byte for byte');
    t.comment(`${ms.toFixed(0)} ms, ${(ms / usual).toFixed(2)} × the usual ${usual.toFixed(0)} ms`);
  }
  // Of three, one may have had to share the processors with others.
  const [, ratio] = (lines as Round[]).map(({ ms, usual }) => ms / usual).sort((a, b) => a - b);
  t.ok(ratio! > 1 && ratio! < 3, `median ${ratio!.toFixed(2)} × the usual time`);
});
