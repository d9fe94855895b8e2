import type { ClusterMap, Zone } from '../overlay/index.ts';
import { LABEL_GRACE } from './constants.ts';
import { MapView, type Self } from './map-view.ts';
import type { TunnelKind } from './sink.ts';

/** The map in force, and those before it for as long as their labels are understood. */
export class Maps {
  current: MapView;
  readonly #self: Self;
  /** Newest first. */
  #old: MapView[] = [];

  /** @throws RangeError when the map does not know this host's zone. */
  constructor(map: ClusterMap, self: Self) {
    this.#self = self;
    this.current = new MapView(map, self);
  }

  /** @throws RangeError as above; then nothing has changed. */
  replace(map: ClusterMap, now: number): void {
    const view = new MapView(map, this.#self);
    this.current.validUntil = now + LABEL_GRACE;
    this.#old.unshift(this.current);
    this.current = view;
    this.expire(now);
  }

  expire(now: number): void {
    if (this.#old.length > 0) this.#old = this.#old.filter((view) => view.validUntil > now);
  }

  /** The newest map that has a label. */
  withLabel(label: number, now: number): MapView | undefined {
    if (this.current.bifts.has(label)) return this.current;
    return this.#old.find((view) => view.validUntil > now && view.bifts.has(label));
  }

  /**
   * Whether an endpoint is another MRouter of any of the maps, and in which zone of `view`.
   * @returns `undefined` when it is none
   */
  findPeer(endpointKey: number, view: MapView, now: number): { zone: Zone | undefined } | undefined {
    const peer = view.peer(endpointKey);
    if (peer) return peer;
    for (const other of [this.current, ...this.#old]) {
      const stranger = other.validUntil > now ? other.peer(endpointKey) : undefined;
      if (stranger) return { zone: view.map.zoneByName.get(stranger.zone.name) };
    }
    return undefined;
  }

  /** Whether datagrams from a zone of that name may come this way, by the map in force or one before it whose time is not over. */
  admit(tunnel: TunnelKind, zoneName: string | undefined, now: number): boolean {
    return (
      this.current.admits(tunnel, zoneName) ||
      this.#old.some((view) => view.validUntil > now && view.admits(tunnel, zoneName))
    );
  }

  forgetDecisions(): void {
    for (const view of [this.current, ...this.#old]) view.forgetDecisions();
  }
}
