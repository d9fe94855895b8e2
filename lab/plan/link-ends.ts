import { directionName } from '../topology/links.ts';
import type { Plan } from './plan.ts';

/** The end of a link that frames of one direction leave by. */
export interface SendingEnd {
  /** Of the direction: `node>peer`. */
  name: string;
  node: string;
  interface: string;
}

/** Both ends of every link, in the order of the links. */
export function linkEnds({ links }: Pick<Plan, 'links'>): SendingEnd[] {
  return links.flatMap(({ a, b }) => [
    { node: a.node, interface: a.interface, name: directionName(a.node, b.node) },
    { node: b.node, interface: b.interface, name: directionName(b.node, a.node) },
  ]);
}
