import { spawn } from 'node:child_process';
import { inNamespace } from '../../src/kernel/index.ts';
import { fillCommand } from '../plan/index.ts';
import type { RunStep } from '../topology/index.ts';
import { KEPT_LINES } from './constants.ts';
import type { StepHandler } from './context.ts';

/** Runs a command in a namespace, in a process group of its own, so that nothing that it starts outlives its time. */
export const run: StepHandler<RunStep> = {
  title: (step) => `${step.command.join(' ')} on ${step.node}`,

  run({ node, command, within }, context) {
    const [program, ...args] = fillCommand(command, context.topology);
    const child = inNamespace(node, () =>
      spawn(program, args, {
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
        env: { ...process.env, NODE_OPTIONS: '' },
      }),
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text)
          .split('\n')
          .slice(-KEPT_LINES - 1)
          .join('\n');
      });
    }
    return new Promise<string>((resolve, reject) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      }, within);
      const fail = (what: string) =>
        reject(new Error([`${program} on ${node} ${what}`, output.trim()].join('\n').trim()));
      child.once('error', (error) => {
        clearTimeout(timer);
        fail(`could not be started: ${error.message}`);
      });
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        if (late) fail(`did not end within ${within} ms`);
        else if (code === 0) resolve(output.trim().split('\n').at(-1) || 'exit code 0');
        else fail(code === null ? `was ended by ${signal}` : `ended with exit code ${code}`);
      });
    });
  },
};
