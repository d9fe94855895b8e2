import { Kind } from '../../src/replicast/prefix.ts';
import type { FrameRule } from '../topology/index.ts';
import { groupIds } from './cluster-map.ts';
import type { PlannedLink, PlannedRule } from './plan.ts';

/** The frame rules of a link from `a` to `b`, by direction, in the terms of the wire; `undefined` when it has none. */
export function planRules(
  { a, b, rules = [] }: { a: string; b: string; rules?: readonly FrameRule[] | undefined },
  groups: Readonly<Record<string, string[]>>,
): PlannedLink['rules'] {
  if (rules.length === 0) return undefined;
  const ids = groupIds(groups);
  const planned = (to: string): PlannedRule[] =>
    rules
      .filter(({ toward }) => toward === undefined || toward === to)
      .map(({ toward: _, kind, group, ...rest }) => ({
        ...rest,
        ...(kind !== undefined && { kind: Kind[kind] }),
        ...(group !== undefined && { groupId: ids.get(group)! }),
      }));
  return { forward: planned(b), backward: planned(a) };
}
