export { endLab, LabClient, LabError } from './client.ts';
export { enterCommand } from './enter-script.ts';
export type { ToldStep } from './operations.ts';
export { type StartOptions, startLab } from './start.ts';
export { forget, type KnownLab, knownLabs, LAB_FILES, type LabRecord, labNamed, stateRoot } from './state.ts';
export type { DirectionStatus, LabStatus, LinkStatus, NodeStatus } from './status.ts';
export { type SupervisorOptions, supervise } from './supervise.ts';
