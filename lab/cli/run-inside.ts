import type { Command } from 'commander';
import type { Features } from '../links/features.ts';
import { assertMachine } from '../links/machine.ts';
import { compile, type LinkMode } from '../plan/index.ts';
import { exitCodeOf, exitCodes, type RunResult } from '../report/index.ts';
import { brokenResult } from '../run/broken.ts';
import { writeResult } from '../run/evidence-files.ts';
import { run } from '../run/run.ts';
import { enterSandbox, UnsupportedError } from '../sandbox/index.ts';
import { readTopology } from './read-topology.ts';

interface Options {
  folder: string;
  seed: number;
  links: LinkMode;
}

/** What `castlab run` starts in the sandbox, once a topology. */
export function register(program: Command): void {
  program
    .command('run-inside', { hidden: true })
    .argument('<file>')
    .requiredOption('--folder <dir>')
    .requiredOption('--seed <n>', '', Number)
    .requiredOption('--links <backend>')
    .action(async (file: string, options: Options) => {
      const sandbox = await enterSandbox();
      if (!sandbox.inside) {
        process.exitCode = sandbox.exitCode;
        return;
      }
      const interrupted = new Promise<number>((resolve) => {
        sandbox.interrupted.addEventListener('abort', () => resolve(sandbox.interrupted.reason.exitCode));
      });
      const finished = runHere(file, options).then(
        (result) => exitCodeOf([result]),
        (error: Error) => {
          console.error(`castlab: ${error.stack ?? error.message}`);
          return exitCodes.fail;
        },
      );
      // PID 1 ends here, and the kernel ends everything else.
      process.exit(await Promise.race([finished, interrupted]));
    });
}

async function runHere(file: string, options: Options): Promise<RunResult> {
  const topology = await readTopology(file);
  let features: Features;
  try {
    features = assertMachine(topology, options.links);
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    const result = brokenResult(topology, options, 'this machine can build it', error, 'unsupported');
    await writeResult(result);
    return result;
  }
  return run(compile(topology, { links: options.links, netem: features.netem.available }), options);
}
