#!/usr/bin/env node
import './heap.ts';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { EXIT_BAD_INPUT, KEPT_BYTES } from './constants.ts';
import { runNode, runProgram } from './node.ts';
import {
  type GetCommandOptions,
  getCommand,
  listStoreCommand,
  type OutputOptions,
  type PutCommandOptions,
  putCommand,
  statusCommand,
  verifyStoreCommand,
} from './replicast-commands.ts';
import { openReplicast } from './replicast-open.ts';
import { replicastOperations } from './replicast-operations.ts';

/** Chunks take memory and give it back all the time. A relay's datagrams are short: kept memory would only make it larger. */
async function keepMemory(): Promise<void> {
  const allocator = await import('../kernel/allocator.ts').catch(() => undefined);
  allocator?.keepFreed(KEPT_BYTES);
}

/** Runs a target or an initiator until it is told to end. */
async function run(role: 'target' | 'initiator', configFile: string): Promise<void> {
  await runNode(configFile, async (mrouter) => {
    const given = mrouter.config.values.role;
    if (given !== role) throw mrouter.config.error(['role'], `${given}: it cannot be run as ${role}`);
    await keepMemory();
    const node = openReplicast(mrouter);
    return { operations: replicastOperations(mrouter, node), close: () => node.close() };
  });
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number from 1');
  return value;
}

const program = new Command('replicast')
  .description('Stores objects as chunks on several targets: reserved multicast transfers over the overlay.')
  .exitOverride();

for (const role of ['target', 'initiator'] as const) {
  program
    .command(role)
    .description(`run this host's ${role} until SIGTERM`)
    .requiredOption('--config <file>', 'node configuration, YAML or JSON')
    .action(({ config }: { config: string }) => run(role, config));
}

program
  .command('put')
  .description('store files; prints the name of each object and where its replicas are')
  .argument('<file...>', 'files to store')
  .requiredOption('--config <file>', 'configuration of this host; its node is used if it runs')
  .option('--replicas <number>', 'copies of each chunk', positive)
  .option('--group <name>', 'negotiating group, instead of the one that each hash chooses')
  .option('--json', 'print JSON, one line a file')
  .action((files: string[], options: PutCommandOptions) => putCommand(files, options));

program
  .command('get')
  .description('fetch an object, verified')
  .argument('<hash>', 'name of the object')
  .requiredOption('-o, --output <file>', 'file to write')
  .requiredOption('--config <file>', 'configuration of this host; its node is used if it runs')
  .option('--json', 'print JSON')
  .action((hash: string, options: GetCommandOptions) => getCommand(hash, options));

program
  .command('status')
  .description('what a running node is doing')
  .requiredOption('--control <socket>', 'control socket of the node')
  .option('--json', 'print JSON on one line')
  .action((options: OutputOptions & { control: string }) => statusCommand(options));

const store = program.command('store').description("look into a target's chunk store, running or not");
store
  .command('ls')
  .description('list every chunk: hash and bytes')
  .argument('<folder>', 'folder of the store')
  .option('--json', 'print JSON, one line a chunk')
  .action((folder: string, options: OutputOptions) => listStoreCommand(folder, options));
store
  .command('verify')
  .description('read every chunk and compare it with its name; exit code 1 when one is corrupt')
  .argument('<folder>', 'folder of the store')
  .option('--json', 'print JSON')
  .action((folder: string, options: OutputOptions) => verifyStoreCommand(folder, options));

await runProgram(async () => {
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has said what is wrong; asking for help is not wrong.
    if (error.exitCode !== 0) process.exitCode = EXIT_BAD_INPUT;
  }
});
