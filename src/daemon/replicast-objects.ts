import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import {
  decodeManifest,
  encodeManifest,
  GeneratedContent,
  looksLikeManifest,
  MAX_ENTRIES,
  type ManifestEntry,
  type PutResult,
} from '../replicast/index.ts';
import type { FetchedChunk, ReplicastNode } from './replicast-node.ts';

/** Bytes of a chunk that tell whether it could be taken for a manifest. */
const MANIFEST_HEAD = 64;

/** Where one chunk of an object is. */
export interface StoredPart {
  hash: string;
  bytes: number;
  /** Names of the targets that have it. */
  replicas: string[];
  /** Of the chunk that lists the others. */
  manifest?: true;
}

export interface PutObjectResult {
  /** Hash that names the object. */
  object: string;
  bytes: number;
  /** SHA-256 of the content. */
  sha256: string;
  /** In order; the manifest, if there is one, last. */
  chunks: StoredPart[];
  /** Largest number of attempts that a chunk took. */
  attempts: number;
  /** Payload bytes sent, repairs included (a multicast datagram counts once). */
  sentBytes: number;
  ms: number;
}

export interface GetObjectResult {
  object: string;
  bytes: number;
  /** SHA-256 of the content. */
  sha256: string;
  /** How many chunks came from each target. */
  from: Record<string, number>;
  ms: number;
}

export interface PutObjectOptions {
  replicas: number;
  /** Negotiating group; by default where each chunk's hash puts it. */
  group?: string | undefined;
  /** Told after each chunk: bytes stored so far. */
  onProgress?(bytes: number): void;
}

/** An object's bytes, piece by piece: fills the whole of `into` each time but the last, and nothing of it at the end. @returns how many bytes */
export type Source = (into: Uint8Array) => Promise<number>;

/**
 * Stores an object: chunk by chunk, several in flight, never all of it in memory; then, unless one chunk is all, the
 * manifest that names it.
 * @throws RangeError when it is empty or has too many chunks; PutError when a chunk did not get its replicas
 */
export async function putObject(
  node: ReplicastNode,
  source: Source,
  options: PutObjectOptions,
): Promise<PutObjectResult> {
  const started = performance.now();
  const { chunkSize, inFlight } = node.settings;
  const content = createHash('sha256');
  const parts: Promise<StoredPart>[] = [];
  const tally = { bytes: 0, attempts: 0, sentBytes: 0, done: 0 };
  const put = async (chunk: Uint8Array): Promise<StoredPart> => {
    const result: PutResult = await node.putChunk(chunk, options.replicas, options.group);
    tally.attempts = Math.max(tally.attempts, result.attempts);
    tally.sentBytes += result.sentBytes;
    return { hash: result.hash, bytes: result.bytes, replicas: result.replicas };
  };
  let first: Uint8Array | undefined;
  const running = new Set<Promise<unknown>>();
  try {
    for (;;) {
      const buffer = node.takeBuffer(chunkSize);
      const chunk = buffer.subarray(0, await source(buffer));
      if (chunk.length === 0) break;
      if (parts.length === MAX_ENTRIES) {
        throw new RangeError(`more than ${MAX_ENTRIES} chunks of ${chunkSize} bytes: use a larger chunkSize`);
      }
      first ??= chunk.slice(0, MANIFEST_HEAD);
      content.update(chunk);
      tally.bytes += chunk.length;
      const part = put(chunk).finally(() => node.giveBuffer(buffer, chunk));
      parts.push(part);
      const run = part.then(() => {
        running.delete(run);
        tally.done += chunk.length;
        options.onProgress?.(tally.done);
      });
      // Noticed by whoever waits next, which may be later than it happens.
      run.catch(() => {});
      running.add(run);
      // One more than can be in flight: the next chunk is ready when a place is free.
      if (running.size > inFlight) await Promise.race(running);
      if (chunk.length < chunkSize) break;
    }
    await Promise.all(running);
  } catch (error) {
    // What is under way is left to end, so that the caller finds nothing half done.
    await Promise.allSettled(running);
    throw error;
  }
  if (!first) throw new RangeError('the object is empty: there is nothing to store');
  const chunks = await Promise.all(parts);
  let object = chunks[0]!.hash;
  if (chunks.length > 1 || looksLikeManifest(first)) {
    const manifest = await put(encodeManifest(chunks.map(({ hash, bytes }) => ({ hash, length: bytes }))));
    chunks.push({ ...manifest, manifest: true });
    object = manifest.hash;
  }
  const { bytes, attempts, sentBytes } = tally;
  const ms = performance.now() - started;
  return { object, bytes, sha256: content.digest('hex'), chunks, attempts, sentBytes, ms };
}

