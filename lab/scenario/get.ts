import type { GetStep } from '../topology/index.ts';
import type { StepHandler } from './context.ts';

/** Reads back every object that has been put so far and compares it with what the lab itself knows of its content. */
export const get: StepHandler<GetStep> = {
  title: (step) => `get everything back at ${step.by}, byte for byte`,

  async run(step, context) {
    const actor = context.actor(step.by);
    const objects = [...context.objects];
    if (objects.length === 0) throw new Error('nothing has been put before this step');
    let bytes = 0;
    for (const { object, bytes: wanted, sha256 } of objects) {
      const result = (await actor.request('get', { object })) as { bytes: number; sha256: string };
      if (result.bytes !== wanted || result.sha256 !== sha256) {
        throw new Error(
          `object ${object}: put ${wanted} bytes with sha256 ${sha256}, got ${result.bytes} bytes with ${result.sha256}`,
        );
      }
      bytes += result.bytes;
    }
    return `${objects.length} objects, ${bytes} bytes identical`;
  },
};
