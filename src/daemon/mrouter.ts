#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { InputError } from '../document/index.ts';
import { ControlClient } from './control.ts';
import { runNode, runProgram } from './node.ts';

/** Asks a running node for one operation and prints the result. */
async function askNode(control: string, op: string): Promise<void> {
  let client: ControlClient;
  try {
    client = await ControlClient.connect(control);
  } catch (error) {
    throw new InputError(`no node answers at ${control}: ${(error as Error).message}`);
  }
  try {
    process.stdout.write(`${JSON.stringify(await client.request(op), undefined, 2)}\n`);
  } finally {
    client.close();
  }
}

const program = new Command('mrouter')
  .description('Routes overlay datagrams between hosts: BIER over UDP.')
  .exitOverride();

program
  .command('run')
  .description('run the MRouter of this host until SIGTERM')
  .requiredOption('--config <file>', 'node configuration, YAML or JSON')
  .action(({ config }: { config: string }) => runNode(config, () => ({})));

program
  .command('ctl')
  .description('ask a running node: status, map, counters, reload')
  .requiredOption('--control <socket>', 'control socket of the node')
  .argument('<operation>', 'status, map, counters or reload')
  .action((operation: string, { control }: { control: string }) => askNode(control, operation));

await runProgram(async () => {
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has said what is wrong; asking for help is not wrong.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  }
});
