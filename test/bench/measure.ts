import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ascending, quantile } from '../../lab/verdict/quantile.ts';
import type { Spread } from './result.ts';
import type { Asked, Contender, Figures, Row } from './row.ts';

/** All that was measured for a row: each contender's figures, one entry a round. */
export interface Measured {
  row: Row;
  runs: Map<string, Figures[]>;
  /** Contenders that are not on this machine, and what would bring them. */
  missing: { contender: string; package: string }[];
}

/**
 * Lets the contenders of a row take turns, so that what else the machine does falls on all of them alike. A run that fails is ours to mend; one
 * of somebody else's program does not count, and the others go on.
 * @param onRun told before each run
 * @param onFailed told of each run that does not count
 */
export async function measure(
  row: Row,
  rounds: number,
  asked: Asked,
  onRun: (what: string) => void,
  onFailed: (what: string, error: Error) => void,
): Promise<Measured> {
  const missing = row.contenders.flatMap(({ name, needs }) =>
    needs && !isInstalled(needs.program) ? [{ contender: name, package: needs.package }] : [],
  );
  const present = row.contenders.filter(({ name }) => !missing.some(({ contender }) => contender === name));
  const runs = new Map<string, Figures[]>(present.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of inTurn(present, round)) {
      const what = `${row.name}: ${contender.name}, ${round + 1} of ${rounds}`;
      onRun(what);
      try {
        runs.get(contender.name)!.push(await contender.run(asked));
      } catch (error) {
        if (!contender.peer) throw error;
        onFailed(what, error as Error);
      }
    }
  }
  return { row, runs, missing };
}

/** Another one begins each round: nobody always runs after the same one. */
const inTurn = (contenders: Contender[], round: number): Contender[] =>
  contenders.map((_, i) => contenders[(i + round) % contenders.length]!);

export function spread({ runs }: Measured, contender: string, figure: string): Spread | undefined {
  const values = ascending((runs.get(contender) ?? []).flatMap((figures) => figures[figure] ?? []));
  if (values.length === 0) return undefined;
  return { median: quantile(values, 0.5), min: values[0]!, max: values.at(-1)! };
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
