import * as z from 'zod';
import { SourceDocument } from '../../src/document/index.ts';
import { readExpectations, readScenario } from './behaviour.ts';
import { linkDirections, smallestMtu } from './links.ts';
import { Problems } from './problems.ts';
import { expectations, scenario } from './schema.ts';
import { Scope } from './scope.ts';
import { Story } from './story.ts';
import type { Expectation, LinkProperties, Step, Topology } from './topology.ts';

/** How far a lab has got: what a further step may take back, and what the links do by now. */
export interface Situation {
  /** Of links (`a--b`). */
  down: Iterable<string>;
  cut: Iterable<string>;
  paused: Iterable<string>;
  /** Phase → what it is known by. */
  phases: Iterable<string>;
  /** By direction (`a>b`). */
  properties: ReadonlyMap<string, LinkProperties>;
}

/**
 * Reads steps that its file does not have, for a lab that runs: a YAML list, written as under `scenario`.
 * @param source what problems are reported under
 * @throws InputError with every problem found
 */
export function readFurtherSteps(topology: Topology, text: string, source: string, situation: Situation): Step[] {
  const document = new SourceDocument(text, source);
  const problems = new Problems(document);
  const declared = document.parse(z.strictObject({ scenario }));
  const steps = readScenario(declared.scenario, scopeOf(topology, problems, situation), problems);
  problems.throwIfAny();
  return steps;
}

/**
 * Reads expectations that its file does not have, written as under `expect`.
 * @throws InputError with every problem found
 */
export function readFurtherExpectations(
  topology: Topology,
  text: string,
  source: string,
  situation: Situation,
): Expectation[] {
  const document = new SourceDocument(text, source);
  const problems = new Problems(document);
  const declared = document.parse(z.strictObject({ expect: expectations }));
  const found = readExpectations(declared.expect, scopeOf(topology, problems, situation), problems);
  problems.throwIfAny();
  return found;
}

function scopeOf(topology: Topology, problems: Problems, situation: Situation): Scope {
  const links = linkDirections(topology);
  const story = new Story(
    links.map((link) => ({ ...link, properties: situation.properties.get(link.name) ?? link.properties })),
  );
  for (const [what, known] of [
    [situation.down, story.down],
    [situation.cut, story.cut],
    [situation.paused, story.paused],
  ] as const) {
    for (const name of what) known.add(name);
  }
  for (const phase of situation.phases) story.phases.set(phase, 0);
  return new Scope(
    {
      hosts: new Map(topology.hosts.map((host) => [host.name, host])),
      zones: topology.zones,
      routers: topology.routers.map(({ name }) => name),
      groups: topology.overlay.groups,
      links,
      mtu: smallestMtu(links),
      story,
    },
    problems,
    [],
  );
}
