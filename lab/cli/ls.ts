import type { Command } from 'commander';
import { forget, type KnownLab, knownLabs } from '../live/index.ts';
import { alignedTable } from '../report/index.ts';
import { describeAge } from './living.ts';

/** `castlab ls`: which labs are up. A lab that was ended from outside is listed once more, and then forgotten. */
export function register(program: Command): void {
  program
    .command('ls')
    .description('list the labs that are up')
    .option('--json', 'the same as JSON')
    .addHelpText('after', '\nA lab whose supervisor was killed is listed as gone, once.\n\nExample:\n  castlab ls')
    .action(({ json }: { json?: true }) => {
      const labs = knownLabs();
      for (const lab of labs) if (lab.state === 'gone') forget(lab);
      process.stdout.write(json ? `${JSON.stringify(labs.map(asJson), undefined, 2)}\n` : asTable(labs));
    });
}

const asJson = ({ record, folder, state }: KnownLab) => ({ ...record, folder, state });

function asTable(labs: readonly KnownLab[]): string {
  if (labs.length === 0) return 'no lab is up (castlab up FILE starts one)\n';
  const rows = labs.map(({ record, state }) => [
    ...[record.name, state, record.topology, String(record.life.pid)],
    ...[describeAge(Date.now() - Date.parse(record.startedAt)), record.file],
  ]);
  return alignedTable(['LAB', 'STATE', 'TOPOLOGY', 'PID', 'AGE', 'FILE'], rows);
}
