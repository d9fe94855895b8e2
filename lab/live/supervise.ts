import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ControlServer } from '../../src/daemon/control.ts';
import { assertMachine } from '../links/machine.ts';
import { NodeError } from '../nodes/node.ts';
import { compile, type LinkMode } from '../plan/index.ts';
import type { Sandbox } from '../sandbox/index.ts';
import type { Topology } from '../topology/index.ts';
import { LiveLab } from './live-lab.ts';
import { labOperations } from './operations.ts';
import { LAB_FILES } from './state.ts';

export interface SupervisorOptions {
  /** State folder of the lab. */
  folder: string;
  seed: number;
  links: LinkMode;
}

/**
 * What PID 1 of a living lab does: builds it, answers at its control socket, and ends when it is told to. Every link is made such that it can
 * be impaired later.
 * @returns the exit code
 * @throws UnsupportedError when this machine cannot build it; whatever else goes wrong before it is up
 */
export async function supervise(topology: Topology, options: SupervisorOptions, sandbox: Sandbox): Promise<number> {
  const { folder, seed, links } = options;
  const features = assertMachine(topology, links);
  const plan = compile(topology, { links, netem: features.netem.available, changeable: true });
  writeFileSync(join(folder, LAB_FILES.plan), JSON.stringify(plan));
  const ended = new Promise<number>((resolve) => {
    sandbox.interrupted.addEventListener('abort', () => resolve(sandbox.interrupted.reason.exitCode));
    const end = () => setImmediate(() => void server?.close().then(() => resolve(0)));
    let server: ControlServer | undefined;
    LiveLab.start(plan, { folder, seed })
      .then(async (lab) => {
        server = await ControlServer.open(join(folder, LAB_FILES.control), labOperations(lab, end));
        sandbox.settle();
      })
      .catch((error: Error) => {
        const last = error instanceof NodeError ? error.lastLines.map((line) => `${error.node} | ${line}`) : [];
        process.stderr.write(`${[error.message, ...last].join('\n')}\n`);
        resolve(1);
      });
  });
  return ended;
}
