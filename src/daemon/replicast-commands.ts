import { accessSync, constants, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '../document/index.ts';
import { isContentHash } from '../replicast/index.ts';
import { DATA_FILE, LmdbStore, StoreError } from '../store/index.ts';
import { readConfig } from './config.ts';
import { ControlClient } from './control.ts';
import { MRouter } from './overlay-node.ts';
import type { ReplicastNode } from './replicast-node.ts';
import type { GetObjectResult, PutObjectResult } from './replicast-objects.ts';
import { openReplicast } from './replicast-open.ts';
import { type GetArguments, get, type PutArguments, put } from './replicast-operations.ts';
import { Progress } from './replicast-progress.ts';

/** What every command can do with its result. */
export interface OutputOptions {
  /** Whether to print JSON, one line a result. */
  json?: boolean;
}

export interface PutCommandOptions extends OutputOptions {
  config: string;
  replicas?: number;
  group?: string;
}

/** Puts files, each as one object. @throws InputError before anything is sent when one of them cannot be put */
export async function putCommand(files: readonly string[], options: PutCommandOptions): Promise<void> {
  const sizes = files.map(fileSize);
  await withNode(options.config, async (node) => {
    for (const [index, file] of files.entries()) {
      const progress = new Progress(file);
      const args: PutArguments = {
        file: resolve(file),
        ...(options.replicas !== undefined && { replicas: options.replicas }),
        ...(options.group !== undefined && { group: options.group }),
      };
      const result = await node.put(args, (bytes) => progress.show(bytes, sizes[index])).finally(() => progress.end());
      print(options, { file, ...result }, () => describePut(file, result));
    }
  });
}

export interface GetCommandOptions extends OutputOptions {
  config: string;
  output: string;
}

export async function getCommand(object: string, options: GetCommandOptions): Promise<void> {
  if (!isContentHash(object)) {
    throw new InputError(`"${object}" is no object's name: 64 hexadecimal digits, lower case`);
  }
  await withNode(options.config, async (node) => {
    const progress = new Progress(options.output);
    const args: GetArguments = { object, output: resolve(options.output) };
    const result = await node.get(args, (bytes, of) => progress.show(bytes, of)).finally(() => progress.end());
    print(options, result, () => {
      const senders = Object.entries(result.from).map(([target, chunks]) => `${chunks} from ${target}`);
      return `${options.output}: ${result.bytes} bytes, verified, in ${result.ms.toFixed(1)} ms (chunks: ${senders.join(', ')})`;
    });
  });
}

export async function statusCommand(options: OutputOptions & { control: string }): Promise<void> {
  const client = await ControlClient.connect(options.control).catch((error: Error) => {
    throw new InputError(`no node answers at ${options.control}: ${error.message}`);
  });
  try {
    const status = await client.request('status');
    print(options, status, () => JSON.stringify(status, undefined, 2));
  } finally {
    client.close();
  }
}

export async function listStoreCommand(path: string, options: OutputOptions): Promise<void> {
  await withStore(path, async (store) => {
    for (const chunk of store.list()) print(options, chunk, () => `${chunk.hash} ${chunk.length}`);
  });
}

/** Reads every chunk of a store and compares it with its name. The exit code is 1 when one is not intact. */
export async function verifyStoreCommand(path: string, options: OutputOptions): Promise<void> {
  await withStore(path, async (store) => {
    const corrupt: string[] = [];
    let chunks = 0;
    let bytes = 0;
    for (const { hash, length } of store.list()) {
      chunks++;
      bytes += length;
      const chunk = await store.get(hash);
      if (chunk?.length === length) continue;
      corrupt.push(hash);
    }
    print(options, { chunks, bytes, corrupt }, () =>
      [...corrupt.map((hash) => `${hash} corrupt`), `${chunks} chunks, ${bytes} bytes, ${corrupt.length} corrupt`].join(
        '\n',
      ),
    );
    if (corrupt.length > 0) process.exitCode = 1;
  });
}

/** What a put or get is asked of: the node that runs with this configuration, or one that is made for the purpose. */
interface Requests {
  put(args: PutArguments, onProgress: (bytes: number) => void): Promise<PutObjectResult>;
  get(args: GetArguments, onProgress: (bytes: number, of: number) => void): Promise<GetObjectResult>;
}

async function withNode(configFile: string, work: (requests: Requests) => Promise<void>): Promise<void> {
  const config = readConfig(configFile);
  const running = await ControlClient.connect(config.values.control).catch(() => undefined);
  if (running) {
    try {
      await work({
        put: async (args) => (await running.request('put', args)) as PutObjectResult,
        get: async (args) => (await running.request('get', args)) as GetObjectResult,
      });
    } finally {
      running.close();
    }
    return;
  }
  const mrouter = await MRouter.open(config);
  let node: ReplicastNode | undefined;
  try {
    const own = openReplicast(mrouter);
    node = own;
    await work({
      put: (args, onProgress) => put(mrouter, own, args, onProgress),
      get: (args, onProgress) => get(mrouter, own, args, onProgress),
    });
  } finally {
    await node?.close();
    await mrouter.close();
  }
}

async function withStore(path: string, work: (store: LmdbStore) => Promise<void>): Promise<void> {
  // LMDB would make what is not there.
  if (!statSync(join(path, DATA_FILE), { throwIfNoEntry: false })) throw new InputError(`${path} is not a chunk store`);
  let store: LmdbStore;
  try {
    store = new LmdbStore({ path, readOnly: true });
  } catch (error) {
    throw error instanceof StoreError ? new InputError(error.message) : error;
  }
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

function fileSize(file: string): number {
  let size: number;
  try {
    const info = statSync(file);
    if (!info.isFile()) throw new InputError(`${file} is not a file`);
    size = info.size;
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(`cannot read ${file}: ${(error as Error).message}`);
  }
  if (size === 0) throw new InputError(`${file} is empty: there is nothing to store`);
  return size;
}

function describePut(file: string, { object, bytes, chunks, ms }: PutObjectResult): string {
  const counts = new Map<string, number>();
  for (const { replicas } of chunks) for (const name of replicas) counts.set(name, (counts.get(name) ?? 0) + 1);
  const order = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  const where = chunks.length === 1 ? order.map(([name]) => name) : order.map(([name, count]) => `${name} (${count})`);
  const what = chunks.length === 1 ? '1 chunk' : `${chunks.length} chunks`;
  return `${object}  ${file}\n  ${bytes} bytes, ${what} in ${ms.toFixed(1)} ms, on ${where.join(', ')}`;
}

function print({ json }: OutputOptions, value: unknown, describe: () => string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : describe()}\n`);
}
