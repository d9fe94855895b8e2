#!/usr/bin/env node
import './heap.ts';
import { Argument, Command, CommanderError } from 'commander';
import { InputError } from '../document/index.ts';
import { readConfig } from './config.ts';
import { ControlClient } from './control.ts';
import { runNode, runProgram } from './node.ts';

/** What `ctl` asks for, and what it answers. */
const OPERATIONS = {
  status: 'who this node is, which targets are dead or have another map, which initiators it knows',
  map: 'the cluster map in force, with the addresses and labels derived from it',
  counters: 'datagrams received, sent, relayed, delivered, and dropped by reason, since the start',
  metrics: 'the same and more as text for Prometheus',
  reload: 'read the cluster map again and put it in force; no datagram is lost, a bad map changes nothing',
} as const;

interface ControlOptions {
  control?: string;
  config?: string;
}

/** Asks a running node for one operation and prints the result. */
async function askNode(op: string, { control, config }: ControlOptions): Promise<void> {
  const socket = control ?? (config && readConfig(config).values.control);
  if (!socket) throw new InputError('which node? Give --control <socket>, or the --config <file> that it runs with');
  let client: ControlClient;
  try {
    client = await ControlClient.connect(socket);
  } catch (error) {
    throw new InputError(`no node answers at ${socket}: ${(error as Error).message}`);
  }
  try {
    const result = await client.request(op);
    process.stdout.write(typeof result === 'string' ? result : `${JSON.stringify(result, undefined, 2)}\n`);
  } finally {
    client.close();
  }
}

const program = new Command('mrouter')
  .description('Routes overlay datagrams between hosts: BIER over UDP.')
  .exitOverride();

program
  .command('run')
  .description('run the MRouter of this host until SIGTERM or SIGINT')
  .requiredOption('--config <file>', 'node configuration, YAML or JSON')
  .addHelpText('after', '\nExample: mrouter run --config /etc/mrouter.yaml')
  .action(({ config }: { config: string }) => runNode(config, () => ({})));

program
  .command('ctl')
  .description('ask a running node')
  .addArgument(new Argument('<operation>', 'what to ask for, see below').choices(Object.keys(OPERATIONS)))
  .option('--control <socket>', 'control socket of the node')
  .option('--config <file>', 'configuration of the node, which says where its control socket is')
  .addHelpText(
    'after',
    `
Operations:
${Object.entries(OPERATIONS)
  .map(([name, what]) => `  ${name.padEnd(10)}${what}`)
  .join('\n')}

Answers are JSON, metrics are text.

Examples:
  mrouter ctl status --config /etc/mrouter.yaml
  mrouter ctl reload --control /run/mrouter.sock
  mrouter ctl counters --control /run/mrouter.sock | jq '.dropped | map_values(select(. > 0))'`,
  )
  .action(askNode);

await runProgram(async () => {
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has said what is wrong; asking for help is not wrong.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  }
});
