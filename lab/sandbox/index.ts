export { type ApplyOptions, applyPlan, type Built, teardown } from './apply.ts';
export { BatchError } from './batches.ts';
export { enterSandbox, InterruptedError, type Outside, runInSandbox, type Sandbox } from './enter.ts';
export { EXIT_UNSUPPORTED, UnsupportedError } from './unsupported.ts';
