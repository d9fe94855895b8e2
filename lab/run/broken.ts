import type { RunResult } from '../report/index.ts';
import type { Topology } from '../topology/index.ts';
import { pointOfError } from './points.ts';
import { versions } from './versions.ts';

/** The result of a run that ended before it could find out anything: one point says why. */
export function brokenResult(
  topology: Topology,
  { folder, seed, links }: Pick<RunResult, 'folder' | 'seed' | 'links'>,
  title: string,
  error: Error,
  outcome: 'fail' | 'unsupported' = 'fail',
): RunResult {
  return {
    schema: 1,
    topology: topology.name,
    file: topology.file,
    outcome,
    folder,
    seed,
    links,
    startedAt: new Date().toISOString(),
    took: { build: 0, nodes: 0, scenario: 0, judge: 0, teardown: 0, total: 0 },
    points: [pointOfError(title, error)],
    figures: {
      namespaces: 0,
      links: 0,
      nodes: 0,
      puts: 0,
      datagrams: 0,
      traversals: 0,
      trunkStress: 0,
      captureDrops: 0,
      framesMissed: 0,
    },
    versions: versions(),
  };
}
