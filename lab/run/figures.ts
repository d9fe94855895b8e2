import type { Evidence } from '../observe/evidence.ts';
import { oneWayTimes } from '../observe/one-way.ts';
import type { Plan } from '../plan/index.ts';
import type { Figures } from '../report/index.ts';
import { ascending, quantile } from '../verdict/quantile.ts';

/** The numbers of a run; zeros where it did not get far enough to have them. */
export function figuresOf(plan: Plan, nodes: number, evidence: Evidence | undefined): Figures {
  const trunks = new Set(
    plan.links
      .filter((link) => link.kind === 'trunk')
      .flatMap(({ a, b }) => [`${a.node}>${b.node}`, `${b.node}>${a.node}`]),
  );
  let trunkStress = 0;
  const latency = evidence && latencyOf(evidence);
  for (const id of evidence?.ledger.datagrams() ?? []) {
    for (const [link, count] of evidence!.ledger.crossings(id)) {
      if (count > trunkStress && trunks.has(link)) trunkStress = count;
    }
  }
  return {
    namespaces: plan.namespaces.length,
    links: plan.links.length,
    nodes,
    puts: evidence?.puts.length ?? 0,
    datagrams: evidence?.datagrams.size ?? 0,
    traversals: evidence?.ledger.traversals.length ?? 0,
    trunkStress,
    captureDrops: evidence?.captureDrops ?? 0,
    framesMissed: evidence?.framesMissed ?? 0,
    ...(latency && { latency }),
  };
}

/** Undefined when nothing was delivered over a path that the ledger knows. */
function latencyOf(evidence: Evidence): Figures['latency'] {
  const measured = oneWayTimes(evidence, evidence.datagrams.values());
  if (measured.length === 0) return undefined;
  const quantiles = (values: number[]) => {
    const sorted = ascending(values);
    return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
  };
  return {
    deliveries: measured.length,
    ...quantiles(measured.map(({ oneWay }) => oneWay)),
    floor: quantiles(measured.map(({ floor }) => floor)),
  };
}
