import { linkDirections, type Topology } from '../topology/index.ts';
import type { Backend } from './plan.ts';
import { type LinkMode, type Requirement, requirements } from './requirements.ts';

/** What the machine and the user say about links. */
export interface LinkOptions {
  /** Default: auto. */
  links?: LinkMode | undefined;
  /** Whether the kernel has sch_netem; default: it does. */
  netem?: boolean | undefined;
  /** Whether every link must be able to do everything later on, whatever it is declared to do; default: no. */
  changeable?: boolean | undefined;
}

/** Later ones do what earlier ones do, and more. */
const ORDER: readonly Backend[] = ['veth', 'tbf', 'netem', 'wire'];

/**
 * Decides for every link (`a--b`) what it is built of; those that need nothing are left out. Whether the machine can build it is for
 * whoever knows the machine to check (`requirements`).
 */
export function chooseBackends(
  topology: Topology,
  { links = 'auto', netem = true, changeable = false }: LinkOptions,
): Map<string, Backend> {
  const able: Record<Requirement['needs'], Backend> = {
    tbf: 'tbf',
    netem: 'netem',
    wire: 'wire',
    'netem-or-wire': netem ? 'netem' : 'wire',
  };
  const chosen = new Map<string, Backend>();
  if (changeable) {
    const any = links === 'auto' ? able['netem-or-wire'] : links;
    for (const { link } of linkDirections(topology)) chosen.set(link, any);
  }
  for (const { link, needs } of requirements(topology, links)) {
    const known = chosen.get(link) ?? 'veth';
    if (ORDER.indexOf(able[needs]) > ORDER.indexOf(known)) chosen.set(link, able[needs]);
  }
  return chosen;
}
