export type { Expect, ExpectationKinds } from './expect.ts';
export { type LabOptions, type LabSource, lab } from './lab.ts';
export { type Executed, RunningLab, type StepKinds } from './running-lab.ts';
export type { TestContext } from './test-context.ts';
