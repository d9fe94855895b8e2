import { type Hop, isZoneHop, Router, type TunnelKind, type ZoneHop } from '../../src/mrouter/index.ts';
import {
  addressOfKey,
  type ClusterMap,
  datagramId,
  endpointKey,
  type InnerView,
  makeEndpoint,
  nativeGroupAddress,
  PROBE_PORT,
  parseIpv4,
  parseMac,
  unicastAddress,
} from '../../src/overlay/index.ts';

/** A host of a simulated overlay: its router and what the router did. */
export interface SimulatedHost {
  name: string;
  zone: string;
  router: Router;
  /** Identities of the datagrams given to its application, in order. */
  delivered: string[];
  /** Identities of the datagrams that it originated. */
  sent: string[];
  /** Hosts that are down neither send nor receive. */
  up: boolean;
  /** Takes what is not for the probe port, if there is somebody. */
  gateway?: (inner: Uint8Array) => boolean;
}

/** A datagram between two hosts. */
export interface InFlight {
  from: SimulatedHost;
  to: SimulatedHost;
  bytes: Uint8Array;
  tunnel: TunnelKind;
  /** Zones that it and the copies it was made from have been in, the sender's first. */
  zones: string[];
}

/** An overlay in one process: one Router a host, datagrams carried one at a time, in order. */
export class OverlayNetwork {
  readonly hosts = new Map<string, SimulatedHost>();
  readonly map: ClusterMap;
  now = 1000;
  /** Every datagram that was put on its way, hellos too, since the last `clear`. */
  carried: InFlight[] = [];
  /** Payloads given to applications: host, identity, text. */
  deliveries: { host: string; id: string; payload: Uint8Array }[] = [];
  readonly #byEndpoint = new Map<number, SimulatedHost>();
  readonly #queue: InFlight[] = [];
  readonly #helloInterval: number;
  /** What is being received while a router works. */
  #current: InFlight | undefined;

  readonly #mtu: number;

  /** @param helloInterval 0: no hellos @param mtu bytes of an underlay IP packet */
  constructor(map: ClusterMap, helloInterval = 0, mtu = 1500) {
    this.map = map;
    this.#mtu = mtu;
    this.#helloInterval = helloInterval;
    for (const { name, zone, endpoint, overlay } of map.targets) {
      this.#add(name, zone.name, endpoint.address, overlay);
    }
  }

  /** Adds a host that is not in the map. */
  addInitiator(name: string, zone: string, underlay: string, mac = '02:ff:00:00:00:01'): SimulatedHost {
    return this.#add(name, zone, underlay, unicastAddress(this.map.prefix, parseMac(mac)!));
  }

