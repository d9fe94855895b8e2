import { InputError } from '../../src/document/index.ts';
import { LabClient, labNamed, type ToldStep } from '../live/index.ts';
import { exitCodes } from '../report/index.ts';

/**
 * Does something with a lab that is up.
 * @throws InputError when there is none of that name, or when it does not have what it was asked about.
 */
export async function withLab<T>(verb: string, name: string, action: (lab: LabClient) => Promise<T>): Promise<T> {
  const client = await LabClient.connect(labNamed(name));
  try {
    return await action(client);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      error.problems.map((problem) => ({ ...problem, message: `castlab ${verb}: ${problem.message}` })),
    );
  } finally {
    client.close();
  }
}

/** Takes one step in a lab, says how it went, and sets the exit code. */
export async function takeStep(verb: string, lab: string, step: Record<string, unknown>): Promise<void> {
  process.exitCode = reportSteps(await withLab(verb, lab, (client) => client.step(step)));
}

/** Prints what steps came to, a line each, and returns the exit code. */
export function reportSteps(outcomes: readonly ToldStep[]): number {
  for (const { title, summary, error } of outcomes) {
    if (error === undefined) process.stdout.write(`${title}: ${summary}\n`);
    else process.stderr.write(`castlab: ${title}: failed\n${error.replace(/^/gm, '  ')}\n`);
  }
  return outcomes.some(({ error }) => error !== undefined) ? exitCodes.fail : exitCodes.pass;
}

/** `3 h 12 min`, `4 min 3 s`, `12 s`. Pure. */
export function describeAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
