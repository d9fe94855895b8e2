import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/**
 * Starts a program in a thread: its bundle, which lies beside that of the caller or, when the bundler put the caller into a chunk, one folder
 * up; during development, where there is no bundle, its source, which lies beside the caller's.
 * @param name of the file, without extension
 * @param caller `import.meta.url` of the caller; by default a file of this folder
 */
export function startThread(name: string, workerData: unknown, caller: string = import.meta.url): Worker {
  const bundles = [`./${name}.js`, `../${name}.js`].map((path) => new URL(path, caller));
  const bundle = bundles.find((url) => existsSync(fileURLToPath(url)));
  if (bundle) return new Worker(bundle, { workerData });
  // Threads do not inherit the loader that lets the main thread read TypeScript: this brings it along.
  const loader = import.meta.resolve('tsx/esm/api');
  const source = new URL(`./${name}.ts`, caller).href;
  const start = `import('${loader}').then(({ register }) => { register(); return import('${source}'); })`;
  return new Worker(start, { eval: true, workerData });
}
