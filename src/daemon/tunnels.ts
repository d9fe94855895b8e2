import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Batch, type Hop, isZoneHop, type Router } from '../mrouter/index.ts';
import { type ClusterMap, type Endpoint, nativeGroupAddress } from '../overlay/index.ts';
import {
  type ConnectionStatus,
  type Credentials,
  eachDatagram,
  MessageUdpTunnel,
  type NativeGroups,
  NativeTunnel,
  type OwnBit,
  type StreamHost,
  StreamTunnel,
  TlsTransport,
  type Transport,
  tcpTransport,
  UdpTunnel,
} from '../tunnel/index.ts';
import type { NodeConfig } from './config.ts';

/** Everything that carries datagrams to and from one host. */
export class NodeTunnels {
  readonly #config: NodeConfig;
  readonly #router: Router;
  readonly #host: StreamHost;
  readonly #self: Endpoint;
  readonly #hasCredentials: boolean;
  #udp!: UdpTunnel | MessageUdpTunnel;
  #stream!: StreamTunnel;
  #native: NativeTunnel | undefined;

  private constructor(config: NodeConfig, router: Router, host: StreamHost) {
    this.#config = config;
    this.#router = router;
    this.#host = host;
    this.#self = config.endpoint(router.map);
    this.#hasCredentials = config.values.tls !== undefined;
  }

  /**
   * Binds to the underlay, and begins to listen and to connect where the cluster map has tunnels.
   * @throws InputError naming the field, when an address cannot be bound or a certificate is missing or bad
   */
  static async open(config: NodeConfig, router: Router, host: StreamHost): Promise<NodeTunnels> {
    const tunnels = new NodeTunnels(config, router, host);
    const self = tunnels.#self;
    tunnels.check(router.map);
    const transports: Transport[] = [tcpTransport];
    if (tunnels.#hasCredentials) transports.push(loadTls(config));
    const place = (protocol: string) => `cannot listen on ${self.address}, ${protocol} port ${self.port}`;
    try {
      const { sockets, mtu } = config.values;
      const messages = sockets === 'kernel' ? await MessageUdpTunnel.open(self, host, mtu) : undefined;
      tunnels.#udp = messages ?? (await UdpTunnel.open(self, host, mtu));
    } catch (error) {
      throw config.error(['underlay'], `${place('UDP')}: ${(error as Error).message}`);
    }
    tunnels.#stream = new StreamTunnel({ self, transports, host, random: Math.random });
    try {
      await tunnels.#stream.open(router.connections);
    } catch (error) {
      await tunnels.close();
      throw config.error(['underlay'], `${place('TCP')}: ${(error as Error).message}`);
    }
    try {
      await tunnels.#useNative();
    } catch (error) {
      await tunnels.close();
      throw config.error(['underlay'], `cannot use multicast from ${self.address}: ${(error as Error).message}`);
    }
    return tunnels;
  }

  /** @throws InputError when a map has tunnels that this host lacks the means for */
  check(map: ClusterMap): void {
    const { zone, name } = this.#config.values;
    const needsTls = map.tunnels.find(
      ({ kind, dialler, listener }) => kind === 'tls' && (dialler.name === zone || listener.name === zone),
    );
    if (!needsTls || this.#hasCredentials || !map.targetByName.has(name)) return;
    const pair = `${needsTls.dialler.name} and ${needsTls.listener.name}`;
    throw this.#config.error(
      [],
      `tls: missing: the cluster map joins ${pair} by TLS, so this host needs key, cert and ca`,
    );
  }

  send(hop: Hop, header: Uint8Array, inner: Uint8Array): void {
    if (isZoneHop(hop)) this.#stream.send(hop, header, inner);
    else if (hop.tunnel === 'udp') this.#udp.send(hop, header, inner);
    else if (this.#native) this.#native.send(hop, header, inner);
    else this.#host.onDrop('send-error');
  }

  /** See `Sink.transmitBatch`. */
  sendBatch(hop: Hop, batch: Batch, headerBytes: number, lent: boolean): void {
    if (!isZoneHop(hop) && hop.tunnel === 'udp') this.#udp.sendBatch(hop, batch, lent);
    else if (isZoneHop(hop) || !this.#native?.takeBatch(hop, batch, lent)) {
      eachDatagram(batch, (datagram) => {
        this.send(hop, datagram.subarray(0, headerBytes), datagram.subarray(headerBytes));
      });
    }
  }

  /** To be called after each tick of the router. @param hellos whether MRouters exchange hellos */
  tick(hellos: boolean): void {
    this.#stream.tick(hellos);
    for (let lost = this.#udp.takeOverflow(); lost > 0; lost--) this.#host.onDrop('receive-queue-full');
    this.#stream.update(this.#router.connections);
  }

  /** To be called when another cluster map is in force. */
  reload(): void {
    this.#stream.update(this.#router.connections);
    this.#useNative().catch((error) => this.#host.onDeaf(error as Error));
  }

  /** The kinds in use, for people. */
  get name(): string {
    const kinds = new Set(['udp', ...this.#stream.status.map(({ kind }) => kind), ...(this.#native ? ['native'] : [])]);
    return [...kinds].join(', ');
  }

  /** How the underlay's socket is used: not as configured where that cannot be done. */
  get sockets(): 'dgram' | 'kernel' {
    return this.#udp instanceof MessageUdpTunnel ? 'kernel' : 'dgram';
  }

  get connections(): ConnectionStatus[] {
    return this.#stream.status;
  }

  async close(): Promise<void> {
    await Promise.all([this.#udp.close(), this.#stream.close(), this.#native?.close()]);
  }

  async #useNative(): Promise<void> {
    const groups = nativeGroups(this.#router.map, this.#config.values);
    if (this.#native) await this.#native.use(groups);
    else if (groups.size > 0)
      this.#native = await NativeTunnel.open(this.#self, groups, this.#host, this.#config.values.mtu);
  }
}

/** The multicast groups of a host: none unless its zone is native; it is in those of the groups that it is a member of. */
function nativeGroups(map: ClusterMap, { zone, name }: { zone: string; name: string }): NativeGroups {
  const groups = new Map<number, OwnBit[]>();
  if (!map.zoneByName.get(zone)?.native) return groups;
  for (const group of [...map.groups, ...(map.ungrouped ? [map.ungrouped] : [])]) {
    const address = nativeGroupAddress(group);
    const own = groups.get(address) ?? [];
    for (const { biftId, members } of group.sets) {
      const bit = members.findIndex((member) => member.name === name);
      if (bit >= 0) own.push({ biftId, bit, bitStringLength: group.bitStringLength });
    }
    groups.set(address, own);
  }
  return groups;
}

/** @throws InputError naming the field */
function loadTls(config: NodeConfig): Transport {
  const paths = config.values.tls!;
  const read = (field: keyof Credentials) => {
    try {
      return readFileSync(paths[field]);
    } catch (error) {
      throw config.error(['tls', field], `cannot read it: ${(error as Error).message}`);
    }
  };
  const credentials = { key: read('key'), cert: read('cert'), ca: read('ca') };
  for (const field of ['ca', 'cert'] as const) {
    try {
      new X509Certificate(credentials[field]);
    } catch (error) {
      throw config.error(['tls', field], `${paths[field]} is no certificate in PEM: ${(error as Error).message}`);
    }
  }
  try {
    return new TlsTransport(credentials);
  } catch (error) {
    throw config.error(['tls', 'key'], `${paths.key} is no key for ${paths.cert}: ${(error as Error).message}`);
  }
}
