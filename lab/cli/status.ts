import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { DirectionStatus, LabClient, LabStatus } from '../live/index.ts';
import { alignedTable } from '../report/index.ts';
import { formatPercentage, formatRate, formatSize, formatTime } from '../topology/index.ts';
import { describeAge, withLab } from './living.ts';

interface Options {
  watch?: true;
  json?: true;
  counters?: true;
}

/** Between two looks of --watch, ms. */
const INTERVAL = 1_000;

/** `castlab status`: a lab's nodes, links and counters. */
export function register(program: Command): void {
  program
    .command('status')
    .description('nodes and links of a lab, and what they have counted')
    .argument('<lab>', 'name of the lab')
    .option('--watch', 'again every second, until Ctrl-C')
    .option('--counters', 'what every node has counted, as JSON, in place of that')
    .option('--json', 'the same as JSON')
    .addHelpText('after', '\nExample:\n  castlab status ring --watch')
    .action((lab: string, options: Options) =>
      withLab('status', lab, async (client) => {
        process.stdout.write(await look(client, options));
        while (options.watch) {
          await sleep(INTERVAL);
          const text = await look(client, options);
          process.stdout.write(`\x1b[H\x1b[2J${text}`);
        }
      }),
    );
}

async function look(client: LabClient, { json, counters }: Options): Promise<string> {
  if (counters) return `${JSON.stringify(await client.counters(), undefined, 2)}\n`;
  const status = await client.status();
  return json ? `${JSON.stringify(status, undefined, 2)}\n` : describe(client.lab.record.name, status);
}

function describe(name: string, { topology, file, up, nodes, links }: LabStatus): string {
  const nodeRows = nodes.map(({ name, zone, role, address, state }) => [name, zone, role, address, state]);
  const linkRows = links.flatMap(({ backend, state, directions }) =>
    directions.map((direction) => [
      ...[direction.name, state, backend, String(direction.packets), String(direction.bytes)],
      ...[String(direction.dropped), describeProperties(direction)],
    ]),
  );
  return [
    `${name}: ${topology} (${file}), up for ${describeAge(up)}\n`,
    alignedTable(['NODE', 'ZONE', 'ROLE', 'ADDRESS', 'STATE'], nodeRows),
    alignedTable(['LINK', 'STATE', 'BY', 'PACKETS', 'BYTES', 'DROPPED', 'DOES'], linkRows),
  ].join('\n');
}

/** `1gbit, delay 5ms, loss 1%`. Pure. */
export function describeProperties({ properties }: Pick<DirectionStatus, 'properties'>): string {
  const { rate, delay, jitter, loss, duplicate, reorder, corrupt, queue } = properties;
  const share = (name: string, value: number | undefined) =>
    value !== undefined && `${name} ${formatPercentage(value)}`;
  return [
    rate !== undefined && formatRate(rate),
    delay !== undefined && `delay ${formatTime(delay)}`,
    jitter !== undefined && `jitter ${formatTime(jitter)}`,
    share('loss', loss),
    share('duplicate', duplicate),
    share('reorder', reorder),
    share('corrupt', corrupt),
    queue !== undefined && `queue ${formatSize(queue)}`,
  ]
    .filter((part) => part !== false)
    .join(', ');
}