  #add(name: string, zone: string, underlay: string, overlay: Uint8Array): SimulatedHost {
    const endpoint = makeEndpoint(underlay, this.map.port);
    const host: SimulatedHost = { name, zone, delivered: [], sent: [], up: true, router: undefined as never };
    host.router = new Router({
      map: this.map,
      self: { endpoint, zone, overlay },
      mtu: this.#mtu,
      helloInterval: this.#helloInterval,
      sink: {
        transmit: (hop, header, inner) => this.#transmit(host, hop, header, inner),
        deliver: (inner, view) => this.#deliver(host, inner, view),
        sent: (inner) => void host.sent.push(datagramId(inner)),
      },
    });
    this.hosts.set(name, host);
    this.#byEndpoint.set(endpoint.key, host);
    return host;
  }

  host(name: string): SimulatedHost {
    return this.hosts.get(name)!;
  }

  /** Sends a text from a host and carries everything to its end. @returns identities of the datagrams */
  send(
    from: string,
    group: string,
    members: readonly string[],
    options: { flow?: number; attempt?: number; text?: string; lose?: (datagram: InFlight) => boolean } = {},
  ): string[] {
    const { flow = 1, attempt = 1, text = 'hello', lose } = options;
    const host = this.host(from);
    const ports = { sourcePort: PROBE_PORT, destinationPort: PROBE_PORT };
    const before = host.sent.length;
    const outbound = host.router.route({ group, members }, { flow, attempt, ...ports }, this.now);
    host.router.send(outbound, Buffer.from(text), this.now);
    this.run(lose);
    return host.sent.slice(before);
  }

  /** Carries datagrams until none is under way. @param lose says which get lost */
  run(lose: (datagram: InFlight) => boolean = () => false): void {
    for (let datagram = this.#queue.shift(); datagram; datagram = this.#queue.shift()) {
      if (!datagram.to.up || lose(datagram)) continue;
      this.#current = datagram;
      datagram.to.router.receive(Buffer.from(datagram.bytes), endpointOf(datagram.from), this.now, datagram.tunnel);
      this.#current = undefined;
    }
  }

  /** Gives a host bytes that nobody in the network sent, and carries what follows. */
  inject(to: string, bytes: Uint8Array, fromKey: number): void {
    this.host(to).router.receive(bytes, fromKey, this.now);
    this.run();
  }

  /** Lets time pass: every host that is up ticks once an interval. */
  tick(intervals: number): void {
    for (let i = 0; i < intervals; i++) {
      this.now += this.#helloInterval || 1000;
      for (const host of this.hosts.values()) if (host.up) host.router.tick(this.now);
      this.run();
    }
  }

  clear(): void {
    this.carried = [];
    this.deliveries = [];
    for (const host of this.hosts.values()) host.delivered = [];
  }

  #transmit(host: SimulatedHost, hop: Hop, header: Uint8Array, inner: Uint8Array): void {
    for (const to of this.#receivers(host, hop)) {
      const zones = [...(this.#current?.zones ?? [host.zone]), to.zone];
      const datagram = { from: host, to, tunnel: hop.tunnel, bytes: Buffer.concat([header, inner]), zones };
      this.carried.push(datagram);
      this.#queue.push(datagram);
    }
  }

  #receivers(host: SimulatedHost, hop: Hop): SimulatedHost[] {
    if (isZoneHop(hop)) return [this.#otherEnd(host, hop) ?? []].flat();
    if (hop.tunnel === 'udp') return [this.#byEndpoint.get(hop.endpoint.key) ?? []].flat();
    const address = addressOfKey(hop.endpoint.key);
    const groups = this.map.groups.filter((group) => address === nativeGroupAddress(group));
    const members = new Set(groups.flatMap((group) => group.members.map(({ name }) => name)));
    return [...this.hosts.values()].filter((to) => to !== host && to.zone === host.zone && members.has(to.name));
  }

  /** Who owns the other end of a connection, if both ends are up. @throws Error when the sender does not own this one */
  #otherEnd(host: SimulatedHost, hop: ZoneHop): SimulatedHost | undefined {
    const owns = ({ name, router, up }: SimulatedHost, zone: string) =>
      up && router.connections.some((one) => one.owned && one.hop.zone.name === zone && name === one.owner.name);
    if (!owns(host, hop.zone.name)) throw new Error(`${host.name} does not own the connection to ${hop.zone.name}`);
    return [...this.hosts.values()].find((other) => other.zone === hop.zone.name && owns(other, host.zone));
  }

  #deliver(host: SimulatedHost, inner: Uint8Array, view: InnerView): boolean {
    if (view.destinationPort !== PROBE_PORT) return host.gateway?.(inner) ?? false;
    const id = datagramId(inner);
    host.delivered.push(id);
    this.deliveries.push({ host: host.name, id, payload: inner.slice(view.payloadStart, view.payloadEnd) });
    return true;
  }
}

/** Underlay address of a host as a key. */
export function endpointOf(host: SimulatedHost): number {
  const [address, port] = host.router.status(0).underlay.split(':');
  return endpointKey(parseIpv4(address!)!, Number(port));
}

/** Drops of a host by reason, without the zeros. */
export function dropsOf(host: SimulatedHost): Record<string, number> {
  return Object.fromEntries(Object.entries(host.router.counters.dropped).filter(([, count]) => count > 0));
}
