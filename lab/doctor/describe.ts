import type { Check, Diagnosis } from './examine.ts';

const SIGNS: Record<Check['state'], string> = { found: 'ok      ', missing: 'MISSING ', unknown: '?       ' };
const WIDTH = 18;
const INDENT = ' '.repeat(SIGNS.found.length);

/** A diagnosis as text: a line for what was found, with reason and remedy for what was not. Pure. */
export function describe({ machine, checks, topologies, healthy }: Diagnosis): string {
  const run = topologies.filter(({ runs }) => runs).length;
  const lines = [
    machine,
    '',
    ...checks.flatMap(describeCheck),
    '',
    `${run} of ${topologies.length} shipped topologies can run here`,
    ...topologies.filter(({ runs }) => !runs).map(({ file, reason }) => `  ${file}: ${reason}`),
    ...(healthy ? [] : ['castlab vm runs them under a stock kernel']),
  ];
  return `${lines.join('\n')}\n`;
}

function describeCheck({ name, state, neededFor, reason, remedy }: Check): string[] {
  const lines = [`${SIGNS[state]}${name.padEnd(WIDTH)}${neededFor}`];
  if (reason !== undefined) lines.push(`${INDENT}${reason.replaceAll('\n', `\n${INDENT}`)}`);
  if (remedy !== undefined) lines.push(`${INDENT}to mend it: ${remedy}`);
  return lines;
}
