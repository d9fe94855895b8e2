import type { ControlHandler } from '../../src/daemon/control.ts';
import { InputError } from '../../src/document/index.ts';
import type { Point } from '../report/index.ts';
import type { LiveLab } from './live-lab.ts';

/** How a step went, as it is told over the control socket. */
export interface ToldStep {
  title: string;
  summary: string;
  /** Why it failed; what the node or command said last. */
  error?: string;
}

/** An answer, or what is wrong with the question. */
export type Answer<T> = { answer: T } | { problems: string[] };

/** The operations of a living lab's control socket. @param end ends the lab once its answer is on the way. */
export function labOperations(lab: LiveLab, end: () => void): Record<string, ControlHandler> {
  return {
    status: () => lab.status(),
    counters: () => lab.counters(),
    step: ({ text }) =>
      answer<ToldStep[]>(async () =>
        (await lab.step(String(text))).map(({ title, summary, error }) => ({
          title,
          summary,
          ...(error && { error: error.message }),
        })),
      ),
    expect: ({ text, since }) =>
      answer<Point[]>(() => lab.judge(text === undefined ? undefined : String(text), since === 'up' ? 'up' : 'mark')),
    mark: () => lab.mark(),
    end: () => {
      end();
      return {};
    },
  };
}

async function answer<T>(action: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { answer: await action() };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // Where it stands in a list that nobody wrote says nothing.
    return { problems: error.problems.map(({ message }) => message.replace(/^(scenario|expect)\.\d+\./, '')) };
  }
}
