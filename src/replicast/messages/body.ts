import { HASH_BYTES } from '../constants.ts';

/** A message that cannot be read, and the name under which that is counted. */
export class DecodeFailure extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** Characters of a text at most. */
const TEXT_LIMIT = 255;

/**
 * Writes the body of a control message: its fields one after the other, without their names, all numbers big endian. A target answers between
 * two chunks, with nothing in the processor's caches: what is short here is short on the way to a decision.
 */
export class BodyWriter {
  readonly #space: Buffer;
  #at: number;

  /** @param at where the body begins in `space` */
  constructor(space: Buffer, at: number) {
    this.#space = space;
    this.#at = at;
  }

  /** Where the next field begins. */
  get end(): number {
    return this.#at;
  }

  /** 64 bits, IEEE 754. */
  number(value: number): void {
    this.#at = this.#space.writeDoubleBE(value, this.#at);
  }

  /** 32 bits. @throws RangeError when it is negative, longer, or no integer, which would be cut to one */
  integer(value: number): void {
    if (!Number.isInteger(value)) throw new RangeError(`${value} is no integer`);
    this.#at = this.#space.writeUInt32BE(value, this.#at);
  }

  /** One byte. */
  flag(value: boolean): void {
    this.#space[this.#at++] = value ? 1 : 0;
  }

  /** One byte: the position among what is allowed. */
  oneOf<T extends string>(value: T, allowed: readonly T[]): void {
    this.#space[this.#at++] = allowed.indexOf(value);
  }

  /** 16 bits with the length in bytes, and UTF-8. */
  text(value: string): void {
    const length = this.#space.write(value, this.#at + 2);
    this.#space.writeUInt16BE(length, this.#at);
    this.#at += 2 + length;
  }

  /** 32 bytes. @throws RangeError when it has another length */
  hash(value: string): void {
    const written = this.#space.write(value, this.#at, 'hex');
    if (written !== HASH_BYTES) throw new RangeError(`a content hash has ${HASH_BYTES} bytes, not ${written}`);
    this.#at += HASH_BYTES;
  }

  /** 16 bits with the length, and the bytes. @throws RangeError when they are longer than that can say */
  bytes(value: Uint8Array): void {
    const start = this.#space.writeUInt16BE(value.length, this.#at);
    this.#space.set(value, start);
    this.#at = start + value.length;
  }

  /** One byte that says whether there are any, then `bytes`. */
  optionalBytes(value: Uint8Array | undefined): void {
    this.flag(value !== undefined);
    if (value) this.bytes(value);
  }
}

/**
 * Reads what `BodyWriter` wrote, in the same order, each field with its check.
 * All methods throw DecodeFailure: `truncated` where the body ends early, `bad-<field>` for what is not allowed.
 */
export class BodyReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at: number;

  /** @param at where the body begins in `bytes` */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#at = at;
  }

  /** A finite number from `least` to `most`. */
  number(name: string, least: number, most: number): number {
    return within(this.#view.getFloat64(this.#take(8)), name, least, most);
  }

  integer(name: string, least: number, most: number): number {
    return within(this.#view.getUint32(this.#take(4)), name, least, most);
  }

  flag(name: string): boolean {
    const value = this.#bytes[this.#take(1)]!;
    if (value > 1) throw new DecodeFailure(`bad-${name}`);
    return value === 1;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    const value = allowed[this.#bytes[this.#take(1)]!];
    if (value === undefined) throw new DecodeFailure(`bad-${name}`);
    return value;
  }

  /** A text of 1 to 255 characters. */
  text(name: string): string {
    const length = this.#view.getUint16(this.#take(2));
    const start = this.#take(length);
    const value = this.#bytes.toString('utf8', start, start + length);
    if (value.length === 0 || value.length > TEXT_LIMIT) throw new DecodeFailure(`bad-${name}`);
    return value;
  }

  /** 64 lower-case hex digits. */
  hash(): string {
    const start = this.#take(HASH_BYTES);
    return this.#bytes.toString('hex', start, start + HASH_BYTES);
  }

  /** A copy, because the receive buffer is used again. @param most bytes */
  bytes(name: string, most: number): Uint8Array {
    const length = this.#view.getUint16(this.#take(2));
    if (length > most) throw new DecodeFailure(`bad-${name}`);
    const start = this.#take(length);
    return new Uint8Array(this.#bytes.subarray(start, start + length));
  }

  optionalBytes(name: string, most: number): Uint8Array | undefined {
    return this.flag(name) ? this.bytes(name, most) : undefined;
  }

  /** Nothing may follow. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new DecodeFailure('trailing-bytes');
  }

  #take(bytes: number): number {
    const start = this.#at;
    this.#at += bytes;
    if (this.#at > this.#bytes.length) throw new DecodeFailure('truncated');
    return start;
  }
}

function within(value: number, name: string, least: number, most: number): number {
  // Not a number is within nothing.
  if (!(value >= least && value <= most)) throw new DecodeFailure(`bad-${name}`);
  return value;
}
