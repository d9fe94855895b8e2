import { createServer, type Server, type Socket } from 'node:net';
import type { Connection, ZoneHop } from '../mrouter/index.ts';
import { type Endpoint, parseIpv4, type Target } from '../overlay/index.ts';
import { CONNECT_TIMEOUT } from './constants.ts';
import { encodeRedirect, sayAndClose } from './framing.ts';
import { readGreeting } from './greeting.ts';
import { Redial } from './redial.ts';
import type { Transport } from './transport.ts';
import type { Tunnel, TunnelHost } from './tunnel.ts';
import { ZoneConnection } from './zone-connection.ts';

/** What the connections between zones need from the host they work for. */
export interface StreamHost extends TunnelHost {
  /** A connection is up; a hello should go over it at once. */
  onUp(zone: string, peer: Target): void;
  onDown(zone: string, peer: Target, reason: string): void;
  /** Somebody who connected was sent away. */
  onRefused(address: string, reason: string): void;
  /** Nobody can connect to this host. */
  onDeaf(error: Error): void;
}

export interface StreamOptions {
  self: Endpoint;
  /** Ways to carry bytes; connections of another kind are not made. */
  transports: readonly Transport[];
  host: StreamHost;
  /** From 0 to 1. */
  random: () => number;
}

/** One connection of this host's zone, as a person would like to see it. */
export interface ConnectionStatus {
  zone: string;
  kind: 'tcp' | 'tls';
  /** Of this zone's end. */
  owner: string;
  /** Who owns the other end, while the connection is up. Only the owner knows. */
  peer: string | null;
  /** Bytes and datagrams that wait. */
  waiting: { bytes: number; datagrams: number };
}

/** One connection that this host owns, and the attempts to make it. */
interface Owned {
  state: Connection;
  readonly connection: ZoneConnection;
  readonly redial: Redial;
  timer: NodeJS.Timeout | undefined;
  dialling: boolean;
}

const NOTHING_WAITS = { bytes: 0, datagrams: 0 };

/**
 * Carries datagrams between zones over connections, one for each pair of zones, between the owners of its two ends. Every target of a zone
 * that listens accepts from members of the other zone only, and sends a dialler on to the owner if that is another host.
 */
