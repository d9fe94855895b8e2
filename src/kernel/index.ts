export { monotonicNow, realtimeOffset } from './clock.ts';
export { MS_BIND } from './constants.ts';
export { FrameSocket, OFFLOAD_HEADER, type Received } from './frame-socket.ts';
export { interfaceState, setInterfaceMtu } from './interfaces.ts';
export {
  exitNow,
  type Instruction,
  interfaceIndex,
  mount,
  SystemCallError,
  setRealTime,
  setTimerSlack,
} from './libc.ts';
export {
  createNamespace,
  enterNamespace,
  inNamespace,
  NAMESPACE_FOLDER,
  namespacePath,
  removeNamespace,
} from './namespaces.ts';
export { type FrameInfo, PacketSocket, type RingOptions } from './packet-socket.ts';
export { Poller } from './poll.ts';
export { reapOrphans } from './reaper.ts';
export { openTun, TUN_DEVICE, TunInterface } from './tun.ts';
export { clearWakeUp, openWakeUp, wakeUp } from './wake-up.ts';
