import type { Plan } from '../plan/index.ts';
import type { LinkSelection } from '../topology/index.ts';

/** The link directions (`from>to`) that a selection stands for. */
export function selectDirections(plan: Plan, selection: LinkSelection): Set<string> {
  const chosen = new Set<string>();
  for (const link of plan.links) {
    const directions = [`${link.a.node}>${link.b.node}`, `${link.b.node}>${link.a.node}`];
    const wanted = (direction: string) =>
      typeof selection === 'string'
        ? selection === 'all' || selection === `${link.kind}s`
        : selection.includes(direction) || selection.includes(link.name);
    for (const direction of directions) if (wanted(direction)) chosen.add(direction);
  }
  return chosen;
}

export function describeSelection(selection: LinkSelection): string {
  if (selection === 'all') return 'every link';
  if (selection === 'trunks') return 'every trunk';
  if (selection === 'edges') return 'every edge link';
  return selection.join(', ');
}
