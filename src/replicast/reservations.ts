/** A stretch of time of one host's link in one direction, ms on that host's clock. `end` is not part of it. */
export interface Window {
  start: number;
  end: number;
}

interface Reservation extends Window {
  key: string;
  expires: number;
}

export interface WindowRequest {
  /** Earliest start. */
  notBefore: number;
  /** Latest start. */
  notAfter: number;
  /** Shortest window that is of use, ms. */
  least: number;
  /** Longest window that is wanted, ms. */
  most: number;
}

/**
 * The calendar of one host's link in one direction: who may send when. Two reservations never overlap, and each
 * expires by itself `grace` ms after its end, whatever else happens or is forgotten.
 */
export class Reservations {
  readonly #grace: number;
  /** By start; as they do not overlap, by end too. */
  #list: Reservation[] = [];

  /** @param grace ms */
  constructor(grace: number) {
    this.#grace = grace;
  }

  /** The earliest window that fits the request; nothing is reserved. */
  find({ notBefore, notAfter, least, most }: WindowRequest): Window | undefined {
    let start = notBefore;
    for (const taken of this.#list) {
      if (taken.end <= start) continue;
      if (start > notAfter) return undefined;
      if (taken.start - start >= least) return { start, end: Math.min(start + most, taken.start) };
      start = taken.end;
    }
    return start > notAfter ? undefined : { start, end: start + most };
  }

  /** Reserves the earliest window that fits, in place of whatever `key` had. */
  reserve(key: string, request: WindowRequest): Window | undefined {
    this.release(key);
    const window = this.find(request);
    if (window) this.#insert(key, window);
    return window;
  }

  /**
   * Shortens what `key` has reserved to the part that `wanted` shares with it. A window that misses the reservation
   * altogether leaves none: the data will come when it comes, and must not push anybody else out.
   */
  trim(key: string, wanted: Window): Window | undefined {
    const reserved = this.get(key);
    if (!reserved) return undefined;
    this.release(key);
    const window = { start: Math.max(reserved.start, wanted.start), end: Math.min(reserved.end, wanted.end) };
    if (window.end <= window.start) return undefined;
    this.#insert(key, window);
    return window;
  }

  /** Takes a window that the caller found free. @throws RangeError when it overlaps another reservation. */
  take(key: string, window: Window): void {
    this.release(key);
    if (this.#list.some((other) => other.start < window.end && window.start < other.end)) {
      throw new RangeError(`window ${window.start}–${window.end} overlaps a reservation`);
    }
    this.#insert(key, window);
  }

  get(key: string): Window | undefined {
    const found = this.#list.find((reservation) => reservation.key === key);
    return found && { start: found.start, end: found.end };
  }

  release(key: string): void {
    const index = this.#list.findIndex((reservation) => reservation.key === key);
    if (index >= 0) this.#list.splice(index, 1);
  }

  /** Forgets what has expired. */
  expire(now: number): void {
    if (this.#list.length > 0 && this.#list[0]!.expires <= now) {
      this.#list = this.#list.filter((reservation) => reservation.expires > now);
    }
  }

  /** When the first reservation expires; Infinity when there is none. */
  get nextExpiry(): number {
    return this.#list[0]?.expires ?? Number.POSITIVE_INFINITY;
  }

  /** How many windows end after `now`. */
  pending(now: number): number {
    return this.#list.filter((reservation) => reservation.end > now).length;
  }

  /** Every reservation, by start: for checks and for status. */
  entries(): readonly Readonly<Reservation>[] {
    return this.#list;
  }

  #insert(key: string, { start, end }: Window): void {
    let index = this.#list.length;
    while (index > 0 && this.#list[index - 1]!.start > start) index--;
    this.#list.splice(index, 0, { key, start, end, expires: end + this.#grace });
  }
}
