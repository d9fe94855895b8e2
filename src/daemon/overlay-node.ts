import { fstatSync } from 'node:fs';
import type { Logger } from 'pino';
import { type Counters, type Hop, type Outbound, Router, type Sink } from '../mrouter/index.ts';
import {
  type ClusterMap,
  type Destination,
  type DropReason,
  DSCP_SOLICITED,
  datagramId,
  formatIpv6,
  INNER_SOURCE_OFFSET,
  type OverlaySocket,
  PROBE_PORT,
  PROTOCOL_UDP,
  REPLICAST_PORT,
  type ReceivedDatagram,
  type Route,
  type RouteOptions,
} from '../overlay/index.ts';
import { type ConnectionStatus, eachDatagram, type StreamHost } from '../tunnel/index.ts';
import { monotonicNow } from './clock.ts';
import { type NodeConfig, readConfig } from './config.ts';
import { ADDRESS_TEXT_LIMIT, DROP_EVENT_INTERVAL, DROP_LOG_INTERVAL } from './constants.ts';
import { DropReport } from './drops.ts';
import { EventStream } from './events.ts';
import type { GatewayStatus, NodeGateway } from './gateway.ts';
import { openLog } from './log.ts';
import { NodeTunnels } from './tunnels.ts';

type DatagramHandler = (datagram: ReceivedDatagram) => void;

/** Shown to people by `status`. */
export type MRouterStatus = ReturnType<Router['status']> & {
  name: string;
  role: string;
  /** Kinds of tunnels in use. */
  tunnel: string;
  /** Connections between this host's zone and others. */
  connections: ConnectionStatus[];
  gateway?: GatewayStatus;
};

/**
 * One host's MRouter on real sockets: the overlay as a library. As an `OverlaySocket` it is Replicast's (inner UDP port 8297); other
 * applications take another port with `socket`.
 */
export class MRouter implements OverlaySocket {
  readonly config: NodeConfig;
  readonly log: Logger;
  readonly events: EventStream;
  readonly #router: Router;
  readonly #overlay: Uint8Array;
  readonly #handlers = new Map<number, DatagramHandler>();
  readonly #dropReports: readonly DropReport[];
  readonly #addressTexts = new Map<string, string>();
  #tunnels: NodeTunnels | undefined;
  #gateway: NodeGateway | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the batch at hand arrived. */
  #receivedAt = 0;
  /** Whether an application is handing in a datagram: what is for itself then waits until it is done. */
  #sending = false;