export class StreamTunnel implements Tunnel<ZoneHop> {
  readonly name = 'stream';
  readonly #options: StreamOptions;
  readonly #server: Server;
  /** By the name of the zone at the other end. */
  readonly #owned = new Map<string, Owned>();
  readonly #strangers = new Set<Socket>();
  #states: readonly Connection[] = [];
  #closed = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.on('error', (error) => options.host.onDeaf(error));
  }

  /**
   * Begins to listen, if any connection needs that.
   * @throws Error with the code of the system, such as EADDRINUSE
   */
  async open(connections: readonly Connection[]): Promise<void> {
    if (connections.some(({ dials }) => !dials)) {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#listen(() => {
          this.#server.off('error', reject);
          resolve();
        });
      });
    }
    this.update(connections);
  }

  /** Tells who owns which connection now: takes over what has become this host's, and gives up what is no longer. */
  update(connections: readonly Connection[]): void {
    this.#states = connections;
    if (!this.#server.listening && connections.some(({ dials }) => !dials)) this.#listen();
    const wanted = new Map(connections.filter(({ owned }) => owned).map((state) => [state.hop.zone.name, state]));
    for (const [zone, owned] of this.#owned) {
      const state = wanted.get(zone);
      if (state && isSame(owned.state, state)) owned.state = state;
      else this.#giveUp(zone, owned);
    }
    for (const [zone, state] of wanted) {
      if (!this.#owned.has(zone)) this.#owned.set(zone, this.#make(zone, state));
      this.#schedule(this.#owned.get(zone)!);
    }
  }

  /** To be called when an interval between hellos ends. @param silence whether a silent connection is a dead one */
  tick(silence: boolean): void {
    if (silence) for (const { connection } of this.#owned.values()) connection.tick();
  }

  send({ zone }: ZoneHop, header: Uint8Array, inner: Uint8Array): void {
    const owned = this.#owned.get(zone.name);
    if (owned) owned.connection.send(header, inner);
    else this.#options.host.onDrop('not-owner');
  }

  get status(): ConnectionStatus[] {
    return this.#states.map(({ hop, owner }) => {
      const connection = this.#owned.get(hop.zone.name)?.connection;
      return {
        zone: hop.zone.name,
        kind: hop.tunnel,
        owner: owner.name,
        peer: connection?.peer?.name ?? null,
        waiting: connection?.waiting ?? NOTHING_WAITS,
      };
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const [zone, owned] of this.#owned) this.#giveUp(zone, owned);
    for (const socket of this.#strangers) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  #listen(listening?: () => void): void {
    const { address, port } = this.#options.self;
    this.#server.listen({ host: address, port }, listening);
  }

  #make(zone: string, state: Connection): Owned {
    const { host, random } = this.#options;
    const connection = new ZoneConnection(state.tunnel.queue, {
      onDatagram: (datagram, peer) => this.#receive(state.hop, datagram, peer),
      onDown: (peer, reason) => {
        host.onDown(zone, peer, reason);
        const owned = this.#owned.get(zone);
        if (owned) this.#schedule(owned);
      },
      onDrop: (reason, count) => {
        for (let i = 0; i < count; i++) host.onDrop(reason);
      },
    });
    return { state, connection, redial: new Redial(random), timer: undefined, dialling: false };
  }

  #receive({ tunnel }: ZoneHop, bytes: Buffer, peer: Target): void {
    const { host } = this.#options;
    const from = peer.endpoint.key;
    host.onReceive({ bytes, size: bytes.length, from, receivedAt: host.now(), tunnel });
  }

  /** Lets go of a connection. Who dialled is told who owns it now; it takes over when it hears so. */
  #giveUp(zone: string, { connection, timer, state }: Owned): void {
    clearTimeout(timer);
    this.#owned.delete(zone);
    const now = this.#states.find(({ hop }) => hop.zone.name === zone);
    const successor = !this.#closed && !state.dials && now && !now.owned ? now.owner : undefined;
    connection.close('no longer the owner', successor && redirectTo(successor));
  }

  /** Sees to it that a connection which this end dials, and which is down, is dialled when its time has come. */
  #schedule(owned: Owned): void {
    const { state, connection, redial, timer, dialling } = owned;
    if (this.#closed || !state.dials || connection.peer || timer || dialling) return;
    const wait = Math.max(0, redial.due - this.#options.host.now());
    owned.timer = setTimeout(() => {
      owned.timer = undefined;
      void this.#dial(owned);
    }, wait);
  }

  async #dial(owned: Owned): Promise<void> {
    const { self, host } = this.#options;
    const { connection, redial, state } = owned;
    const zone = state.hop.zone.name;
    const transport = this.#transport(state);
    if (!transport) return;
    owned.dialling = true;
    const peer = redial.choose(state.peers);
    const began = host.now();
    try {
      const socket = await transport.dial(peer, self, CONNECT_TIMEOUT);
      const greeting = await readGreeting(socket, Math.max(1, CONNECT_TIMEOUT - (host.now() - began)));
      if (greeting.kind === 'redirect' || this.#owned.get(zone) !== owned) {
        socket.destroy();
        if (greeting.kind === 'redirect') redial.redirected(greeting.owner, host.now());
      } else {
        redial.connected();
        connection.use(socket, peer, greeting.deframer);
        host.onUp(zone, peer);
        for (const datagram of greeting.datagrams) this.#receive(state.hop, datagram, peer);
        socket.resume();
      }
    } catch {
      redial.failed(host.now());
    }
    owned.dialling = false;
    if (this.#owned.get(zone) === owned) this.#schedule(owned);
  }

  #accept(socket: Socket): void {
    const address = (socket.remoteAddress ?? 'nowhere').replace(/^::ffff:/, '');
    const place = this.#dialler(address);
    const transport = place && this.#transport(place.state);
    const refuse = (reason: string) => {
      socket.destroy();
      this.#options.host.onRefused(address, reason);
    };
    socket.on('error', () => socket.destroy());
    if (!place || !transport) {
      refuse(place ? `no ${place.state.tunnel.kind} here` : 'no member of a zone that may connect');
      return;
    }
    this.#strangers.add(socket);
    socket.once('close', () => this.#strangers.delete(socket));
    transport.accept(socket, place.peer, CONNECT_TIMEOUT).then(
      (ready) => {
        this.#strangers.delete(socket);
        this.#welcome(ready, address);
      },
      (error: Error) => refuse(error.message),
    );
  }

  /** Who connects from an address, and to what end. */
  #dialler(address: string): { state: Connection; peer: Target } | undefined {
    for (const state of this.#states) {
      const peer = state.dials ? undefined : state.peers.find(({ endpoint }) => endpoint.address === address);
      if (peer) return { state, peer };
    }
    return undefined;
  }

  /** Uses a connection whose other end has proved what it has to, or sends it to the owner. */
  #welcome(socket: Socket, address: string): void {
    // Things may have changed during the handshake.
    const place = this.#dialler(address);
    if (this.#closed || !place || socket.destroyed) {
      socket.destroy();
      return;
    }
    const { state, peer } = place;
    const zone = state.hop.zone.name;
    const owned = this.#owned.get(zone);
    if (!owned) {
      sayAndClose(socket, redirectTo(state.owner));
      return;
    }
    owned.connection.use(socket, peer);
    this.#options.host.onUp(zone, peer);
  }

  #transport({ tunnel }: Connection): Transport | undefined {
    return this.#options.transports.find(({ kind }) => kind === tunnel.kind);
  }
}

const redirectTo = ({ endpoint }: Target): Uint8Array => encodeRedirect(parseIpv4(endpoint.address)!);

/** Whether a connection can go on as it is under another map. */
function isSame(a: Connection, b: Connection): boolean {
  return a.tunnel.kind === b.tunnel.kind && a.tunnel.queue === b.tunnel.queue && a.dials === b.dials;
}
