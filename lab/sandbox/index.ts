export { enterSandbox, InterruptedError, type Outside, runInSandbox, type Sandbox } from './enter.ts';
export { EXIT_UNSUPPORTED, UnsupportedError } from './unsupported.ts';
