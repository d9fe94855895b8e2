import { type Endpoint, endpointOfKey, parseIpv6 } from '../overlay/index.ts';
import { LEARNED_LIFETIME, LEARNED_LIMIT } from './constants.ts';

/** An initiator that no map lists and that sent a request not long ago. */
export interface LearnedInitiator {
  /** Overlay address, canonical text. */
  readonly address: string;
  /** The same as 16 bytes. */
  readonly overlay: Uint8Array;
  endpoint: Endpoint;
  /** ms */
  expires: number;
}

/** What a target knows of initiators: how to reach them, for as long as a request of theirs may be pending. */
export class LearnedInitiators {
  /** The longest silent one first. */
  readonly #byAddress = new Map<string, LearnedInitiator>();
  readonly #byEndpoint = new Map<number, LearnedInitiator>();
  /** Who was learned last: most requests come from where the one before came from. */
  #last: LearnedInitiator | undefined;

  learn(address: string, endpointKey: number, now: number): void {
    const last = this.#last;
    if (last && last.address === address && last.endpoint.key === endpointKey && last.expires > now) {
      last.expires = now + LEARNED_LIFETIME;
      return;
    }
    const known = this.#byAddress.get(address);
    const entry = known ?? newEntry(address, endpointKey);
    if (entry.endpoint.key !== endpointKey) {
      if (this.#byEndpoint.get(entry.endpoint.key) === entry) this.#byEndpoint.delete(entry.endpoint.key);
      entry.endpoint = endpointOfKey(endpointKey);
    }
    entry.expires = now + LEARNED_LIFETIME;
    this.#byAddress.delete(address);
    this.#byAddress.set(address, entry);
    this.#last = entry;
    this.#byEndpoint.set(endpointKey, entry);
    if (this.#byAddress.size > LEARNED_LIMIT) this.#forget(this.#byAddress.values().next().value!);
  }

  /** @param address canonical text */
  find(address: string, now: number): LearnedInitiator | undefined {
    const entry = this.#byAddress.get(address);
    return entry && entry.expires > now ? entry : undefined;
  }

  knowsEndpoint(key: number, now: number): boolean {
    const entry = this.#byEndpoint.get(key);
    return entry !== undefined && entry.expires > now;
  }

  /** Forgets those whose time is over. */
  expire(now: number): void {
    for (const entry of this.#byAddress.values()) {
      if (entry.expires > now) return;
      this.#forget(entry);
    }
  }

  list(now: number): LearnedInitiator[] {
    return [...this.#byAddress.values()].filter((entry) => entry.expires > now);
  }

  #forget(entry: LearnedInitiator): void {
    if (this.#last === entry) this.#last = undefined;
    this.#byAddress.delete(entry.address);
    if (this.#byEndpoint.get(entry.endpoint.key) === entry) this.#byEndpoint.delete(entry.endpoint.key);
  }
}

function newEntry(address: string, endpointKey: number): LearnedInitiator {
  return { address, overlay: parseIpv6(address)!, endpoint: endpointOfKey(endpointKey), expires: 0 };
}
