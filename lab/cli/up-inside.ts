import type { Command } from 'commander';
import { type SupervisorOptions, supervise } from '../live/index.ts';
import { exitCodes } from '../report/index.ts';
import { enterSandbox, UnsupportedError } from '../sandbox/index.ts';
import { readTopology } from './read-topology.ts';

/** What `castlab up` starts in the sandbox, once a lab. */
export function register(program: Command): void {
  program
    .command('up-inside', { hidden: true })
    .description('PID 1 of a lab; castlab up starts it')
    .argument('<file>', 'topology file')
    .requiredOption('--folder <dir>', 'state folder of the lab')
    .requiredOption('--links <backend>', 'what links are made of')
    .requiredOption('--seed <n>', 'what generated objects and impairments derive from', Number)
    .addHelpText('after', '\nExample:\n  castlab up topologies/ring.yaml')
    .action(async (file: string, options: SupervisorOptions) => {
      const sandbox = await enterSandbox();
      if (!sandbox.inside) {
        process.exitCode = sandbox.exitCode;
        return;
      }
      // PID 1 ends here, and the kernel ends everything else.
      const topology = await readTopology(file);
      process.exit(await supervise(topology, options, sandbox).catch(failed));
    });
}

function failed(error: Error): number {
  process.stderr.write(`${error.message}\n`);
  return error instanceof UnsupportedError ? error.exitCode : exitCodes.fail;
}
