import { createCipheriv, createHash } from 'node:crypto';

/** What is enciphered: the key stream is what comes out. */
const ZEROS = Buffer.alloc(1 << 20);

/**
 * Reproducible object content that nothing can compress or deduplicate: the AES-256-CTR key stream whose key is the
 * SHA-256 of the seed. Successive calls give successive bytes.
 */
export class GeneratedContent {
  readonly #cipher;

  /** @param seed any text or number; the same seed gives the same bytes everywhere. */
  constructor(seed: string | number) {
    const key = createHash('sha256').update(`castlab generated object ${seed}`).digest();
    this.#cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  }

  /** The next `length` bytes. */
  next(length: number): Uint8Array {
    if (length > ZEROS.length) return this.#cipher.update(Buffer.alloc(length));
    return this.#cipher.update(ZEROS.subarray(0, length));
  }
}
