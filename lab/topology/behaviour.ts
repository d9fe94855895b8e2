import type { Path } from '../../src/document/index.ts';
import { readFilters } from './expectations/filters.ts';
import { type ExpectationKindName, expectationKinds } from './expectations/index.ts';
import type { ExpectationKind } from './expectations/kind.ts';
import type { Problems } from './problems.ts';
import type { StepDeclaration, TopologyFile } from './schema.ts';
import type { Scope } from './scope.ts';
import { type StepKindName, stepKinds } from './steps/index.ts';
import type { StepKind } from './steps/kind.ts';
import type { Expectation, Step } from './topology.ts';
import { formatTime } from './units.ts';

/** The kinds that a map has, of those there are. */
function present<K extends string>(declared: object, kinds: Record<K, unknown>): K[] {
  return (Object.keys(declared) as K[]).filter(
    (key) => Object.hasOwn(kinds, key) && (declared as Record<K, unknown>)[key] !== undefined,
  );
}

/** Resolves the scenario: names checked, defaults filled in, times in order. */
export function readScenario(declared: readonly StepDeclaration[], scope: Scope, problems: Problems): Step[] {
  let latest = 0;
  return declared.flatMap((step, index): Step[] => {
    const path: Path = ['scenario', index];
    const names = present<StepKindName>(step, stepKinds);
    if (names.length !== 1) {
      problems.at(path, `a step is exactly one of ${Object.keys(stepKinds).join(', ')}${given(names)}`);
    }
    if (step.at !== undefined && step.after !== undefined) {
      problems.at(
        [...path, 'after'],
        'a step has at (after the start of the scenario) or after (the end of the step before)',
      );
    }
    if (step.at !== undefined && step.at < latest) {
      problems.at([...path, 'at'], `out of order: an earlier step is at ${formatTime(latest)}, and steps run in order`);
    }
    latest = Math.max(latest, step.at ?? 0);
    if (step.phase !== undefined) {
      const first = scope.story.phases.get(step.phase);
      if (first !== undefined) {
        problems.at([...path, 'phase'], `a second phase "${step.phase}": the first begins on line ${first}`);
      }
      scope.story.phases.set(step.phase, problems.line(path));
    }
    return names.map((name) => {
      const kind = stepKinds[name] as unknown as StepKind<never, Step>;
      const here = scope.at([...path, name]);
      return {
        ...kind.read(step[name] as never, here),
        ...(step.at !== undefined && { at: step.at }),
        ...(step.after !== undefined && { after: step.after }),
        ...(step.phase !== undefined && { phase: step.phase }),
        line: here.line,
      } as Step;
    });
  });
}

/** Resolves the expectations, written as one map or as a list of maps with one each. */
export function readExpectations(declared: TopologyFile['expect'], scope: Scope, problems: Problems): Expectation[] {
  const maps = Array.isArray(declared)
    ? declared.map(({ should, phase, group, links, ...map }, index) => ({
        map,
        path: ['expect', index],
        should,
        limits: { phase, group, links },
      }))
    : [{ map: declared, path: ['expect'], should: 'pass' as const, limits: {} }];
  return maps.flatMap(({ map, path, should, limits }) => {
    const names = present<ExpectationKindName>(map, expectationKinds);
    if (Array.isArray(declared) && names.length !== 1) {
      problems.at(path, `each entry is exactly one of ${Object.keys(expectationKinds).join(', ')}${given(names)}`);
    }
    return names.flatMap((name) => {
      const kind = expectationKinds[name] as unknown as ExpectationKind<never, Expectation>;
      const filters = readFilters(limits, kind.filters, name, scope.at(path));
      const here = scope.at([...path, name], filters);
      return kind
        .read(map[name] as never, here)
        .map((expectation) => ({ ...expectation, ...filters, should, line: here.line }) as Expectation);
    });
  });
}

function given(names: readonly string[]): string {
  return names.length === 0 ? ', and this is none' : `: split ${names.join(' and ')}`;
}
