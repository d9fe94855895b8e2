import { type DropReason, endpointOfKey, type Target, type Zone } from '../overlay/index.ts';
import { decodeHello, encodeHello, type Hello, type HelloKind, type Vouch } from './hello.ts';
import { Liveness } from './liveness.ts';
import type { Link, MapView } from './map-view.ts';
import type { Hop, HostHop } from './sink.ts';
import { makeVouch, vouchedFor } from './vouching.ts';

/**
 * Keeps track of which targets are alive, by hellos and by whatever else they send. To a zone behind a connection, no host sends hellos of
 * its own: the owner of each end vouches to the other for its zone, and to its own zone for what the other has vouched for.
 */
export class Neighbours {
  #view: MapView;
  #liveness: Liveness;
  #sequence = 0;
  /** Who is alive in the zones whose connections this host owns, as the other end said last. By name of the zone. */
  readonly #vouched = new Map<string, ReadonlySet<Target>>();
  /** Names of those zones of which something has come in this interval. */
  #carried = new Set<string>();
  /** The same of the interval before. */
  #carriedBefore: ReadonlySet<string> = new Set();
  /** ms; 0 = none are sent, and every target counts as live. */
  readonly #interval: number;
  readonly #transmit: (hop: Hop, hello: Uint8Array) => void;
  readonly #changed: () => void;
  readonly #isLive = (target: Target) => this.#liveness.isLive(target);

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
    this.#vouched.clear();
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

  /** Notes that something came over the connection to a zone: then what its other end said last still holds. */
  heardOver(zone: Zone): void {
    this.#carried.add(zone.name);
  }

  /** Ends one interval and begins the next with a hello to every target, by way of the owners to those behind connections. */
  tick(): void {
    if (this.#interval === 0) return;
    const { self, hops, links, zone } = this.#view;
    for (const name of this.#carried) this.#heardAll(this.#vouched.get(name) ?? []);
    if (this.#sequence > 0 && this.#liveness.endInterval(self)) this.#changed();
    this.#sequence = (this.#sequence + 1) >>> 0;
    const plain = this.#encode('hello', this.#sequence, []);
    const inside = this.#encode('hello', this.#sequence, this.#vouches(this.#carried));
    this.#carriedBefore = this.#carried;
    this.#carried = new Set();
    for (const hop of hops) {
      if (hop.target === self || links.has(hop.zone!)) continue;
      this.#transmit(hop, hop.zone === zone ? inside : plain);
    }
    for (const link of links.values()) if (this.#owns(link)) this.greet(link);
  }

  /** Sends a hello over a connection that this host owns, which vouches for its zone. */
  greet(link: Link): void {
    const { zone, self } = this.#view;
    const isAlive = (target: Target) => target === self || this.#interval === 0 || this.#liveness.heardLately(target);
    const vouch = makeVouch(zone, this.#view.membersOf(zone), isAlive);
    this.#transmit(link.hop, this.#encode('hello', this.#sequence, [vouch]));
  }

  /**
   * Takes a hello that came from a host.
   * @returns why it does not count, or `undefined` when it does.
   */
  receive(datagram: Uint8Array, from: number): DropReason | undefined {
    const hello = decodeHello(datagram);
    if (!hello) return 'bad-hello';
    const view = this.#view;
    const peer = view.peer(from);
    if (!peer && !view.mayInitiate(from)) return 'unknown-source';
    const zone = peer ? peer.zone : view.zoneOf(from);
    if (peer) {
      this.#noteMap(peer, hello);
      this.heard(from);
      this.#believe(hello, (link) => view.ownerOf(link, this.#isLive) === peer);
    }
    // Targets send each other hellos: only who gets none from here needs an answer.
    if (hello.kind === 'answer' || (peer && this.#interval > 0)) return undefined;
    const stranger: HostHop = { tunnel: 'udp', endpoint: endpointOfKey(from), zone, target: undefined };
    // The interval may have just begun: who asks at that moment does so each time, and would never hear of anybody.
    const carried = new Set([...this.#carriedBefore, ...this.#carried]);
    const vouches = zone === view.zone ? this.#vouches(carried) : [];
    this.#transmit(peer ? view.hops[peer.index]! : stranger, this.#encode('answer', hello.sequence, vouches));
    return undefined;
  }

  /**
   * Takes a hello that came over the connection to a zone.
   * @param from the owner of the other end
   */
  receiveOver(link: Link, datagram: Uint8Array, from: number): DropReason | undefined {
    const hello = decodeHello(datagram);
    if (!hello) return 'bad-hello';
    const peer = this.#view.peer(from);
    if (peer) this.#noteMap(peer, hello);
    const { zone } = link.hop;
    this.heard(from);
    this.heardOver(zone);
    const vouch = this.#isOfThisMap(hello) ? hello.vouches.find((one) => one.zone === zone.index) : undefined;
    if (!vouch) return undefined;
    const alive = new Set(vouchedFor(vouch, this.#view.membersOf(zone)));
    this.#vouched.set(zone.name, alive);
    this.#heardAll(alive);
    return undefined;
  }

  /** What this host has been told over its connections. @param carried names of the zones of which that still holds */
  #vouches(carried: ReadonlySet<string>): Vouch[] {
    const vouches: Vouch[] = [];
    for (const { hop } of this.#view.links.values()) {
      const alive = carried.has(hop.zone.name) ? this.#vouched.get(hop.zone.name) : undefined;
      if (alive) vouches.push(makeVouch(hop.zone, this.#view.membersOf(hop.zone), (target) => alive.has(target)));
    }
    return vouches;
  }

  /** @param mayVouch who may say something of the zone behind a connection */
  #believe(hello: Hello, mayVouch: (link: Link) => boolean): void {
    if (!this.#isOfThisMap(hello)) return;
    const { map, links } = this.#view;
    for (const vouch of hello.vouches) {
      const zone = map.zones[vouch.zone];
      const link = zone && links.get(zone);
      if (link && mayVouch(link)) this.#heardAll(vouchedFor(vouch, this.#view.membersOf(zone)));
    }
  }

  #heardAll(targets: Iterable<Target>): void {
    let revived = false;
    for (const target of targets) revived = this.#liveness.heard(target) || revived;
    if (revived) this.#changed();
  }

  #owns(link: Link): boolean {
    return this.#view.ownerOf(link, this.#isLive) === this.#view.self;
  }

  #isOfThisMap({ mapDigest }: Hello): boolean {
    return mapDigest === this.#view.map.digest;
  }

  #noteMap(peer: Target, hello: Hello): void {
    this.#liveness.noteMap(peer, !this.#isOfThisMap(hello));
  }

  #encode(kind: HelloKind, sequence: number, vouches: readonly Vouch[]): Uint8Array {
    return encodeHello({ kind, mapDigest: this.#view.map.digest, sequence, vouches });
  }
}
