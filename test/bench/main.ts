/** `npm run bench`: our work beside that of others, in turns, in one run; as ratios. Times decide no test. */
import { Command } from 'commander';
import { suggestion } from '../../src/document/index.ts';
import { describeMachine } from './machine.ts';
import { measure } from './measure.ts';
import { PROFILES } from './profiles.ts';
import { profileTable, summarise, table } from './report.ts';
import type { Results } from './result.ts';
import type { Row } from './row.ts';
import { bringUp } from './rows/bring-up.ts';
import { capture } from './rows/capture.ts';
import { hop } from './rows/hop.ts';
import { memory } from './rows/memory.ts';
import { memoryFlat } from './rows/memory-flat.ts';
import { put } from './rows/put.ts';
import { relay } from './rows/relay.ts';
import { replicate } from './rows/replicate.ts';
import { wire, wireLoss } from './rows/wire.ts';
import { RESULTS, save, writePage } from './saved.ts';

const ROWS: Row[] = [bringUp, ...replicate, relay, hop, put, memory, memoryFlat, capture, wire, wireLoss];
const NAMES = [...ROWS, ...PROFILES].map(({ name }) => name);

const atLeastOne = (text: string): number => {
  const value = Number(text);
  if (!(Number.isInteger(value) && value > 0))
    program.error(`expected a whole number of at least 1, not ${text}`, { exitCode: 2 });
  return value;
};
const program = new Command('npm run bench --')
  .description('Measures the rows one after another: ours and others in turns, each run in a network of its own.')
  .option('--only <name...>', `what to measure: ${NAMES.join(', ')}`)
  .option('--rounds <n>', 'how often each contender runs; default: what the row asks for', atLeastOne)
  .option('--seconds <n>', 'how long memory-flat goes on; default 60', atLeastOne)
  .option('--json', 'write the results to stdout as JSON in place of the tables')
  .option('--save', 'put the results into those of this day and machine in test/bench/results, with a plot')
  .option('--results <folder>', 'where --save and --markdown have the results', RESULTS)
  .option('--markdown', 'write the newest saved results into docs/performance.md; alone, nothing is measured')
  .addHelpText(
    'after',
    `
Examples:
  npm run bench -- --only hop relay --rounds 3
  npm run bench -- --save --markdown
  npm run bench -- --markdown`,
  );
const {
  only,
  rounds,
  seconds,
  json,
  results: folder,
  ...asked
} = program.parse().opts<{
  only?: string[];
  rounds?: number;
  seconds?: number;
  json?: true;
  save?: true;
  results: string;
  markdown?: true;
}>();

const unknown = only?.find((name) => !NAMES.includes(name));
if (unknown !== undefined) program.error(`unknown row "${unknown}"${suggestion(unknown, NAMES)}`, { exitCode: 2 });
const isWanted = ({ name }: { name: string }) => only?.includes(name) ?? true;

const measures = !asked.markdown || asked.save || only !== undefined;
const results: Results = { machine: describeMachine(), rows: [], profiles: [] };
const print = (lines: string[]) => {
  if (!json) console.log(`${lines.join('\n')}\n`);
};
const keep = () => {
  if (asked.save) save(folder, results, NAMES);
};
for (const row of measures ? ROWS.filter(isWanted) : []) {
  const measured = await measure(row, rounds ?? row.rounds, { seconds }, progress, tellFailed);
  progress('');
  const result = summarise(measured, new Date().toISOString());
  print(table(result));
  results.rows.push(result);
  keep();
}
for (const { name, work, run } of measures ? PROFILES.filter(isWanted) : []) {
  progress(name);
  const profile = { name, work, measuredAt: new Date().toISOString(), ...(await run()) };
  progress('');
  print(profileTable(profile));
  results.profiles.push(profile);
  keep();
}
if (json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
else if (measures) {
  const { cpu, cores, kernel, node, load } = results.machine;
  console.log(`on ${cores} × ${cpu}, Linux ${kernel}, Node.js ${node}, load ${load} at the beginning`);
}
if (asked.markdown) writePage(folder);

function tellFailed(what: string, { message }: Error): void {
  progress('');
  // Its last words say why; what went before is how it was called.
  const why = message.split('\n').findLast((line) => line.startsWith('Error: ')) ?? message.split('\n')[0];
  console.error(`${what}: does not count: ${why}`);
}

function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
}
