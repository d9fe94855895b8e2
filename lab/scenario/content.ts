import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { GeneratedContent } from '../../src/replicast/index.ts';
import type { PutStep } from '../topology/index.ts';

/** What a put step puts: the arguments for the node, and the hash that the same bytes have here. */
export interface Content {
  args: Record<string, unknown>;
  bytes: number;
  sha256: string;
}

/** Bytes generated at a time. */
const pieceBytes = 1 << 20;

/** `$node` in a topology stands for the running Node.js binary: a real file that every machine has. */
const pathOf = (file: string) => (file === '$node' ? process.execPath : file);

/** The content of the `turn`-th object (from 0) of a put step. */
export async function contentOf(step: PutStep, seed: number, turn: number): Promise<Content> {
  const hash = createHash('sha256');
  if (step.file !== undefined) {
    const file = pathOf(step.file);
    const bytes = Math.min(step.bytes ?? Number.POSITIVE_INFINITY, (await stat(file)).size);
    for await (const piece of createReadStream(file, { end: bytes - 1 })) hash.update(piece as Buffer);
    return { args: { file, bytes }, bytes, sha256: hash.digest('hex') };
  }
  const generate = { size: step.size!, seed: (step.seed ?? seed) * 1_000_003 + turn };
  const content = new GeneratedContent(generate.seed);
  for (let left = generate.size; left > 0; left -= pieceBytes) hash.update(content.next(Math.min(left, pieceBytes)));
  return { args: { generate }, bytes: generate.size, sha256: hash.digest('hex') };
}
