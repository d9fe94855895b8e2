import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import * as z from 'zod/mini';
import { InputError, type Path, SourceDocument, suggestion } from '../document/index.ts';
import { HELLO_INTERVAL } from '../mrouter/index.ts';
import {
  type ClusterMap,
  type Endpoint,
  inPrefix,
  makeEndpoint,
  parseClusterMap,
  parseIpv4,
  parseMac,
  unicastAddress,
} from '../overlay/index.ts';

const text = z.string('expected a text').check(z.minLength(1, 'must not be empty'));
const wanted = (expression: RegExp, what: string) =>
  z.string(`expected ${what}`).check(z.regex(expression, `expected ${what}`));
const whole = (what: string, least: number, most: number) =>
  z
    .int(`expected ${what}`)
    .check(z.minimum(least, `${what} is at least ${least}`), z.maximum(most, `${what} is at most ${most}`));

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const configSchema = z.strictObject(
  {
    /** What events, logs and the cluster map call this host. */
    name: text,
    role: z.enum(['target', 'initiator', 'mrouter'], 'expected target, initiator or mrouter'),
    /** Path of the cluster map. */
    map: text,
    zone: text,
    underlay: wanted(/^\d{1,3}(\.\d{1,3}){3}$/, 'an IPv4 address such as 10.2.0.11'),
    mac: wanted(/^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/, 'a MAC address such as "02:00:0a:02:00:0b", in quotes'),
    /** Of the underlay, bytes. */
    mtu: z._default(whole('an MTU', 576, 65_535), 1500),
    /** How the underlay's socket is used: through `node:dgram`, or through system calls that take many messages, where koffi can make them. */
    sockets: z._default(z.enum(['dgram', 'kernel'], 'expected dgram or kernel'), 'dgram'),
    /** Path of the control socket. */
    control: text,
    /** ms between hellos; 0 = none. */
    hello: z._default(whole('an interval in ms', 0, 60_000), HELLO_INTERVAL),
    /** Structured events as JSON lines to a file descriptor that the parent opened. */
    events: z.optional(
      z.strictObject(
        {
          fd: whole('a file descriptor', 1, 1023),
          /** Also one for each datagram sent and delivered. */
          datagrams: z._default(z.boolean('expected true or false'), false),
        },
        'expected { fd, datagrams? }',
      ),
    ),
    log: z.optional(
      z.strictObject(
        {
          /** Default: stderr. */
          file: z.optional(text),
          level: z._default(z.enum(logLevels, `expected one of ${logLevels.join(', ')}`), 'info'),
        },
        'expected { file?, level? }',
      ),
    ),
    /** What this host proves with who it is, where a zone is joined by TLS; paths of PEM files. */
    tls: z.optional(z.strictObject({ key: text, cert: text, ca: text }, 'expected { key, cert, ca }')),
    /** Where metrics for Prometheus are, by HTTP, at `/metrics`. */
    metrics: z.optional(
      z.strictObject(
        { listen: wanted(/^\d{1,3}(\.\d{1,3}){3}:\d{1,5}$/, 'an address and a port such as 127.0.0.1:9109') },
        'expected { listen }',
      ),
    ),
    /** An interface through which programs of this host use the overlay. */
    gateway: z.optional(
      z.strictObject(
        {
          /** Its name; it is made, unless it is there. */
          interface: wanted(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/, 'the name of an interface such as castl0'),
          /** Whether it gets its address, routes and MTU from this node; else from whoever made it. */
          setup: z._default(z.boolean('expected true or false'), true),
        },
        'expected { interface, setup? }',
      ),
    ),
    /** Folder of a target's chunk store. */
    store: z.optional(text),
    /** Settings of Replicast, checked by it. */
    replicast: z.optional(z.record(z.string(), z.unknown(), 'expected settings by name')),
  },
  'expected a node configuration',
);

type ConfigFile = z.infer<typeof configSchema>;

/** The configuration of one host's programs, checked. Paths in the file are relative to its folder; here they are absolute. */
export class NodeConfig {
  readonly file: string;
  readonly values: ConfigFile;
  readonly #document: SourceDocument;

  constructor(document: SourceDocument) {
    const values = document.parse(configSchema);
    const folder = dirname(resolve(document.file));
    const absolute = (path: string) => resolve(folder, path);
    this.file = document.file;
    this.#document = document;
    this.values = {
      ...values,
      map: absolute(values.map),
      control: absolute(values.control),
      ...(values.tls && {
        tls: { key: absolute(values.tls.key), cert: absolute(values.tls.cert), ca: absolute(values.tls.ca) },
      }),
      ...(values.store !== undefined && { store: absolute(values.store) }),
      ...(values.log && { log: { ...values.log, ...(values.log.file && { file: absolute(values.log.file) }) } }),
    };
    if (parseIpv4(values.underlay) === undefined)
      throw this.error(['underlay'], 'parts of an IPv4 address are 0 … 255');
    if (!parseMac(values.mac)) throw this.error(['mac'], `${values.mac} is a multicast MAC address, not a host's`);
  }

  /** An error about one field of this file: its name goes before the message, its line and column before that. */
  error(path: Path, message: string): InputError {
    const field = path.length > 0 ? `${path.map(String).join('.')}: ` : '';
    return new InputError([this.#document.problem(path, `${field}${message}`)]);
  }

  /**
   * Reads the cluster map and checks that this host fits into it.
   * @throws InputError naming the field of this file, or the place in the map.
   */
  readMap(): ClusterMap {
    const { map: path, zone, role, name, underlay } = this.values;
    let content: string;
    try {
      content = readFileSync(path, 'utf8');
    } catch (error) {
      throw this.error(['map'], `cannot read the cluster map: ${(error as Error).message}`);
    }
    const map = parseClusterMap(content, path);
    const home = map.zoneByName.get(zone);
    if (!home) {
      throw this.error(['zone'], `the cluster map has no zone "${zone}"${suggestion(zone, map.zoneByName.keys())}`);
    }
    if (!inPrefix(home.subnet, parseIpv4(underlay)!)) {
      throw this.error(['underlay'], `${underlay} is outside zone ${zone}, whose subnet is ${home.subnet.text}`);
    }
    const listed = map.targetByEndpoint.get(this.endpoint(map).key);
    if (listed && listed.name !== name) {
      throw this.error(['underlay'], `${underlay} is the address of target ${listed.name} in ${path}, not of ${name}`);
    }
    if (!listed && (role === 'target' || map.targetByName.has(name))) {
      const hint = map.targetByName.has(name) ? '' : suggestion(name, map.targetByName.keys());
      throw this.error(['name'], `the cluster map has no target "${name}" at ${underlay}${hint}`);
    }
    return map;
  }

  /** Where this host's MRouter listens. */
  endpoint(map: ClusterMap): Endpoint {
    return makeEndpoint(this.values.underlay, map.port);
  }

  /** This host's overlay address, 16 bytes: the map's word counts, if it has one. */
  overlay(map: ClusterMap): Uint8Array {
    const listed = map.targetByEndpoint.get(this.endpoint(map).key);
    return listed?.overlay ?? unicastAddress(map.prefix, parseMac(this.values.mac)!);
  }
}

/** @throws InputError when the file cannot be read or is not a node configuration. */
export function readConfig(file: string): NodeConfig {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError([{ file, message: `cannot read the configuration: ${(error as Error).message}` }]);
  }
  return new NodeConfig(new SourceDocument(content, file));
}
