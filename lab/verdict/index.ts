import type { Evidence } from '../observe/evidence.ts';
import type { Expectation } from '../topology/index.ts';
import { judgeBytes } from './bytes.ts';
import { judgeCounters } from './counters.ts';
import { judgeDelivered } from './delivered.ts';
import { judgeGoodput } from './goodput.ts';
import { judgeLatency } from './latency.ts';
import { judgeQueueDrops } from './queue-drops.ts';
import { judgeRecovers } from './recovers-within.ts';
import { judgeStored } from './stored.ts';
import { judgeTraversals } from './traversals.ts';
import type { Verdict } from './verdict.ts';

export { EMULATED } from './noise.ts';
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
    case 'goodput':
      return judgeGoodput(expectation, evidence);
    case 'bytes':
      return judgeBytes(expectation, evidence);
    case 'counters':
      return judgeCounters(expectation, evidence);
    case 'queue-drops':
      return judgeQueueDrops(expectation, evidence);
    case 'recovers-within':
      return judgeRecovers(expectation, evidence);
  }
}

/** A failure that the links themselves may have caused is none. */
function doubted(verdict: Verdict, { framesMissed = 0 }: Evidence): Verdict {
  if (verdict.outcome !== 'fail' || framesMissed === 0) return verdict;
  const summary = `${verdict.summary}; but wires lost ${framesMissed} frames for want of a processor`;
  return { ...verdict, outcome: 'inconclusive', summary };
}

/** Judges one expectation. One that should fail passes when it does, and its exhibit stays for the reader. */
export function judge(expectation: Expectation, evidence: Evidence): Verdict {
  const verdict = doubted(judgeKind(expectation, evidence), evidence);
  if (expectation.should === 'pass') return verdict;
  const title = `fails, as this topology is here to show: ${verdict.title}`;
  if (verdict.outcome === 'inconclusive') return { ...verdict, title };
  return verdict.outcome === 'fail'
    ? { ...verdict, title, outcome: 'pass' }
    : { ...verdict, title, outcome: 'fail', summary: `it holds here: ${verdict.summary}` };
}
