export { BATCH_LIMIT } from './constants.ts';
export { MessageUdpTunnel } from './message-udp.ts';
export { type NativeGroups, NativeTunnel } from './native.ts';
export { type ConnectionStatus, type StreamHost, StreamTunnel } from './stream.ts';
export { tcpTransport } from './tcp.ts';
export { type Credentials, TlsTransport } from './tls.ts';
export type { Transport } from './transport.ts';
export { eachDatagram, type ReceivedBatch, type Tunnel, type TunnelHost } from './tunnel.ts';
export { UdpTunnel } from './udp.ts';
