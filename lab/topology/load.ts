import { SourceDocument } from '../../src/document/index.ts';
import { readExpectations, readScenario } from './behaviour.ts';
import { linkDirections, smallestMtu } from './links.ts';
import { readNetwork } from './network.ts';
import { checkCounters } from './observe.ts';
import { readOverlay } from './overlay.ts';
import { Problems } from './problems.ts';
import { readRules } from './rules.ts';
import { type TopologyFile, topologyFile } from './schema.ts';
import { Scope } from './scope.ts';
import { shapeProblem } from './shape-schema.ts';
import { generate, type Shaped } from './shapes.ts';
import { Story } from './story.ts';
import { checkTemplates } from './templates.ts';
import type { Topology } from './topology.ts';

/**
 * Reads a topology: shapes generated, defaults filled in, units converted, every name checked.
 * @param file the name that problems are reported under; nothing is read from disk.
 * @throws InputError with every problem found, each with line and column: first those of form, then those of meaning.
 */
export function loadTopology(text: string, file: string): Topology {
  const document = new SourceDocument(text, file);
  const declared = document.parse(topologyFile);
  const problems = new Problems(document);
  const shaped = underlay(declared, problems);
  const bare = readNetwork(shaped, declared.defaults, problems);
  const overlay = readOverlay(declared.overlay, bare, problems);
  const network = readRules(shaped, bare, overlay.groups, problems);
  checkCommands(network.hosts, problems);
  const links = linkDirections(network);
  const scope = new Scope(
    {
      hosts: new Map(network.hosts.map((host) => [host.name, host])),
      zones: network.zones,
      routers: network.routers.map((router) => router.name),
      groups: overlay.groups,
      links,
      mtu: smallestMtu(links),
      story: new Story(links),
    },
    problems,
    [],
  );
  const scenario = readScenario(declared.scenario, scope, problems);
  const expect = readExpectations(declared.expect, scope, problems);
  const { observe } = declared;
  if (observe === 'counters') checkCounters(declared, network, links, problems);
  problems.throwIfAny();
  return { name: declared.name, file, ...network, overlay, observe, scenario, expect };
}

/** Checks what the hosts' own programs ask for. */
function checkCommands(hosts: Topology['hosts'], problems: Problems): void {
  const names = hosts.map((host) => host.name);
  for (const { name, zone, run = [] } of hosts) {
    for (const { index, message } of checkTemplates(run, names)) {
      problems.at(['zones', zone, 'hosts', name, 'run', index], message);
    }
  }
}

/** What is declared, or what the shape generates: not both, so that a reader need not merge them in the head. */
function underlay(declared: TopologyFile, problems: Problems): Shaped {
  if (declared.shape) {
    for (const field of ['zones', 'routers', 'trunks'] as const) {
      if (declared[field]) problems.atKey([field], `a shape generates the ${field}: remove one of the two`);
    }
    const message = shapeProblem(declared.shape);
    if (message !== undefined) {
      problems.at(['shape'], message);
      problems.throwIfAny();
    }
    return generate(declared.shape);
  }
  const { zones = {}, routers = [], trunks = [] } = declared;
  if (Object.keys(zones).length === 0) problems.at(['zones'], 'a topology needs at least one zone, or a shape');
  return { zones, routers, trunks };
}
