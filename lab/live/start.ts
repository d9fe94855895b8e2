import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '../../src/document/index.ts';
import { compile, type LinkMode } from '../plan/index.ts';
import { EndedError, startInSandbox } from '../sandbox/background.ts';
import { hasSysAdmin } from '../sandbox/command.ts';
import { UnsupportedError } from '../sandbox/index.ts';
import type { Topology } from '../topology/index.ts';
import { enterScript } from './enter-script.ts';
import { lifeOf } from './life.ts';
import { claim, forget, type KnownLab, LAB_FILES, ownLife, stateRoot, writeRecord } from './state.ts';

export interface StartOptions {
  /** Name of the lab; by default that of the topology, with a number where that is taken. */
  name?: string;
  /** What generated objects and impairments derive from. */
  seed: number;
  /** Whether the kernel ends the lab with this process. */
  tied: boolean;
  /** Who does delay, jitter, loss; default: the kernel where it can. */
  links?: LinkMode;
}

/** A unix socket's path has at most so many bytes (sun_path, with its end). */
const SOCKET_PATH = 107;

/**
 * Starts a lab in the background; resolves when its nodes are ready.
 * @throws InputError when the name is taken, UnsupportedError when this machine lacks what the topology needs, Error with the lab's own words
 * when it does not come up.
 */
export async function startLab(topology: Topology, options: StartOptions): Promise<KnownLab> {
  const plan = compile(topology);
  const root = stateRoot();
  const nodes = plan.namespaces.map(({ name }) => name);
  const links = plan.links.map(({ name }) => name);
  const claimed = claim(
    root,
    {
      schema: 1,
      name: options.name ?? topology.name,
      topology: topology.name,
      file: resolve(topology.file),
      seed: options.seed,
      startedAt: new Date().toISOString(),
      life: ownLife(),
      ...{ nodes, links },
    },
    options.name !== undefined,
  );
  if (claimed === undefined) {
    throw new InputError(
      `castlab: a lab ${options.name} is up already: choose another name, or castlab down ${options.name}`,
    );
  }
  const { folder } = claimed;
  let { record } = claimed;
  try {
    if (Buffer.byteLength(join(folder, LAB_FILES.control)) > SOCKET_PATH) {
      throw new InputError(
        `castlab: ${folder} is too long for a socket in it: choose a shorter name, or set XDG_RUNTIME_DIR`,
      );
    }
    writeFileSync(join(folder, LAB_FILES.nodeNames), `${nodes.join('\n')}\n`);
    writeFileSync(join(folder, LAB_FILES.linkNames), `${links.join('\n')}\n`);
    const how = ['--folder', folder, '--seed', String(options.seed), '--links', options.links ?? 'auto'];
    await startInSandbox(['up-inside', topology.file, ...how], {
      tied: options.tied,
      output: join(folder, LAB_FILES.output),
      folder,
      onStart: (pid) => {
        record = { ...record, life: lifeOf(pid) };
        writeRecord(folder, record);
        writeFileSync(join(folder, LAB_FILES.enter), enterScript(record, !hasSysAdmin()));
      },
    });
    return { record, folder, state: 'up' };
  } catch (error) {
    const explained = explain(error as Error, folder);
    forget({ folder, record });
    throw explained;
  }
}

/** What the lab itself said before it ended. */
function explain(error: Error, folder: string): Error {
  if (!(error instanceof EndedError)) return error;
  const said = readFileSync(join(folder, LAB_FILES.output), 'utf8').trim();
  const message = said || error.message;
  if (error.exitCode !== 77) return new Error(message);
  const [reason, remedy] = message.split('\n  to mend it: ');
  return new UnsupportedError(reason!, remedy);
}
