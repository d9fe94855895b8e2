import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as z from 'zod/mini';
import { isContentHash } from '../replicast/index.ts';
import type { ControlHandler } from './control.ts';
import { checkArguments } from './operations.ts';
import type { MRouter } from './overlay-node.ts';
import { GetError, PutError } from './replicast-errors.ts';
import type { ReplicastNode } from './replicast-node.ts';
import {
  fileSource,
  type GetObjectResult,
  generatedSource,
  getObject,
  type PutObjectResult,
  putObject,
} from './replicast-objects.ts';

const putArguments = z.strictObject({
  /** Path of the file to put. */
  file: z.optional(z.string().check(z.minLength(1))),
  /** Only so many of its first bytes. */
  bytes: z.optional(z.int().check(z.positive())),
  /** Content made up from a seed instead. */
  generate: z.optional(
    z.strictObject({ size: z.int().check(z.nonnegative()), seed: z.union([z.number(), z.string()]) }),
  ),
  replicas: z.optional(z.int().check(z.gte(1), z.lte(4096))),
  group: z.optional(z.string()),
});

const getArguments = z.strictObject({
  /** Hash that names the object. */
  object: z.string(),
  /** Path of the file to write; without it the bytes are only verified. */
  output: z.optional(z.string().check(z.minLength(1))),
});

export type PutArguments = z.output<typeof putArguments>;
export type GetArguments = z.output<typeof getArguments>;

/** The control operations that Replicast adds to those of every node. */
export function replicastOperations(mrouter: MRouter, node: ReplicastNode): Record<string, ControlHandler> {
  return {
    status: () => ({ ...mrouter.status, replicast: node.status }),
    counters: () => ({ ...mrouter.counters, replicast: node.allCounters }),
    put: (args) => put(mrouter, node, checkArguments(putArguments, args)),
    get: (args) => get(mrouter, node, checkArguments(getArguments, args)),
  };
}

/**
 * Puts one object and says so in the node's events.
 * @throws Error that says what is wrong with the input; PutError when a chunk did not get its replicas
 */
export async function put(
  mrouter: MRouter,
  node: ReplicastNode,
  args: PutArguments,
  onProgress?: (bytes: number) => void,
): Promise<PutObjectResult> {
  const { file, bytes, generate, group } = args;
  if ((file === undefined) === (generate === undefined)) throw new Error('put wants either file or generate');
  if (group !== undefined && !mrouter.map.groupByName.has(group)) throw new Error(`there is no group "${group}"`);
  const handle = file === undefined ? undefined : await openFile(file);
  const source = handle ? fileSource(handle, bytes) : generatedSource(generate!.size, generate!.seed);
  const replicas = args.replicas ?? node.settings.replicas;
  try {
    const result = await putObject(node, source, { replicas, group, ...(onProgress && { onProgress }) });
    const { object, chunks, ms } = result;
    const targets = [...new Set(chunks.flatMap((chunk) => chunk.replicas))].sort();
    mrouter.events.emit('put-done', { object, bytes: result.bytes, replicas: targets, chunks: chunks.length, ms });
    return result;
  } catch (error) {
    const failure = error instanceof PutError ? error.failure : undefined;
    mrouter.events.emit('put-failed', { error: (error as Error).message, ...(failure && { failure }) });
    throw error instanceof PutError ? new Error(`the object is not stored: ${error.message}`, { cause: error }) : error;
  } finally {
    await handle?.close();
  }
}

/**
 * Gets one object, into a file or only to verify it, and says so in the node's events. The file appears when all of it
 * is there and verified, or not at all.
 * @throws Error that says what is wrong with the input, or what could not be found
 */
export async function get(
  mrouter: MRouter,
  node: ReplicastNode,
  { object, output }: GetArguments,
  onProgress?: (bytes: number, of: number) => void,
): Promise<GetObjectResult> {
  if (!isContentHash(object)) throw new Error(`"${object}" is no object's name: 64 hexadecimal digits, lower case`);
  const partial = output === undefined ? undefined : join(dirname(resolve(output)), `.${basename(output)}.partial`);
  const handle = partial === undefined ? undefined : await open(partial, 'w');
  try {
    const write = async (bytes: Uint8Array) => {
      for (let at = 0; handle && at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
    };
    const result = await getObject(node, object, write, onProgress);
    await handle?.close();
    if (partial !== undefined && output !== undefined) await rename(partial, output);
    mrouter.events.emit('get-done', { object, bytes: result.bytes, from: result.from, ms: result.ms });
    return result;
  } catch (error) {
    const failure = error instanceof GetError ? error.failure : undefined;
    mrouter.events.emit('get-failed', { object, error: (error as Error).message, ...(failure && { failure }) });
    await handle?.close().catch(() => {});
    if (partial !== undefined) await rm(partial, { force: true });
    throw error;
  }
}

async function openFile(path: string) {
  const handle = await open(path, 'r').catch((error: Error) => {
    throw new Error(`cannot read ${path}: ${error.message}`);
  });
  const info = await handle.stat();
  if (info.isFile() && info.size > 0) return handle;
  await handle.close();
  throw new Error(info.isFile() ? `${path} is empty: there is nothing to store` : `${path} is not a file`);
}
