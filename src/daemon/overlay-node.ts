import type { Logger } from 'pino';
import { type Counters, type Hop, Router, type Sink } from '../mrouter/index.ts';
import {
  type ClusterMap,
  type Destination,
  DSCP_SOLICITED,
  formatIpv6,
  type OverlaySocket,
  PROBE_PORT,
  REPLICAST_PORT,
  type Route,
  type RouteOptions,
} from '../overlay/index.ts';
import { type ChunkSending, type SentChunk, sendChunk } from '../pmu/chunk-sender.ts';
import { exactClock } from '../pmu/clock.ts';
import type { ConnectionStatus, StreamHost } from '../tunnel/index.ts';
import { Applications, type DatagramHandler, type DatagramsHandler, ignore } from './applications.ts';
import { monotonicNow } from './clock.ts';
import { type NodeConfig, readConfig } from './config.ts';
import { ETHERNET_BYTES } from './constants.ts';
import type { EventStream } from './events.ts';
import type { GatewayStatus, NodeGateway } from './gateway.ts';
import { NodeReport } from './report.ts';
import { NodeRoute } from './route.ts';
import { NodeTunnels } from './tunnels.ts';

/** Shown to people by `status`. */
export type MRouterStatus = ReturnType<Router['status']> & {
  name: string;
  role: string;
  /** Kinds of tunnels in use. */
  tunnel: string;
  /** How the underlay's socket is used. */
  sockets: string;
  /** Connections between this host's zone and others. */
  connections: ConnectionStatus[];
  gateway?: GatewayStatus;
};

/** How `MRouter.sendChunk` sends; `flow` is 0 and `attempt` 1 unless given. */
export type ChunkOptions = Pick<ChunkSending, 'rate' | 'prefix' | 'signal'> & Partial<RouteOptions>;

/**
 * One host's MRouter on real sockets: the overlay as a library. As an `OverlaySocket` it is Replicast's (inner UDP port 8297); other
 * applications take another port with `socket`.
 */
