import { createHash } from 'node:crypto';
import { HASH_BYTES } from './constants.ts';

/** The name of a chunk: SHA-256 of its bytes as 64 lower-case hex digits. */
export function contentHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Whether a text is a content hash as this project writes it. */
export function isContentHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** The 32 bytes of a content hash. */
export function hashBytes(hash: string): Uint8Array {
  return Buffer.from(hash, 'hex');
}

/** @throws RangeError when there are not 32 bytes. */
export function hashFromBytes(bytes: Uint8Array): string {
  if (bytes.length !== HASH_BYTES) throw new RangeError(`a content hash has ${HASH_BYTES} bytes, not ${bytes.length}`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
