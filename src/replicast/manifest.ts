import { HASH_BYTES, MAX_CHUNK_BYTES } from './constants.ts';
import { contentHash, hashBytes, hashFromBytes } from './hash.ts';

/** One chunk of an object. */
export interface ManifestEntry {
  hash: string;
  /** Bytes. */
  length: number;
}

/** First bytes of every manifest: name and version of the format. */
const MAGIC = new TextEncoder().encode('castlab-manifest-1\n');
const HEADER_BYTES = MAGIC.length + 4;
const ENTRY_BYTES = HASH_BYTES + 4;

/** Chunks that the manifest of one object can list, as it must itself be a chunk. */
export const MAX_ENTRIES = Math.floor((MAX_CHUNK_BYTES - HEADER_BYTES) / ENTRY_BYTES);

/**
 * The manifest of an object: magic, number of chunks, then hash and length of each, all big endian.
 * @throws RangeError when there are more chunks than one manifest can list.
 */
export function encodeManifest(entries: readonly ManifestEntry[]): Uint8Array {
  if (entries.length > MAX_ENTRIES) throw new RangeError(`${entries.length} chunks, at most ${MAX_ENTRIES} fit`);
  const bytes = new Uint8Array(HEADER_BYTES + entries.length * ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(MAGIC.length, entries.length);
  entries.forEach(({ hash, length }, i) => {
    bytes.set(hashBytes(hash), HEADER_BYTES + i * ENTRY_BYTES);
    view.setUint32(HEADER_BYTES + i * ENTRY_BYTES + HASH_BYTES, length);
  });
  return bytes;
}

/**
 * Whether a chunk would be taken for a manifest. A one-chunk object that looks like one is stored under a manifest
 * of its own, so that what a chunk is never has to be guessed.
 */
export function looksLikeManifest(chunk: Uint8Array): boolean {
  return chunk.length >= HEADER_BYTES && MAGIC.every((byte, i) => chunk[i] === byte);
}

/** The chunks that a manifest lists. @throws RangeError when its bytes are not those of a manifest. */
export function decodeManifest(bytes: Uint8Array): ManifestEntry[] {
  if (!looksLikeManifest(bytes)) throw new RangeError('not a manifest');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = view.getUint32(MAGIC.length);
  if (bytes.length !== HEADER_BYTES + count * ENTRY_BYTES) {
    throw new RangeError(`a manifest of ${count} chunks has ${HEADER_BYTES + count * ENTRY_BYTES} bytes`);
  }
  return Array.from({ length: count }, (_, i) => {
    const offset = HEADER_BYTES + i * ENTRY_BYTES;
    const length = view.getUint32(offset + HASH_BYTES);
    if (length === 0 || length > MAX_CHUNK_BYTES) throw new RangeError(`chunk ${i} cannot have ${length} bytes`);
    return { hash: hashFromBytes(bytes.subarray(offset, offset + HASH_BYTES)), length };
  });
}

/** The name of an object whose only chunk has these bytes, or `undefined` when it needs a manifest. */
export function singleChunkName(chunk: Uint8Array): string | undefined {
  return looksLikeManifest(chunk) ? undefined : contentHash(chunk);
}
