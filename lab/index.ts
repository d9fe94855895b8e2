/**
 * castlab as a library: labs in tests, written in TypeScript.
 *
 * ```ts
 * import { test } from 'node:test';
 * import { lab } from 'castlab';
 *
 * test('a put reaches three targets', async (t) => {
 *   const net = await lab(t, 'topologies/ring.yaml');
 *   await net.put({ from: 'i1', size: '1MiB', replicas: 3 });
 *   await net.expect.traversals({ on: 'trunks', 'per-datagram': 1 });
 * });
 * ```
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setOwnProgram } from './sandbox/command.ts';

export { InputError, type Problem } from '../src/document/index.ts';
export type { Executed, Expect, ExpectationKinds, LabSource, StepKinds, TestContext } from './library/index.ts';
export { type LabOptions, lab, RunningLab } from './library/index.ts';
export type { LabStatus, LinkStatus, NodeStatus } from './live/index.ts';
export type { Point as Verdict } from './report/index.ts';
export { UnsupportedError } from './sandbox/index.ts';

// A lab is the command in a sandbox: it lies beside this file's bundle, or in dist/ for the sources.
const program = ['./castlab.js', '../dist/castlab.js']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path));
if (program === undefined) throw new Error('castlab has not been built: run npm run build');
setOwnProgram(program);
