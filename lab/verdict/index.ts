import type { Evidence } from '../observe/evidence.ts';
import type { Expectation } from '../topology/index.ts';
import { judgeDelivered } from './delivered.ts';
import { judgeLatency } from './latency.ts';
import { judgeStored } from './stored.ts';
import { judgeTraversals } from './traversals.ts';
import type { Verdict } from './verdict.ts';

export { describeHops, type Exhibit, type Outcome, type Verdict } from './verdict.ts';

function judgeKind(expectation: Expectation, evidence: Evidence): Verdict {
  switch (expectation.kind) {
    case 'delivered':
      return judgeDelivered(expectation, evidence);
    case 'traversals':
      return judgeTraversals(expectation, evidence);
    case 'stored':
      return judgeStored(expectation, evidence);
    case 'latency':
      return judgeLatency(expectation, evidence);
  }
}

/** Judges one expectation. One that should fail passes when it does, and its exhibit stays for the reader. */
export function judge(expectation: Expectation, evidence: Evidence): Verdict {
  const verdict = judgeKind(expectation, evidence);
  if (expectation.should === 'pass') return verdict;
  const title = `fails, as this topology is here to show: ${verdict.title}`;
  if (verdict.outcome === 'inconclusive') return { ...verdict, title };
  return verdict.outcome === 'fail'
    ? { ...verdict, title, outcome: 'pass' }
    : { ...verdict, title, outcome: 'fail', summary: `it holds here: ${verdict.summary}` };
}
