/** Builds a star of N hosts without any program on them and takes it down: `star.ts N`. */
import { compile } from '../../../lab/plan/index.ts';
import { applyPlan, enterSandbox, teardown } from '../../../lab/sandbox/index.ts';
import { loadTopology } from '../../../lab/topology/index.ts';
import { monotonicNow } from '../../../src/kernel/index.ts';
import { say } from './say.ts';

say({ begin: monotonicNow() });
const place = await enterSandbox();
if (!place.inside) process.exit(place.exitCode);
const began = monotonicNow();
const hosts = Array.from({ length: Number(process.argv[2]) }, (_, i) => `h${i}: none`).join(', ');
const built = await applyPlan(compile(loadTopology(`name: star\nzones:\n  z: { hosts: { ${hosts} } }\n`, 'star.yaml')));
say({ up: monotonicNow() - began });
teardown(built);
process.exit(0);