export class MRouter implements OverlaySocket {
  readonly config: NodeConfig;
  /** @internal */
  readonly log: Logger;
  /** @internal */
  readonly events: EventStream;
  readonly #report: NodeReport;
  readonly #router: Router;
  readonly #overlay: Uint8Array;
  readonly #applications: Applications;
  #tunnels: NodeTunnels | undefined;
  #gateway: NodeGateway | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(config: NodeConfig, map: ClusterMap) {
    this.config = config;
    const { hello, mtu, zone } = config.values;
    this.#overlay = config.overlay(map);
    const report = new NodeReport(config);
    this.#report = report;
    this.log = report.log;
    this.events = report.events;
    this.#applications = new Applications(
      report.tellsDatagrams ? (...delivery) => report.delivered(...delivery) : undefined,
    );
    this.#applications.listen(PROBE_PORT, ignore);
    this.#router = new Router({
      map,
      self: { endpoint: config.endpoint(map), zone, overlay: this.#overlay },
      sink: this.#makeSink(),
      mtu,
      helloInterval: hello,
    });
  }

  /**
   * Reads the cluster map and binds to the underlay.
   * @param source a configuration, or the path of its file
   * @throws InputError when the configuration or the map is bad, this host does not fit into it, or its address cannot be bound
   */
  static async open(source: NodeConfig | string): Promise<MRouter> {
    const config = typeof source === 'string' ? readConfig(source) : source;
    const map = config.readMap();
    const mrouter = new MRouter(config, map);
    mrouter.#tunnels = await NodeTunnels.open(config, mrouter.#router, mrouter.#streamHost());
    try {
      await mrouter.events.writeAtOnce();
      await mrouter.#openGateway();
    } catch (error) {
      await mrouter.close();
      throw error;
    }
    const router = mrouter.#router;
    router.tick(monotonicNow());
    mrouter.#timer = setInterval(() => {
      const now = monotonicNow();
      router.tick(now);
      mrouter.#tunnels?.tick(config.values.hello > 0);
      mrouter.#report.flush(now);
    }, router.tickInterval);
    return mrouter;
  }

  get name(): string {
    return this.config.values.name;
  }

  get address(): string {
    return formatIpv6(this.#overlay);
  }

  get map(): ClusterMap {
    return this.#router.map;
  }

  get counters(): Counters {
    return this.#router.counters;
  }

  get status(): MRouterStatus {
    const { name, role } = this.config.values;
    return {
      name,
      role,
      tunnel: this.#tunnels?.name ?? 'none',
      sockets: this.#tunnels?.sockets ?? 'none',
      connections: this.#tunnels?.connections ?? [],
      ...this.#router.status(monotonicNow()),
      ...(this.#gateway && { gateway: this.#gateway.status }),
    };
  }

  route(destination: Destination, options: RouteOptions): Route {
    return this.socket(REPLICAST_PORT).route(destination, options);
  }

  onDatagram(handler: DatagramHandler, together?: DatagramsHandler): void {
    this.#applications.listen(REPLICAST_PORT, handler, together);
  }

  isLive(target: string): boolean {
    return this.#router.isLive(target);
  }

  /**
   * Sends one datagram to an overlay address, unicast or multicast (IPv6 text). Who sends many to one place prepares a `route`.
   * @param payload must not change afterwards
   * @throws RangeError when nobody has the address, or the payload does not fit one underlay packet
   */
  send(address: string, payload: Uint8Array): void {
    this.route({ address }, { flow: 0, attempt: 1 }).send(payload);
  }

  /**
   * Sends a buffer of any length to an overlay address, unicast or multicast (IPv6 text), in datagrams that fill their underlay packets,
   * evenly at a rate. Relays are decided once. Nothing says that it has arrived: who needs to know asks for an answer.
   * @param chunk must not change until the promise is settled
   * @throws RangeError when nobody has the address, the chunk is empty, the rate is none, or the prefix leaves no room; the signal's reason
   */
  async sendChunk(address: string, chunk: Uint8Array, options: ChunkOptions): Promise<SentChunk> {
    const { rate, prefix, signal, ...routing } = options;
    const route = this.route({ address }, { flow: 0, attempt: 1, ...routing });
    const overhead = this.config.values.mtu - route.maxPayload + ETHERNET_BYTES;
    return sendChunk(chunk, { clock: exactClock, route, rate, overhead, prefix, signal });
  }

  /** Calls `handler` with each datagram for this host; the same as `onDatagram`. */
  on(_event: 'datagram', handler: DatagramHandler): this {
    this.onDatagram(handler);
    return this;
  }

  /** The overlay on another inner UDP port, which is both ends' port. */
  socket(port: number): OverlaySocket {
    return {
      address: this.address,
      route: (destination, { flow, attempt, announce = true, solicited }) => {
        const dscp = solicited ? DSCP_SOLICITED : 0;
        const options = { flow, attempt, announce, sourcePort: port, destinationPort: port, dscp };
        return new NodeRoute(this.#router, this.#applications, destination, options);
      },
      onDatagram: (handler, together) => this.#applications.listen(port, handler, together),
      isLive: (target) => this.isLive(target),
    };
  }

  /**
   * Reads the cluster map again and puts it in force, without losing a datagram.
   * @throws InputError when it is bad, or says something about this host that only a restart can change; then nothing has changed
   */
  reload(): void {
    const map = this.config.readMap();
    if (map.port !== this.map.port) {
      throw this.config.error(['map'], `the port is now ${map.port}: restart this node to change it`);
    }
    if (formatIpv6(this.config.overlay(map)) !== this.address) {
      throw this.config.error(['map'], 'the overlay address of this node is another one now: restart it');
    }
    this.#tunnels?.check(map);
    this.#router.reload(map, monotonicNow());
    this.#tunnels?.reload();
    this.#fitGateway();
    this.log.info({ mapDigest: this.status.mapDigest }, 'cluster map reloaded');
  }

  /** Stops listening and writes out what is still buffered. May be called again. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#gateway?.close();
    this.#gateway = undefined;
    this.#applications.gateway = undefined;
    const tunnels = this.#tunnels;
    this.#tunnels = undefined;
    await tunnels?.close();
    await this.#report.close();
  }

  async #openGateway(): Promise<void> {
    if (!this.config.values.gateway) return;
    // Only a node with a gateway needs foreign function calls.
    const { NodeGateway } = await import('./gateway.ts');
    const router = this.#router;
    this.#gateway = await NodeGateway.open(
      this.config,
      {
        overlay: this.#overlay,
        now: monotonicNow,
        route: (destination, options) => router.route(destination, options, monotonicNow()),
        send: (outbound, packet, bytes) => {
          this.#applications.handIn(() => router.sendPacket(outbound, packet, bytes, monotonicNow()));
        },
        onDrop: (reason) => router.drop(reason),
        onLost: (error) => this.log.error({ error: error.message }, 'the interface of the gateway has gone'),
      },
      router.interfaceMtu,
    );
    this.#applications.gateway = this.#gateway;
  }

  /** Packets that are too long for a group of the present map are refused with an error, whatever the interface's MTU. */
  #fitGateway(): void {
    try {
      const mtu = this.#router.interfaceMtu;
      if (mtu !== undefined) this.#gateway?.setMtu(mtu);
    } catch (error) {
      this.log.warn({ error: (error as Error).message }, 'the interface of the gateway keeps its MTU');
    }
  }

  #streamHost(): StreamHost {
    const { counters } = this.#router;
    return {
      now: monotonicNow,
      onReceive: (batch) => {
        const { from, receivedAt, tunnel } = batch;
        this.#applications.receivedAt = receivedAt;
        this.#router.receiveBatch(batch, from, receivedAt, tunnel);
      },
      onDrop: (reason) => this.#router.drop(reason),
      onUp: (zone, { name: peer }) => {
        counters.connectionsMade++;
        this.#report.tell('connected', { zone, peer });
        this.#router.connected(zone);
      },
      onDown: (zone, { name: peer }, reason) => {
        counters.connectionsLost++;
        this.#report.tell('disconnected', { zone, peer, reason });
      },
      onRefused: (address, reason) => {
        counters.connectionsRefused++;
        this.#report.tell('connection-refused', { address, reason });
      },
      onDeaf: (error) => this.log.error({ error: error.message }, 'this host cannot be reached by some of the others'),
    };
  }

  #makeSink(): Sink {
    const report = this.#report;
    return {
      transmit: (hop: Hop, header, inner) => this.#tunnels?.send(hop, header, inner),
      transmitBatch: (hop, batch, headerBytes, lent) => this.#tunnels?.sendBatch(hop, batch, headerBytes, lent),
      deliver: (inner, view) => this.#applications.deliver(inner, view),
      deliverBatch: (batch, headerBytes, view) => this.#applications.deliverBatch(batch, headerBytes, view),
      dropped: (reason) => report.dropped(reason),
      ...(report.tellsDatagrams && { sent: (inner, origin) => report.sent(inner, origin) }),
    };
  }
}