/** Takes an object's bytes in order. What it is given may be used again afterwards. */
export type Drain = (bytes: Uint8Array) => Promise<void>;

/**
 * Fetches an object and hands its verified bytes over in order, several chunks in flight.
 * @throws GetError when a chunk cannot be found
 */
export async function getObject(
  node: ReplicastNode,
  object: string,
  drain: Drain,
  onProgress: (bytes: number, of: number) => void = () => {},
): Promise<GetObjectResult> {
  const started = performance.now();
  const content = createHash('sha256');
  const from: Record<string, number> = {};
  let bytes = 0;
  const take = async ({ chunk, result, release }: FetchedChunk, of: number): Promise<void> => {
    content.update(chunk);
    bytes += chunk.length;
    from[result.from] = (from[result.from] ?? 0) + 1;
    await drain(chunk);
    release();
    onProgress(bytes, of);
  };
  const head = await node.getChunk(object);
  if (looksLikeManifest(head.chunk)) {
    const entries = decodeManifest(head.chunk);
    head.release();
    const size = entries.reduce((sum, { length }) => sum + length, 0);
    await inOrder(node, entries, head.result.group, (fetched) => take(fetched, size));
  } else await take(head, head.chunk.length);
  return { object, bytes, sha256: content.digest('hex'), from, ms: performance.now() - started };
}

/** Fetches chunks ahead of their turn and hands them over in turn. */
async function inOrder(
  node: ReplicastNode,
  entries: readonly ManifestEntry[],
  group: string,
  take: (fetched: FetchedChunk) => Promise<void>,
): Promise<void> {
  const ahead: Promise<FetchedChunk>[] = [];
  let next = 0;
  const fetchNext = () => {
    const fetched = node.getChunk(entries[next++]!.hash, group);
    // Its turn may never come if an earlier one fails.
    fetched.catch(() => {});
    ahead.push(fetched);
  };
  try {
    for (const { hash, length } of entries) {
      while (ahead.length < node.settings.inFlight && next < entries.length) fetchNext();
      const fetched = await ahead.shift()!;
      if (fetched.chunk.length !== length) {
        throw new RangeError(`chunk ${hash} has ${fetched.chunk.length} bytes, its manifest says ${length}`);
      }
      await take(fetched);
    }
  } finally {
    for (const fetched of await Promise.allSettled(ahead)) {
      if (fetched.status === 'fulfilled') fetched.value.release();
    }
  }
}

/** The first `bytes` bytes (by default all) of a file that is open. */
export function fileSource(file: FileHandle, bytes = Number.POSITIVE_INFINITY): Source {
  let left = bytes;
  return async (into) => {
    const wanted = Math.min(into.length, left);
    let filled = 0;
    while (filled < wanted) {
      const { bytesRead } = await file.read(into, filled, wanted - filled, null);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    left -= filled;
    return filled;
  };
}

/** Content that is made up from a seed, the same everywhere. */
export function generatedSource(size: number, seed: string | number): Source {
  const content = new GeneratedContent(seed);
  let left = size;
  return async (into) => {
    const piece = content.next(Math.min(into.length, left));
    into.set(piece);
    left -= piece.length;
    return piece.length;
  };
}
