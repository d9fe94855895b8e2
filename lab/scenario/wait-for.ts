import { setTimeout as sleep } from 'node:timers/promises';
import { counterOf } from '../observe/counters.ts';
import type { Condition, WaitForStep } from '../topology/index.ts';
import { POLL_INTERVAL } from './constants.ts';
import type { Progress, ScenarioContext, StepHandler } from './context.ts';

type Context = ScenarioContext & Progress;

/** What a condition has come to: whether it is true, and how things stand, for whoever waits in vain. */
interface State {
  met: boolean;
  found: string;
}

/** Waits until something is true, and fails when it has not come true in time. */
export const waitFor: StepHandler<WaitForStep> = {
  title: ({ condition }) => `wait for ${describe(condition)}`,

  async run({ condition, within }, context) {
    const began = context.now();
    const look = watch(condition, context, within);
    for (;;) {
      const { met, found } = await look();
      const waited = context.now() - began;
      if (met) return `after ${waited.toFixed(0)} ms: ${found}`;
      if (waited >= within) throw new Error(`not within ${within} ms: ${found}`);
      await sleep(POLL_INTERVAL);
    }
  },
};

function describe(condition: Condition): string {
  switch (condition.kind) {
    case 'event': {
      const { event, count, node } = condition;
      return `${count === 1 ? '' : `${count} × `}${event}${node === undefined ? '' : ` on ${node}`}`;
    }
    case 'counter':
      return `${condition.counter} of ${condition.node} to reach ${condition.atLeast}`;
    case 'ready':
      return `${condition.node} to be ready`;
    case 'dead':
      return `${condition.node} to end`;
    case 'puts':
      return 'all puts to end';
  }
}

function watch(condition: Condition, context: Context, within: number): () => State | Promise<State> {
  switch (condition.kind) {
    case 'event':
      return watchEvents(condition, context);
    case 'counter':
      return async () => {
        const actor = context.actor(condition.node);
        if (!actor.running) return { met: false, found: `${condition.node} is not running` };
        const value = counterOf(await actor.request('counters'), condition.counter);
        if (value === undefined) throw new Error(`${condition.node} has no counter ${condition.counter}`);
        return { met: value >= condition.atLeast, found: `${condition.counter} is ${value}` };
      };
    case 'ready': {
      let ready = false;
      let of: unknown;
      return () => {
        const actor = context.actor(condition.node);
        if (of !== actor) {
          of = actor;
          ready = false;
          actor.whenReady(within).then(
            () => {
              ready = of === actor;
            },
            () => {},
          );
        }
        return { met: ready && actor.running, found: ready ? 'ready' : 'not ready' };
      };
    }
    case 'dead':
      return () => {
        const { running } = context.actor(condition.node);
        return { met: !running, found: running ? 'still running' : 'ended' };
      };
    case 'puts':
      return () => ({ met: context.putsUnderWay === 0, found: `${context.putsUnderWay} under way` });
  }
}

/** Counts events as they come, each looked at once. */
function watchEvents(condition: Condition & { kind: 'event' }, context: Context): () => State {
  const { event, count, node } = condition;
  const seen = new Set<string>();
  let next = context.firstEvent;
  let counted = 0;
  return () => {
    for (; next < context.events.length; next++) {
      const candidate = context.events[next]!;
      seen.add(candidate.event);
      if (candidate.event === event && (node === undefined || candidate.node === node)) counted++;
    }
    const others = counted === 0 ? `; events so far: ${[...seen].sort().join(', ') || 'none'}` : '';
    return { met: counted >= count, found: `${counted} of ${count}${others}` };
  };
}
