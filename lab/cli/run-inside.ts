import type { Command } from 'commander';
import { compile } from '../plan/index.ts';
import { exitCodeOf } from '../report/index.ts';
import { run } from '../run/run.ts';
import { enterSandbox } from '../sandbox/index.ts';
import { readTopology } from './read-topology.ts';

/** What `castlab run` starts in the sandbox, once a topology. */
export function register(program: Command): void {
  program
    .command('run-inside', { hidden: true })
    .argument('<file>')
    .requiredOption('--folder <dir>')
    .requiredOption('--seed <n>', '', Number)
    .action(async (file: string, options: { folder: string; seed: number }) => {
      const sandbox = await enterSandbox();
      if (!sandbox.inside) {
        process.exitCode = sandbox.exitCode;
        return;
      }
      const plan = compile(await readTopology(file));
      const finished = run(plan, options);
      const interrupted = new Promise<number>((resolve) =>
        sandbox.interrupted.addEventListener('abort', () => resolve(sandbox.interrupted.reason.exitCode)),
      );
      // PID 1 ends here, and the kernel ends everything else.
      process.exit(await Promise.race([finished.then((result) => exitCodeOf([result])), interrupted]));
    });
}
