import { writeFileSync } from 'node:fs';
import { createNamespace, inNamespace, monotonicNow, removeNamespace } from '../../src/kernel/index.ts';
import type { Batch, Plan, PlannedLink, PlannedNamespace } from '../plan/plan.ts';
import { runBatches } from './batches.ts';
import { whenCarrying } from './carrier.ts';

export interface ApplyOptions {
  /**
   * Whether each datagram crosses each link as a frame of its own, as it would on a wire, so that it can be counted (default).
   * Otherwise the kernel may pass many at once (GSO): faster, but links carry super-packets.
   */
  exact?: boolean;
}

/** A network that stands. */
export interface Built {
  namespaces: string[];
  /** How long it took, ms. */
  timings: { namespaces: number; batches: number; total: number };
}

/** Where frames on a bridge would visit the filters of layer 3, which are not part of a lab. */
const BRIDGE_FILTERS = ['iptables', 'ip6tables', 'arptables'].map((name) => `net/bridge/bridge-nf-call-${name}`);

/**
 * Builds the network of a plan inside the sandbox: namespaces, kernel settings, then the plan's batches.
 * When it returns, every link carries frames.
 * @throws BatchError with the line that iproute2 refused, SystemCallError where a namespace could not be made, Error for a link end that
 *   stays without a carrier.
 */
export async function applyPlan(plan: Plan, { exact = true }: ApplyOptions = {}): Promise<Built> {
  const start = monotonicNow();
  for (const namespace of plan.namespaces) {
    createNamespace(namespace.name);
    inNamespace(namespace.name, () => tune(namespace));
  }
  const named = monotonicNow();
  await runBatches(exact ? withoutSuperPackets(plan.batches, plan.links) : plan.batches);
  await whenCarrying(plan.links.flatMap(({ a, b }) => [a, b]));
  const end = monotonicNow();
  return {
    namespaces: plan.namespaces.map(({ name }) => name),
    timings: { namespaces: named - start, batches: end - named, total: end - start },
  };
}

/**
 * Takes the network down before the sandbox ends. Only a courtesy to a program that goes on: when PID 1 of the sandbox ends, the kernel does
 * the same, and nothing waits for it.
 */
export function teardown(built: Built): void {
  for (const name of built.namespaces) removeNamespace(name);
  built.namespaces = [];
}

/** Writes the settings of a namespace, from inside it. One that this kernel does not have is left out: there is nothing to set right. */
function tune({ kind, sysctls }: PlannedNamespace): void {
  const filters = kind === 'zone' ? BRIDGE_FILTERS.map((key) => [key, '0'] as const) : [];
  for (const [key, value] of [...Object.entries(sysctls), ...filters]) {
    try {
      writeFileSync(`/proc/sys/${key}`, value);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/**
 * The batches, with every link end told to send one segment at a time: the kernel then cuts super-packets (UDP_SEGMENT, TCP) before they
 * cross. The lines go into the first `ip` batch of their namespace, so that they cost no process.
 */
export function withoutSuperPackets(batches: readonly Batch[], links: readonly PlannedLink[]): Batch[] {
  const lines = new Map<string, string[]>();
  for (const { node, interface: name } of links.flatMap(({ a, b }) => [a, b])) {
    const own = lines.get(node) ?? [];
    own.push(`link set dev ${name} gso_max_segs 1`);
    lines.set(node, own);
  }
  const result = batches.map((batch) => {
    const own = batch.tool === 'ip' && batch.namespace !== undefined ? lines.get(batch.namespace) : undefined;
    if (own === undefined) return batch;
    lines.delete(batch.namespace!);
    return { ...batch, lines: [...own, ...batch.lines] };
  });
  for (const [namespace, own] of lines) result.push({ namespace, tool: 'ip', lines: own });
  return result;
}
