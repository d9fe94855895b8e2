import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/**
 * Starts a program of this folder in a thread: its bundle, which lies beside this one or, when the bundler put this code into a chunk, one
 * folder up; during development, where there is no bundle, its source.
 * @param name of the file, without extension
 */
export function startThread(name: string, workerData: unknown): Worker {
  const bundles = [`./${name}.js`, `../${name}.js`].map((path) => new URL(path, import.meta.url));
  const bundle = bundles.find((url) => existsSync(fileURLToPath(url)));
  if (bundle) return new Worker(bundle, { workerData });
  // Threads do not inherit the loader that lets the main thread read TypeScript: this brings it along.
  const loader = import.meta.resolve('tsx/esm/api');
  const source = new URL(`./${name}.ts`, import.meta.url).href;
  const start = `import('${loader}').then(({ register }) => { register(); return import('${source}'); })`;
  return new Worker(start, { eval: true, workerData });
}
