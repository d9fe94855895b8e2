import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ControlClient } from '../../src/daemon/control.ts';
import { InputError } from '../../src/document/index.ts';
import type { Point } from '../report/index.ts';
import { lives } from './life.ts';
import type { Since } from './live-lab.ts';
import type { Answer, ToldStep } from './operations.ts';
import { forget, type KnownLab, LAB_FILES } from './state.ts';
import type { LabStatus } from './status.ts';

/** How long a lab may take to end by itself, ms; then it is killed. */
const END_PATIENCE = 2_000;
/** How long the kernel may take to end what PID 1 leaves, ms. */
const KILL_PATIENCE = 10_000;
const POLL = 5;

/** A lab that could not do what it was asked, or ended over it. */
export class LabError extends Error {
  override name = 'LabError';
}

/** Talks to a lab that is up. Whatever it is asked rejects with a LabError when that does not work. */
export class LabClient {
  readonly lab: KnownLab;
  readonly #control: ControlClient;

  private constructor(lab: KnownLab, control: ControlClient) {
    this.lab = lab;
    this.#control = control;
  }

  /** @throws Error with the code of the system when nobody answers there. */
  static async connect(lab: KnownLab): Promise<LabClient> {
    return new LabClient(lab, await ControlClient.connect(join(lab.folder, LAB_FILES.control)));
  }

  status(): Promise<LabStatus> {
    return this.#request('status');
  }

  /** What every node that answers has counted. */
  counters(): Promise<Record<string, unknown>> {
    return this.#request('counters');
  }

  /**
   * Takes steps, as under `scenario` in a topology file: `{ put: { from: 'i1', size: '1MiB' } }`.
   * @throws InputError when one is not a step, or names what is not there.
   */
  step(...steps: unknown[]): Promise<ToldStep[]> {
    return this.#ask('step', { text: JSON.stringify({ scenario: steps }) });
  }

  /**
   * Judges what was sent and put since the last mark, or since the lab is up.
   * @param expectations as under `expect` in a topology file; by default what the topology itself expects
   * @throws InputError when it is not an expectation, or names what is not there.
   */
  expect(expectations: unknown, since: Since): Promise<Point[]> {
    const text = expectations === undefined ? {} : { text: JSON.stringify({ expect: expectations }) };
    return this.#ask('expect', { ...text, since });
  }

  /** Sets the mark: from now on, only what comes is judged. */
  async mark(): Promise<void> {
    await this.#request('mark');
  }

  /** Asks the lab to end. */
  async end(): Promise<void> {
    await this.#request('end');
  }

  close(): void {
    this.#control.close();
  }

  /** @throws LabError */
  async #request<T>(op: string, args: Record<string, unknown> = {}): Promise<T> {
    try {
      return (await this.#control.request(op, args)) as T;
    } catch (error) {
      const { name, life } = this.lab.record;
      const { message } = error as Error;
      // The socket closes a moment before the process has ended.
      if (/closed its control socket/.test(message)) await gone(this.lab, END_PATIENCE);
      throw new LabError(lives(life) ? `lab ${name}: ${message}` : `lab ${name} has ended`);
    }
  }

  async #ask<T>(op: string, args: Record<string, unknown>): Promise<T> {
    const answer = await this.#request<Answer<T>>(op, args);
    if ('problems' in answer) throw new InputError(answer.problems.map((message) => ({ message })));
    return answer.answer;
  }
}

/** Ends a lab, however it is, and forgets it; resolves when its last process has ended. */
export async function endLab(lab: KnownLab): Promise<void> {
  const { life } = lab.record;
  if (lab.state === 'up') {
    const ending = LabClient.connect(lab).then((client) => client.end());
    await Promise.race([ending.catch(() => {}), sleep(END_PATIENCE)]);
    await gone(lab, END_PATIENCE);
  }
  if (lives(life)) process.kill(life.pid, 'SIGKILL');
  await gone(lab, KILL_PATIENCE);
  forget(lab);
}

async function gone({ record }: KnownLab, patience: number): Promise<void> {
  const end = performance.now() + patience;
  while (lives(record.life) && performance.now() < end) await sleep(POLL);
}
