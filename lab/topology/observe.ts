import type { LinkDirection } from './links.ts';
import type { Problems } from './problems.ts';
import type { TopologyFile } from './schema.ts';
import type { FrameRule, LinkProperties, Topology } from './topology.ts';

/** Expectations about single datagrams: what the kernel counts says nothing of these. */
const OF_DATAGRAMS = ['delivered', 'traversals', 'latency', 'recovers-within'] as const;

/** What the kernel does to datagrams that pass many at a time as it would to single ones. */
const EXACT_FOR_MANY = new Set<keyof LinkProperties>(['rate', 'queue', 'mtu']);

/**
 * Checks a topology whose links carry datagrams many at a time, so that nobody looks at single ones: nothing in it may be about these.
 */
export function checkCounters(
  { expect, scenario }: TopologyFile,
  network: Pick<Topology, 'hosts' | 'trunks'>,
  links: readonly LinkDirection[],
  problems: Problems,
): void {
  const entries = Array.isArray(expect)
    ? expect.map((entry, index) => ({ entry, path: ['expect', index] }))
    : [{ entry: expect, path: ['expect'] }];
  for (const { entry, path } of entries) {
    for (const name of OF_DATAGRAMS) {
      if (entry[name] === undefined) continue;
      problems.atKey([...path, name], `${name} is about single datagrams: it needs observe: ledger`);
    }
    if (entry.bytes === undefined) continue;
    for (const filter of ['phase', 'group'] as const) {
      if (entry[filter] !== undefined) {
        problems.atKey(
          [...path, filter],
          `what the kernel counts is of the whole scenario: a ${filter} needs observe: ledger`,
        );
      }
    }
  }
  for (const [index, step] of scenario.entries()) {
    if (step.impair)
      problems.atKey(['scenario', index, 'impair'], 'impair is for single datagrams: it needs observe: ledger');
  }
  for (const { name, properties } of links) {
    const odd = (Object.keys(properties) as (keyof LinkProperties)[]).find(
      (key) => properties[key] !== undefined && !EXACT_FOR_MANY.has(key),
    );
    if (odd) problems.at(['observe'], `counters: links have a rate, a queue and an MTU only, and ${name} has a ${odd}`);
  }
  const ruled = (rules: readonly FrameRule[] | undefined) => rules !== undefined && rules.length > 0;
  if (network.hosts.some(({ rules }) => ruled(rules)) || network.trunks.some(({ rules }) => ruled(rules))) {
    problems.at(['observe'], 'counters: rules are for single frames: they need observe: ledger');
  }
}
