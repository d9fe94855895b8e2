import type { RunResult } from '../report/index.ts';
import type { Topology } from '../topology/index.ts';
import { versions } from './versions.ts';

/** The result of a run of which nothing is known yet. */
export function blankResult(topology: Topology, folder: string, seed: number): RunResult {
  return {
    schema: 1,
    topology: topology.name,
    file: topology.file,
    outcome: 'fail',
    folder,
    seed,
    startedAt: new Date().toISOString(),
    took: { build: 0, nodes: 0, scenario: 0, judge: 0, teardown: 0, total: 0 },
    points: [],
    figures: {
      namespaces: 0,
      links: 0,
      nodes: 0,
      puts: 0,
      datagrams: 0,
      traversals: 0,
      trunkStress: 0,
      captureDrops: 0,
    },
    versions: versions(),
  };
}
