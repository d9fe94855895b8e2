export { monotonicNow } from './clock.ts';
export { NodeConfig, readConfig } from './config.ts';
export { ControlClient, type ControlHandler, ControlServer } from './control.ts';
export { EventStream } from './events.ts';
export { type Application, runNode, runProgram } from './node.ts';
export { checkArguments } from './operations.ts';
export { type ChunkOptions, MRouter, type MRouterStatus } from './overlay-node.ts';
