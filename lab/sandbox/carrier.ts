import { setTimeout as sleep } from 'node:timers/promises';
import { inNamespace, interfaceState, monotonicNow } from '../../src/kernel/index.ts';
import type { LinkEnd } from '../plan/plan.ts';

/** How often to look, ms. */
const INTERVAL = 2;
/** The kernel takes a second at most to notice a carrier; a machine that is busy, longer. */
const PATIENCE = 30_000;

/**
 * Waits until the ends of links that were told to be up are up: `ip` comes back before, and a frame that is sent in between is lost
 * without a trace.
 * @throws Error naming the ends that do not come up
 */
export async function whenCarrying(ends: readonly LinkEnd[], patience = PATIENCE): Promise<void> {
  const began = monotonicNow();
  let waiting = [...ends];
  for (;;) {
    waiting = waiting.filter(({ node, interface: name }) => {
      const { up, running } = inNamespace(node, () => interfaceState(name));
      return up && !running;
    });
    if (waiting.length === 0) return;
    if (monotonicNow() - began > patience) {
      const names = waiting.map(({ node, interface: name }) => `${name} of ${node}`).join(', ');
      throw new Error(`without a carrier ${patience / 1000} s after being set up: ${names}`);
    }
    await sleep(INTERVAL);
  }
}
