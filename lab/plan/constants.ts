import { ETHERNET_HEADER } from '../topology/constants.ts';

export { DEFAULT_MTU, ETHERNET_HEADER } from '../topology/constants.ts';

/** Interface of a host that leads to its switch. */
export const HOST_INTERFACE = 'eth0';
/** The bridge of a zone: its switch, and its port into the router that the zone also is. */
export const BRIDGE = 'br0';

/**
 * Up to so many hosts, every host of a zone knows the L2 address of every other from the start: 64 hosts are 4,032 lines
 * for `ip -batch`, some 50 ms. In larger zones the switch answers ARP from its own table instead (proxy_arp).
 */
export const MAX_FULL_NEIGHBOURS = 64;

/**
 * How long a token bucket may send ahead of its rate, ms. Less is truer to the rate: 0.25 ms of 1 Gbit/s is 31 KB, 3% of a
 * 1 MiB chunk. It has to cover the time by which the kernel's timer wakes the queue too late (here 0.06 ms, seldom
 * over 0.2 ms), or the rate would never be reached.
 */
export const TBF_BURST_TIME = 0.25;
/** Full frames that a bucket holds at least: a frame that does not fit would never leave. */
export const TBF_BURST_FRAMES = 2;
/** How long a frame waits at most where no queue is declared, ms: as much as switches with shallow buffers hold. */
export const DEFAULT_QUEUE_TIME = 50;
/** Full frames that a queue holds at least, so that slow links carry small bursts. */
export const MIN_QUEUE_FRAMES = 16;

/** Frames that a queue holds which is there only to count: a link without a rate never lets one wait. */
export const COUNTING_QUEUE = 1000;

/** Frames that netem holds at most, those under way included: 5 s of 20,000 a second. It is a cap, not memory set aside. */
export const NETEM_LIMIT = 100_000;
/** Adds a nanosecond or so to a frame: it is there for what else netem does when it has a rate (netem.ts). */
export const NETEM_ORDERING_RATE = '1tbit';

/** Bytes of a full frame. */
export const frameBytes = (mtu: number): number => mtu + ETHERNET_HEADER;

/**
 * Number of the first link's interface; the next link's is one more. The kernel takes the two ends of a veth pair for one interface when
 * their numbers are the same, as those of two namespaces easily are, and then makes their carrier wait up to a second
 * (linkwatch_urgent_event in net/core/link_watch.c). Numbers that the kernel gives by itself are far smaller.
 */
export const FIRST_INTERFACE = 10_000;

/**
 * Overlay unicast prefix of every lab: a unique local prefix (RFC 4193) whose 40 bits spell "castl".
 * A host's address is this and the modified EUI-64 of its L2 address.
 */
export const OVERLAY_PREFIX = 'fd63:6173:746c:1::/64';

/** The descriptor on which a node writes its events. */
export const EVENTS_FD = 3;
