import { headerLength } from '../../src/bier/index.ts';
import { ADDRESS_MAP_BITS, IPV4_HEADER_BYTES, innerOverhead, UDP_HEADER_BYTES } from '../../src/overlay/index.ts';

/** Longest name of a zone, router or host: it names an interface too, and Linux holds those in 16 bytes with a final 0 (IFNAMSIZ). */
export const MAX_NAME_LENGTH = 15;

/**
 * Names that mean something else: interfaces every namespace has, the two directories beside the interfaces
 * in /proc/sys/net/ipv4/conf, and the words that select links.
 */
export const RESERVED_NAMES = ['lo', 'br0', 'eth0', 'all', 'default', 'trunks', 'edges'];

/** Members of a negotiating group at most: one bit each in the 64-bit map of the overlay address. */
export const MAX_GROUP_MEMBERS = 64;

export { DEFAULT_PORT } from '../../src/overlay/index.ts';

/** Bytes of a Replicast chunk, by the design: `replicast.md` (16 KiB … 8 MiB). */
export const DEFAULT_CHUNK_SIZE = 1024 * 1024;
export const MIN_CHUNK_SIZE = 16 * 1024;
export const MAX_CHUNK_SIZE = 8 * 1024 * 1024;

/** bit/s that a target offers when no link of the topology declares a rate. */
export const DEFAULT_CAPACITY = 1_000_000_000;

/** Replicas of a put that does not say how many. */
export const DEFAULT_REPLICAS = 3;

/** Bytes of payload of a `send` that does not say how many. */
export const DEFAULT_SEND_SIZE = 1000;

/** Largest IP packet of a link that declares none, bytes: Ethernet's. */
export const DEFAULT_MTU = 1500;
/** Every IPv4 host accepts so many bytes (RFC 791 section 3.1). */
export const MIN_MTU = 576;
/** The veth driver's own limit. */
export const MAX_MTU = 65_535;

/** What qdiscs and captures count besides the IP packet, bytes: the Ethernet header; veth frames carry no checksum. */
export const ETHERNET_HEADER = 14;

/** Bytes that the overlay adds to a payload: outer IPv4 and UDP, BIER header with a 64-bit string, inner packet with announce. */
export const OVERLAY_OVERHEAD =
  IPV4_HEADER_BYTES + UDP_HEADER_BYTES + headerLength(ADDRESS_MAP_BITS) + innerOverhead(true);

/** A slower link takes over 10 s for one full frame. */
export const MIN_RATE = 1_000;
/** bit/s: a thousand times what a veth pair carries, so anything above is a typing error. */
export const MAX_RATE = 1_000_000_000_000;
/** ms: far over any path on Earth or to the Moon. */
export const MAX_DELAY = 60_000;
/** ms: no scenario runs for longer than a day. */
export const MAX_SCENARIO_TIME = 86_400_000;

/** Times that one step may repeat a fault. */
export const MAX_REPEATS = 100_000;
/** ms that a scenario waits for a condition or a command that does not say how long: any node is ready, any put done by then. */
export const DEFAULT_PATIENCE = 10_000;

/** Hosts that a shape may generate: above this the kernel's process table, not the lab, is the question. */
export const MAX_SHAPE_HOSTS = 10_000;
