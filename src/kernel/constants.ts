/** Numbers of the Linux ABI, from the headers of Linux 6.x (include/uapi), the same on x86-64 and arm64. */

/** linux/sched.h */
export const CLONE_NEWNET = 0x40000000;

/** linux/mount.h */
export const MS_BIND = 0x1000;
export const MNT_DETACH = 2;

/** asm-generic/ioctls.h */
export const FIONBIO = 0x5421;

/** bits/socket.h, linux/if_packet.h, linux/if_ether.h */
export const AF_INET = 2;
export const AF_PACKET = 17;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0x800;
export const SOCK_CLOEXEC = 0x80000;
export const MSG_DONTWAIT = 0x40;
export const ETH_P_ALL = 0x0003;

/** asm-generic/socket.h */
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_ATTACH_FILTER = 26;
export const SO_MEMINFO = 55;

/** linux/sock_diag.h: which of the numbers of SO_MEMINFO counts drops, and how many numbers there are. */
export const SK_MEMINFO_DROPS = 8;
export const SK_MEMINFO_VARS = 9;

/** linux/udp.h */
export const SOL_UDP = 17;
export const UDP_SEGMENT = 103;
export const UDP_GRO = 104;

/** linux/if_packet.h */
export const SOL_PACKET = 263;
export const PACKET_RX_RING = 5;
export const PACKET_STATISTICS = 6;
export const PACKET_VERSION = 10;
export const TPACKET_V3 = 2;
export const TP_STATUS_KERNEL = 0;
export const TP_STATUS_USER = 1;
export const PACKET_OUTGOING = 4;
export const PACKET_VNET_HDR = 15;
export const PACKET_QDISC_BYPASS = 20;
export const TPACKET_V2 = 1;

/** asm-generic/mman-common.h */
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const MAP_SHARED = 1;

/** asm-generic/poll.h */
export const POLLIN = 1;

/** linux/eventfd.h */
export const EFD_CLOEXEC = 0x80000;
export const EFD_NONBLOCK = 0x800;

/** linux/prctl.h */
export const PR_SET_TIMERSLACK = 29;

/** mallopt(3); the latter may be 32 MiB at most. */
export const M_TRIM_THRESHOLD = -1;
export const M_MMAP_THRESHOLD = -3;

/** linux/sched.h */
export const SCHED_FIFO = 1;
export const SCHED_RESET_ON_FORK = 0x40000000;

/** linux/time.h */
export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;

/** linux/wait.h */
export const P_ALL = 0;
export const WNOHANG = 1;
export const WEXITED = 4;
export const WNOWAIT = 0x01000000;

/** linux/if_tun.h */
export const TUNSETIFF = 0x400454ca;
export const IFF_TUN = 0x0001;
export const IFF_TAP = 0x0002;
export const IFF_NO_PI = 0x1000;

/** linux/falloc.h: blocks, but not the length of the file. */
export const FALLOC_FL_KEEP_SIZE = 1;

/** linux/sockios.h */
export const SIOCGIFFLAGS = 0x8913;
export const SIOCSIFMTU = 0x8922;
export const SIOCETHTOOL = 0x8946;

/** linux/ethtool.h */
export const ETHTOOL_GLINK = 0x0a;

/** linux/if.h: administratively up; able to carry frames (RFC 2863 "up"). */
export const IFF_UP = 0x0001;
export const IFF_RUNNING = 0x0040;

/** linux/if.h: `struct ifreq` on 64-bit systems; `flags` is where its union begins, MTU and pointers included. */
export const IFREQ = { size: 40, nameSize: 16, flags: 16, data: 16 } as const;
