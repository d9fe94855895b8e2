import type { Plan } from '../plan/index.ts';
import { applyPlan, type Built } from '../sandbox/apply.ts';
import { type LinkControl, linkControl } from './control.ts';
import { startWires, type Wires } from './wire.ts';
import { withWires } from './wire-ends.ts';

/** A network that stands: its links carry frames, and can be changed. */
export interface Network {
  built: Built;
  wires: Wires;
  control: LinkControl;
}

/**
 * Builds the network of a plan inside the sandbox, whatever its links are made of.
 * @param seed chance on all wires follows from it.
 * @param exact whether each datagram crosses each link as a frame of its own (default)
 * @throws BatchError with the line that iproute2 refused, SystemCallError where a namespace or packet socket could not be made.
 */
export async function buildNetwork(plan: Plan, seed: number, exact = true): Promise<Network> {
  const built = await applyPlan(withWires(plan), { exact });
  const wires = await startWires(plan, seed);
  return { built, wires, control: linkControl(plan, wires) };
}
