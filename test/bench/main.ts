/** `npm run bench`: our work beside that of others, in turns, in one run; as ratios. Times decide no test. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { suggestion } from '../../src/document/index.ts';
import { describeMachine } from './machine.ts';
import { measure } from './measure.ts';
import { plot } from './plot.ts';
import { table, toJson } from './report.ts';
import type { Row } from './row.ts';
import { bringUp } from './rows/bring-up.ts';
import { capture } from './rows/capture.ts';
import { memory } from './rows/memory.ts';
import { put } from './rows/put.ts';
import { relay } from './rows/relay.ts';
import { replicate } from './rows/replicate.ts';
import { wire, wireLoss } from './rows/wire.ts';

const ROWS: Row[] = [bringUp, capture, memory, put, relay, ...replicate, wire, wireLoss];

const program = new Command('npm run bench --')
  .description('Measures the rows one after another: ours and others in turns, each run in a network of its own.')
  .option('--only <row...>', `rows to measure: ${ROWS.map(({ name }) => name).join(', ')}`)
  .option('--rounds <n>', 'how often each contender runs; default: what the row asks for', Number)
  .option('--json', 'write the results to stdout as JSON in place of the table')
  .option(
    '--out <dir>',
    'where results.json and a plot of each row go',
    fileURLToPath(new URL('results', import.meta.url)),
  )
  .addHelpText('after', '\nExample: npm run bench -- --only bring-up --rounds 3');
const { only, rounds, json, out } = program
  .parse()
  .opts<{ only?: string[]; rounds?: number; json?: true; out: string }>();

const names = ROWS.map(({ name }) => name);
const unknown = only?.find((name) => !names.includes(name));
if (unknown !== undefined) program.error(`unknown row "${unknown}"${suggestion(unknown, names)}`, { exitCode: 2 });
if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
  program.error('--rounds: expected a whole number of at least 1', { exitCode: 2 });
}

const machine = describeMachine();
const results: unknown[] = [];
mkdirSync(out, { recursive: true });
for (const row of ROWS.filter(({ name }) => only?.includes(name) ?? true)) {
  const measured = await measure(row, rounds ?? row.rounds, (what) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
  });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  if (!json) console.log(`${table(measured).join('\n')}\n`);
  results.push(toJson(measured));
  for (const [figure, unit] of Object.entries(row.figures)) {
    writeFileSync(join(out, `${row.name}-${figure}.svg`), plot(measured, figure, unit));
  }
}
const text = `${JSON.stringify({ machine, measuredAt: new Date().toISOString(), rows: results }, null, 2)}\n`;
if (json) process.stdout.write(text);
else {
  const { cpu, cores, kernel, node, load } = machine;
  console.log(`on ${cores} × ${cpu}, Linux ${kernel}, Node.js ${node}, load ${load}`);
}
writeFileSync(join(out, 'results.json'), text);
