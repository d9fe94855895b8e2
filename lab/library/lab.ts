import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type * as z from 'zod';
import { startLab } from '../live/index.ts';
import type { LinkMode } from '../plan/index.ts';
import { loadTopology } from '../topology/index.ts';
import type { topologyFile } from '../topology/schema.ts';
import { RunningLab } from './running-lab.ts';
import { atEnd, checkContext, type TestContext } from './test-context.ts';

/** Path of a topology file, or the topology itself, as a text with more than one line or as an object. */
export type LabSource = string | z.input<typeof topologyFile>;

export interface LabOptions {
  /** What generated objects and impairments derive from; default 1. */
  seed?: number;
  /** Who does delay, jitter, loss; default: the kernel where it can, wires where not. */
  links?: LinkMode;
}

/**
 * Brings up a lab for one test; resolves when all its nodes are ready. It ends with the test, and with the process that runs it, however that
 * ends. Labs of tests that run at the same time know nothing of each other.
 * @param test the `t` of `tap` or of `node:test`
 * @throws InputError with everything that is wrong in the topology; UnsupportedError when this machine lacks what it needs
 */
export async function lab(test: TestContext, source: LabSource, options: LabOptions = {}): Promise<RunningLab> {
  checkContext(test);
  const { file, text, temporary } = await fileOf(source);
  const { seed = 1, links = 'auto' } = options;
  try {
    const known = await startLab(loadTopology(text, file), { seed, links, tied: true });
    const running = await RunningLab.of(known, test);
    atEnd(test, () => running.close());
    return running;
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true });
  }
}

/** The file that the lab itself reads. */
async function fileOf(source: LabSource): Promise<{ file: string; text: string; temporary?: string }> {
  if (typeof source === 'string' && !source.includes('\n')) {
    const file = resolve(source);
    return { file, text: readFileSync(file, 'utf8') };
  }
  const text = typeof source === 'string' ? source : JSON.stringify(source, undefined, 2);
  const temporary = await mkdtemp(join(tmpdir(), 'castlab-topology-'));
  const file = join(temporary, 'topology.yaml');
  await writeFile(file, text);
  return { file, text, temporary };
}
