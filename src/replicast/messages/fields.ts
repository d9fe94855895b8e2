import { hashFromBytes } from '../hash.ts';

/** A message that cannot be read, and the name under which that is counted. */
export class DecodeFailure extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** The fields of a decoded CBOR body, each read with its check. What fails is named `bad-<field>`. */
export class Fields {
  readonly #values: Record<string, unknown>;

  /** @throws DecodeFailure when the body is no map. */
  constructor(body: unknown) {
    if (body === null || typeof body !== 'object' || Array.isArray(body)) throw new DecodeFailure('bad-body');
    this.#values = body as Record<string, unknown>;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#values, name) && this.#values[name] !== undefined;
  }

  /** A finite number from `least` to `most`. */
  number(name: string, least: number, most: number): number {
    return checkNumber(this.#get(name), name, least, most);
  }

  integer(name: string, least: number, most: number): number {
    const value = this.number(name, least, most);
    if (!Number.isInteger(value)) throw new DecodeFailure(`bad-${name}`);
    return value;
  }

  /** A text of 1 to 255 characters. */
  text(name: string): string {
    const value = this.#get(name);
    if (typeof value !== 'string' || value.length === 0 || value.length > 255) throw new DecodeFailure(`bad-${name}`);
    return value;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.#get(name);
    if (!allowed.includes(value as T)) throw new DecodeFailure(`bad-${name}`);
    return value as T;
  }

  /** A copy, because the receive buffer is used again. */
  bytes(name: string): Uint8Array {
    const value = this.#get(name);
    if (!(value instanceof Uint8Array)) throw new DecodeFailure(`bad-${name}`);
    return new Uint8Array(value);
  }

  hash(name: string): string {
    const value = this.bytes(name);
    if (value.length !== 32) throw new DecodeFailure(`bad-${name}`);
    return hashFromBytes(value);
  }

  list<T>(name: string, most: number, item: (value: unknown) => T): T[] {
    const value = this.#get(name);
    if (!Array.isArray(value) || value.length > most) throw new DecodeFailure(`bad-${name}`);
    return value.map(item);
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
  }
}

/** `value` as a finite number between two bounds. @throws DecodeFailure */
export function checkNumber(value: unknown, name: string, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < least || value > most) {
    throw new DecodeFailure(`bad-${name}`);
  }
  return value;
}
