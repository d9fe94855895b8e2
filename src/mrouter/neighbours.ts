import { type DropReason, endpointOfKey, type Target } from '../overlay/index.ts';
import { decodeHello, encodeHello } from './hello.ts';
import { Liveness } from './liveness.ts';
import type { MapView } from './map-view.ts';
import type { Hop } from './sink.ts';

/** Keeps track of which targets are alive, by hellos and by whatever else they send. */
export class Neighbours {
  #view: MapView;
  #liveness: Liveness;
  #sequence = 0;
  /** ms; 0 = none are sent, and every target counts as live. */
  readonly #interval: number;
  readonly #transmit: (hop: Hop, hello: Uint8Array) => void;
  readonly #changed: () => void;

  /** @param changed called whenever a target dies or comes back */
  constructor(view: MapView, interval: number, transmit: (hop: Hop, hello: Uint8Array) => void, changed: () => void) {
    this.#view = view;
    this.#liveness = new Liveness(view.map);
    this.#interval = interval;
    this.#transmit = transmit;
    this.#changed = changed;
  }

  /** Goes on under another map; what is known of targets that are in both stays known. */
  replaceMap(view: MapView): void {
    this.#view = view;
    this.#liveness = new Liveness(view.map, this.#liveness);
  }

  isLive(target: Target): boolean {
    return this.#liveness.isLive(target);
  }

  get dead(): Target[] {
    return this.#liveness.dead;
  }

  /** Targets whose hellos say that they have another cluster map. */
  get otherMaps(): Target[] {
    return this.#liveness.otherMaps;
  }

  /** Notes that something came from there. */
  heard(endpointKey: number): void {
    const peer = this.#view.peer(endpointKey);
    if (peer && this.#liveness.heard(peer)) this.#changed();
  }

  /** Ends one interval and begins the next with a hello to every target. */
  tick(): void {
    if (this.#interval === 0) return;
    const { self, hops, map } = this.#view;
    if (this.#sequence > 0 && this.#liveness.endInterval(self)) this.#changed();
    this.#sequence = (this.#sequence + 1) >>> 0;
    const hello = encodeHello({ kind: 'hello', mapDigest: map.digest, sequence: this.#sequence });
    for (const hop of hops) if (hop.target !== self) this.#transmit(hop, hello);
  }

  /** Takes a hello. @returns why it does not count, or `undefined` when it does. */
  receive(datagram: Uint8Array, from: number): DropReason | undefined {
    const hello = decodeHello(datagram);
    if (!hello) return 'bad-hello';
    const { map, hops } = this.#view;
    const peer = this.#view.peer(from);
    if (!peer && !this.#view.mayInitiate(from)) return 'unknown-source';
    if (peer) this.#liveness.noteMap(peer, hello.mapDigest !== map.digest);
    this.heard(from);
    // Targets send each other hellos: only who gets none from here needs an answer.
    if (hello.kind === 'answer' || (peer && this.#interval > 0)) return undefined;
    const hop = peer ? hops[peer.index]! : { endpoint: endpointOfKey(from), zone: undefined, target: undefined };
    this.#transmit(hop, encodeHello({ kind: 'answer', mapDigest: map.digest, sequence: hello.sequence }));
    return undefined;
  }
}