  private constructor(config: NodeConfig, map: ClusterMap) {
    this.config = config;
    const { name, events, hello, mtu, zone } = config.values;
    this.#overlay = config.overlay(map);
    this.log = openLog(config);
    this.events = new EventStream(name, events?.fd);
    this.#router = new Router({
      map,
      self: { endpoint: config.endpoint(map), zone, overlay: this.#overlay },
      sink: this.#makeSink(events?.datagrams === true),
      mtu,
      helloInterval: hello,
    });
    this.#dropReports = [
      new DropReport(DROP_LOG_INTERVAL, (reason, count) => this.log.warn({ reason, count }, 'datagrams dropped')),
      new DropReport(DROP_EVENT_INTERVAL, (reason, count) => this.events.emit('dropped', { reason, count })),
    ];
    this.#handlers.set(PROBE_PORT, () => {});
  }

  /**
   * Reads the cluster map and binds to the underlay.
   * @param source a configuration, or the path of its file
   * @throws InputError when the configuration or the map is bad, this host does not fit into it, or its address cannot be bound
   */
  static async open(source: NodeConfig | string): Promise<MRouter> {
    const config = typeof source === 'string' ? readConfig(source) : source;
    const map = config.readMap();
    checkEvents(config);
    const mrouter = new MRouter(config, map);
    mrouter.#tunnels = await NodeTunnels.open(config, mrouter.#router, mrouter.#streamHost());
    try {
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
      for (const report of mrouter.#dropReports) report.flush(now);
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
      connections: this.#tunnels?.connections ?? [],
      ...this.#router.status(monotonicNow()),
      ...(this.#gateway && { gateway: this.#gateway.status }),
    };
  }

  route(destination: Destination, options: RouteOptions): Route {
    return this.socket(REPLICAST_PORT).route(destination, options);
  }

  onDatagram(handler: DatagramHandler): void {
    this.#handlers.set(REPLICAST_PORT, handler);
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

  /** Calls `handler` with each datagram for this host; the same as `onDatagram`. */
  on(_event: 'datagram', handler: DatagramHandler): this {
    this.onDatagram(handler);
    return this;
  }

  /** The overlay on another inner UDP port, which is both ends' port. */
  socket(port: number): OverlaySocket {
    return {
      address: this.address,
      route: (destination, options) => {
        const ports = { sourcePort: port, destinationPort: port };
        const dscp = options.solicited ? DSCP_SOLICITED : 0;
        const outbound = this.#router.route(destination, { ...options, ...ports, dscp }, monotonicNow());
        return {
          get maxPayload() {
            return outbound.maxPayload;
          },
          send: (payload) => this.#send(outbound, payload),
        };
      },
      onDatagram: (handler) => void this.#handlers.set(port, handler),
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
    const tunnels = this.#tunnels;
    this.#tunnels = undefined;
    await tunnels?.close();
    for (const report of this.#dropReports) report.flush(monotonicNow(), true);
    await this.events.close();
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
          this.#sending = true;
          try {
            router.sendPacket(outbound, packet, bytes, monotonicNow());
          } finally {
            this.#sending = false;
          }
        },
        onDrop: (reason) => router.drop(reason),
        onLost: (error) => this.log.error({ error: error.message }, 'the interface of the gateway has gone'),
      },
      router.interfaceMtu,
    );
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

  #send(outbound: Outbound, payload: Uint8Array): void {
    this.#sending = true;
    try {
      this.#router.send(outbound, payload, monotonicNow());
    } finally {
      this.#sending = false;
    }
  }

  #streamHost(): StreamHost {
    const { counters } = this.#router;
    return {
      now: monotonicNow,
      onReceive: (batch) => {
        this.#receivedAt = batch.receivedAt;
        const { from, receivedAt, tunnel } = batch;
        eachDatagram(batch, (datagram) => this.#router.receive(datagram, from, receivedAt, tunnel));
      },
      onDrop: (reason) => this.#router.drop(reason),
      onUp: (zone, { name: peer }) => {
        counters.connectionsMade++;
        this.#tell('connected', { zone, peer });
        this.#router.connected(zone);
      },
      onDown: (zone, { name: peer }, reason) => {
        counters.connectionsLost++;
        this.#tell('disconnected', { zone, peer, reason });
      },
      onRefused: (address, reason) => {
        counters.connectionsRefused++;
        this.#tell('connection-refused', { address, reason });
      },
      onDeaf: (error) => this.log.error({ error: error.message }, 'this host cannot be reached by some of the others'),
    };
  }

  /** An event that people want to read about too. */
  #tell(event: string, fields: Record<string, string>): void {
    this.events.emit(event, fields);
    this.log.info(fields, event);
  }

  #makeSink(tellDatagrams: boolean): Sink {
    const sink: Sink = {
      transmit: (hop: Hop, header, inner) => this.#tunnels?.send(hop, header, inner),
      deliver: (inner, view) => {
        const handler = view.protocol === PROTOCOL_UDP ? this.#handlers.get(view.destinationPort) : undefined;
        if (!handler && !this.#gateway?.deliver(inner)) return false;
        const time = this.#sending ? monotonicNow() : this.#receivedAt;
        const source = this.#addressText(inner);
        const payload = inner.subarray(view.payloadStart, view.payloadEnd);
        if (tellDatagrams) {
          this.events.emit('delivered', { id: datagramId(inner), from: source, bytes: payload.length }, time);
        }
        if (!handler) return true;
        const datagram = { source, payload, receivedAt: time };
        if (this.#sending) queueMicrotask(() => handler(datagram));
        else handler(datagram);
        return true;
      },
      dropped: (reason: DropReason) => {
        const now = monotonicNow();
        for (const report of this.#dropReports) report.add(reason, now);
      },
    };
    if (tellDatagrams) {
      sink.sent = (inner, { to, group, bytes, attempt }) =>
        this.events.emit('sent', { id: datagramId(inner), to, ...(group && { group }), bytes, attempt });
    }
    return sink;
  }

  /** The inner source as text. Few hosts send many datagrams. */
  #addressText(inner: Uint8Array): string {
    const bytes = Buffer.from(inner.buffer, inner.byteOffset + INNER_SOURCE_OFFSET, 16);
    const key = bytes.toString('latin1');
    let text = this.#addressTexts.get(key);
    if (text === undefined) {
      if (this.#addressTexts.size >= ADDRESS_TEXT_LIMIT) this.#addressTexts.clear();
      text = formatIpv6(bytes);
      this.#addressTexts.set(key, text);
    }
    return text;
  }
}

/** @throws InputError when the parent process has opened nothing for the events */
function checkEvents(config: NodeConfig): void {
  const fd = config.values.events?.fd;
  if (fd === undefined) return;
  try {
    fstatSync(fd);
  } catch {
    throw config.error(['events', 'fd'], `file descriptor ${fd} is not open: whoever starts this node must pass it`);
  }
}
