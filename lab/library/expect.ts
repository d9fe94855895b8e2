import { AssertionError } from 'node:assert';
import type * as z from 'zod';
import type { LabClient } from '../live/index.ts';
import type { Point } from '../report/index.ts';
import { expectationKinds } from '../topology/expectations/index.ts';
import { remark, type TestContext } from './test-context.ts';

/** What may be expected, by the names of topology files: docs/topology.md has them all. */
export type ExpectationKinds = {
  [K in keyof typeof expectationKinds]: z.input<(typeof expectationKinds)[K]['schema']>;
};

/** `recovers-within` as a method is `recoversWithin`. */
type MethodName<K extends string> = K extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<MethodName<Tail>>}`
  : K;

/** What an expectation may be limited to. */
export interface Limits {
  /** Only what was sent or put in this phase, which a step began. */
  phase?: string;
  /** Only datagrams sent to this negotiating group. */
  group?: string;
  /** Only datagrams that crossed one of these links or directions. */
  links?: string[];
}

/**
 * Judges what the lab has done since it is up, or since the last `mark()`. What fails is thrown as an AssertionError, with the datagram that
 * shows it and its way. What this machine cannot judge now (inconclusive) is a remark in the test, and returned.
 */
export type Expect = (() => Promise<Point[]>) & {
  [K in keyof ExpectationKinds as MethodName<K>]: (expected: ExpectationKinds[K], limits?: Limits) => Promise<Point[]>;
};

/** The expectations of one lab: all those of the topology file when it is called, each kind as a method. */
export function expectationsOf(test: TestContext, client: LabClient): Expect {
  const judge = async (expectations?: unknown): Promise<Point[]> => {
    const points = await client.expect(expectations, 'mark');
    for (const point of points) report(test, point, judge);
    return points;
  };
  const methods = Object.keys(expectationKinds).map((kind) => [
    kind.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
    (expected: unknown, limits: Limits = {}) => judge([{ [kind]: expected, ...limits }]),
  ]);
  return Object.assign(() => judge(), Object.fromEntries(methods)) as Expect;
}

function report(test: TestContext, { title, outcome, summary, details = [] }: Point, caller: unknown): void {
  if (outcome === 'pass') test.pass?.(`${title} (${summary})`);
  else if (outcome === 'inconclusive') remark(test, `inconclusive: ${title} (${summary})`);
  else {
    throw new AssertionError({
      message: [`${title} (${summary})`, ...details].join('\n  '),
      stackStartFn: caller as () => void,
    });
  }
}
