import { setTimeout as sleep } from 'node:timers/promises';
import type { Step } from '../topology/index.ts';
import { STEP_PATIENCE } from './constants.ts';
import type { Progress, ScenarioContext, StepHandler } from './context.ts';
import { down } from './down.ts';
import { flap } from './flap.ts';
import { get } from './get.ts';
import { heal } from './heal.ts';
import { impair } from './impair.ts';
import { kill } from './kill.ts';
import { partition } from './partition.ts';
import { pause } from './pause.ts';
import { put } from './put.ts';
import { restart } from './restart.ts';
import { resume } from './resume.ts';
import { run } from './run.ts';
import { send } from './send.ts';
import { up } from './up.ts';
import { waitFor } from './wait-for.ts';

/** One handler for each kind of step. */
const handlers: { [K in Step['kind']]: StepHandler<Extract<Step, { kind: K }>> } = {
  put,
  get,
  send,
  down,
  up,
  flap,
  impair,
  kill,
  pause,
  resume,
  restart,
  partition,
  heal,
  'wait-for': waitFor,
  run,
};

/** Steps that wait for a node's answer, which may never come: a node that is paused, or cut off. */
const ASKING = new Set<Step['kind']>(['put', 'get', 'send']);

/** How one step went; `error` when it failed. */
export interface StepOutcome {
  kind: Step['kind'];
  title: string;
  /** ms on CLOCK_MONOTONIC. */
  startedAt: number;
  endedAt: number;
  summary: string;
  error?: Error;
}

const handlerOf = (step: Step) => handlers[step.kind] as unknown as StepHandler<Step>;

/** Carries out one step; what goes wrong is in the outcome. */
export async function playStep(step: Step, context: ScenarioContext & Progress, index: number): Promise<StepOutcome> {
  const began = { kind: step.kind, title: handlerOf(step).title(step), startedAt: context.now() };
  try {
    if (step.phase !== undefined) await context.beginPhase(step.phase);
    const done = handlerOf(step).run(step, context, index);
    const summary = await (ASKING.has(step.kind) ? inTime(done) : done);
    return { ...began, endedAt: context.now(), summary };
  } catch (error) {
    const summary = (error as Error).message.split('\n')[0]!;
    return { ...began, endedAt: context.now(), summary, error: error as Error };
  }
}

/** @throws Error when a step takes longer than any should. */
async function inTime(done: Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${STEP_PATIENCE / 1000} s`)), STEP_PATIENCE);
  });
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Plays a scenario. Steps without a time follow each other; a step with `at` starts that many ms after the scenario did,
 * beside whatever runs then. A step that fails does not stop the others: its failure is reported with what it led to.
 * At the end whatever is still paused goes on, so that it can say its last words.
 * Returns the outcomes in the order of the topology file.
 */
export async function play(steps: readonly Step[], outer: ScenarioContext): Promise<StepOutcome[]> {
  const context: ScenarioContext & Progress = {
    ...outer,
    firstEvent: outer.events.length,
    putsUnderWay: 0,
    paused: new Set(),
    cut: new Set(),
  };
  const outcomes: StepOutcome[] = new Array(steps.length);
  const started = context.now();
  const timed = steps.map(async (step, index) => {
    if (step.at === undefined) return;
    await sleep(Math.max(0, step.at - (context.now() - started)));
    outcomes[index] = await playStep(step, context, index);
  });
  for (const [index, step] of steps.entries()) {
    if (step.at !== undefined) continue;
    if (step.after !== undefined) await sleep(step.after);
    outcomes[index] = await playStep(step, context, index);
  }
  await Promise.all(timed);
  for (const node of context.paused) context.actor(node).signal('SIGCONT');
  return outcomes;
}
