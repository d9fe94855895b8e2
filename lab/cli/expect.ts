import type { Command } from 'commander';
import { exitCodes, outcomeOf, type Point } from '../report/index.ts';
import { withLab } from './living.ts';
import { readYaml } from './step.ts';

const SIGNS: Record<Point['outcome'], string> = { pass: '✓', fail: '✗', inconclusive: '?' };
const EXIT = { pass: exitCodes.pass, fail: exitCodes.fail, inconclusive: exitCodes.inconclusive };

/** `castlab expect`: verdicts on what a lab has done so far. */
export function register(program: Command): void {
  program
    .command('expect')
    .description('judge what was sent and put in a lab since it was last judged')
    .argument('<lab>', 'name of the lab')
    .argument('[expectation...]', 'written as in topology files; default: what the topology expects')
    .option('--everything', 'judge all since the lab is up')
    .option('--json', 'the verdicts as JSON')
    .addHelpText(
      'after',
      `
Exit code: 0 all pass, 1 something fails, 2 bad input, 3 inconclusive.

Example:
  castlab expect ring 'delivered: all' 'traversals: { on: trunks, per-datagram: 1 }'`,
    )
    .action(async (lab: string, texts: string[], options: { everything?: true; json?: true }) => {
      const expectations = texts.length === 0 ? undefined : texts.map((text) => readYaml('expect', text));
      const points = await withLab('expect', lab, async (client) => {
        const judged = await client.expect(expectations, options.everything ? 'up' : 'mark');
        await client.mark();
        return judged;
      });
      process.stdout.write(options.json ? `${JSON.stringify(points, undefined, 2)}\n` : points.map(describe).join(''));
      if (points.length === 0) process.stderr.write('castlab: the topology expects nothing: name what to expect\n');
      process.exitCode = EXIT[outcomeOf(points)];
    });
}

function describe({ title, outcome, summary, details = [] }: Point): string {
  return [`${SIGNS[outcome]} ${title} (${summary})`, ...details.map((line) => `    ${line}`)]
    .map((line) => `${line}\n`)
    .join('');
}
