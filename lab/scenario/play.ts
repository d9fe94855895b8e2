import { setTimeout as sleep } from 'node:timers/promises';
import type { Step } from '../topology/index.ts';
import type { ScenarioContext, StepHandler } from './context.ts';
import { get } from './get.ts';
import { kill } from './kill.ts';
import { put } from './put.ts';
import { send } from './send.ts';

/** One handler for each kind of step. */
const handlers = { put, get, send, kill } as const satisfies Record<Step['kind'], unknown>;

/** How one step went; `error` when it failed. */
export interface StepOutcome {
  title: string;
  summary: string;
  error?: Error;
}

const handlerOf = (step: Step) => handlers[step.kind] as StepHandler<Step>;

async function playStep(step: Step, context: ScenarioContext, index: number): Promise<StepOutcome> {
  const title = handlerOf(step).title(step);
  try {
    return { title, summary: await handlerOf(step).run(step, context, index) };
  } catch (error) {
    return { title, summary: (error as Error).message, error: error as Error };
  }
}

/**
 * Plays a scenario. Steps without a time follow each other; a step with `at` starts that many ms after the scenario did,
 * beside whatever runs then. A step that fails does not stop the others: its failure is reported with what it led to.
 * Returns the outcomes in the order of the topology file.
 */
export async function play(steps: readonly Step[], context: ScenarioContext): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = new Array(steps.length);
  const started = context.now();
  const timed = steps.map(async (step, index) => {
    if (step.at === undefined) return;
    await sleep(Math.max(0, step.at - (context.now() - started)));
    outcomes[index] = await playStep(step, context, index);
  });
  for (const [index, step] of steps.entries()) {
    if (step.at === undefined) outcomes[index] = await playStep(step, context, index);
  }
  await Promise.all(timed);
  return outcomes;
}
