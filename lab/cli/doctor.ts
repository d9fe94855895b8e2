import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, examine, probe, type Shipped } from '../doctor/index.ts';
import { requirements } from '../plan/index.ts';
import { exitCodes } from '../report/index.ts';
import { enterSandbox, UnsupportedError } from '../sandbox/index.ts';
import { readTopology } from './read-topology.ts';

/** `castlab doctor`: what this machine has of what a lab needs. */
export function register(program: Command): void {
  program
    .command('doctor')
    .description('what this machine has and lacks, what needs it, and the command that mends it')
    .option('--json', 'the same as JSON')
    .addHelpText(
      'after',
      `
Exit code: 0 when the shipped topologies can run here, otherwise 77.

Example:
  castlab doctor`,
    )
    .action(async ({ json }: { json?: true }) => {
      const ended = await examineHere(json === true);
      if (ended.inside) process.exit(ended.exitCode);
      process.exitCode = ended.exitCode;
    });
}

/** What the kernel gives is tried in the sandbox, so this runs again there; without one, it says what it can. */
async function examineHere(json: boolean): Promise<{ inside: boolean; exitCode: number }> {
  let refusal: UnsupportedError | undefined;
  try {
    const place = await enterSandbox();
    if (!place.inside) return place;
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    refusal = error;
  }
  const diagnosis = examine(await probe(refusal), await shipped());
  process.stdout.write(json ? `${JSON.stringify(diagnosis, undefined, 2)}\n` : describe(diagnosis));
  return { inside: refusal === undefined, exitCode: diagnosis.healthy ? exitCodes.pass : exitCodes.unsupported };
}

/** The topologies that come with this program. */
async function shipped(): Promise<Shipped[]> {
  // Beside the bundles, or two folders above the sources and the bundles' chunks.
  const folder = ['../topologies', '../../topologies']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (folder === undefined) return [];
  const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  return Promise.all(
    files.sort().map(async (name) => ({
      file: `topologies/${name}`,
      requirements: requirements(await readTopology(join(folder, name))),
    })),
  );
}
