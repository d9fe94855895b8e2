import { cellsOf, format } from './report.ts';
import type { ContenderResult, ProfileResult, Results, RowResult } from './result.ts';
import type { Unit } from './row.ts';

/** What a page has between `<!-- NAME -->` and `<!-- /NAME -->` comes from results. */
const section = (name: string) => new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);

/**
 * A page with its sections filled: `machine`, `goals`, `contenders`, and one of each profile's name.
 * @param picture path of the plot, from the page
 * @throws Error when the page lacks one of them
 */
export function fill(page: string, results: Results, picture: string): string {
  const sections = {
    machine: describe(results),
    goals: goals(results.rows),
    contenders: contenders(results.rows),
    picture: `![Median of each contender of each row](${picture})`,
    ...Object.fromEntries(results.profiles.map((profile) => [profile.name, breakdown(profile)])),
  };
  let filled = page;
  for (const [name, text] of Object.entries(sections)) {
    if (!section(name).test(filled))
      throw new Error(`the page has no section "${name}": <!-- ${name} --> … <!-- /${name} -->`);
    filled = filled.replace(section(name), (_, begin: string, end: string) => `${begin}${text}\n${end}`);
  }
  return filled;
}

function describe({ machine, rows }: Results): string {
  const { cores, cpu, memory, kernel, system, node, load } = machine;
  const days = [...new Set(rows.map(({ measuredAt }) => measuredAt.slice(0, 10)))].sort();
  return `${cores} × ${cpu}, ${(memory / 2 ** 30).toFixed(1)} GiB of memory, ${system}, Linux ${kernel}, Node.js ${node}; ${days.join(', ')}, load ${load} when the last of it began.`;
}

/** One line for each goal of each row; who is compared stands beside the first. */
function goals(rows: readonly RowResult[]): string {
  const lines = rows.flatMap((row) =>
    row.goals.map(({ text, value, reached }, i) => {
      const compared = i === 0 ? peers(row) : { names: '', ratios: '' };
      return [
        i === 0 ? `[${row.name}](#${row.name}): ${row.work}` : '',
        text,
        `${reached ? '' : '**missed:** '}${value}`,
        compared.names,
        compared.ratios,
      ];
    }),
  );
  return markdownTable([['what', 'to reach', 'measured', 'peer', 'ours is'], ...lines]);
}

function peers({ units, contenders: all }: RowResult): { names: string; ratios: string } {
  const [figure, unit] = Object.entries(units)[0]!;
  const [first] = all;
  const compared = all.filter(({ peer, figures }) => peer && figures[figure]);
  return {
    names: compared.map(({ name, figures }) => `${name}: ${format(figures[figure]!.median, unit)}`).join('<br>'),
    ratios: compared.map((peer) => better(first!, peer, figure, unit)).join('<br>'),
  };
}

/** How many times faster, or smaller, ours is. */
function better(ours: ContenderResult, peer: ContenderResult, figure: string, unit: Unit): string {
  const [own, theirs] = [ours.figures[figure]!.median, peer.figures[figure]!.median];
  if (unit === 'bit/s') return `${(own / theirs).toFixed(2)} × as fast`;
  return `${(theirs / own).toFixed(2)} × ${unit === 'ms' ? 'as fast' : 'smaller'}`;
}

/** All figures of each row. */
function contenders(rows: readonly RowResult[]): string {
  return rows
    .map(({ name, units, contenders: all, missing }) => {
      const head = ['', ...Object.keys(units)];
      const lines = all.map((contender) => [
        contender.name,
        ...Object.entries(units).map(([figure, unit]) => cell(contender, figure, unit)),
      ]);
      const rounds = all[0]?.runs.length ?? 0;
      const left = missing.map(
        ({ contender, package: brings }) => `Left out: ${contender} (Debian package ${brings}).`,
      );
      return [
        `### ${name}`,
        '',
        rounds === 1 ? 'One round.' : `Medians of ${rounds} rounds, with the smallest and the largest.`,
        '',
        markdownTable([head, ...lines]),
        ...left.flatMap((line) => ['', line]),
      ].join('\n');
    })
    .join('\n\n');
}

function cell({ figures, runs }: ContenderResult, figure: string, unit: Unit): string {
  const found = figures[figure];
  if (!found) return '';
  const range = runs.length > 1 ? ` (${format(found.min, unit)} … ${format(found.max, unit)})` : '';
  return `${format(found.median, unit)}${range}`;
}

function breakdown(profile: ProfileResult): string {
  const { work, columns, lines, notes } = profile;
  const cells = lines.map(({ part, values }) => [part, ...cellsOf(profile, values)]);
  return [
    `${work[0]!.toUpperCase()}${work.slice(1)}:`,
    '',
    markdownTable([['', ...columns], ...cells]),
    ...(notes.length > 0
      ? ['', 'The functions that take most of it, with what Node.js and the kernel do for them:', '']
      : []),
    ...notes.map((note) => `- ${note}`),
  ].join('\n');
}

function markdownTable(lines: readonly (readonly string[])[]): string {
  const escaped = lines.map((line) => line.map((cell) => cell.replaceAll('|', '\\|')));
  const [head, ...rest] = escaped.map((line) => `| ${line.join(' | ')} |`);
  const rule = `|${' --- |'.repeat(lines[0]!.length)}`;
  return [head, rule, ...rest].join('\n');
}
