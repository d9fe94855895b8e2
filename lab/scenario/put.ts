import type { PutStep } from '../topology/index.ts';
import { contentOf } from './content.ts';
import type { StepHandler } from './context.ts';

interface PutResult {
  object: string;
  bytes: number;
  chunks: { hash: string; replicas: string[] }[];
}

/** Puts `count` objects one after the other; each is one put on record. */
export const put: StepHandler<PutStep> = {
  title: (step) =>
    `put ${step.count === 1 ? '' : `${step.count} × `}${step.file ?? `${step.size} bytes`} from ${step.from} to ${step.replicas} replicas`,

  async run(step, context, index) {
    const actor = context.actor(step.from);
    let bytes = 0;
    const times: number[] = [];
    context.putsUnderWay++;
    try {
      for (let turn = 0; turn < step.count; turn++) {
        const content = await contentOf(step, context.seed, turn);
        const started = context.now();
        const record = {
          step: index,
          from: step.from,
          startedAt: started,
          bytes: content.bytes,
          wanted: step.replicas,
        };
        try {
          const result = (await actor.request('put', {
            ...content.args,
            replicas: step.replicas,
            ...(step.group !== undefined && { group: step.group }),
          })) as unknown as PutResult;
          const took = context.now() - started;
          times.push(took);
          bytes += content.bytes;
          context.puts.push({ ...record, object: result.object, took, chunks: result.chunks });
          context.objects.push({ object: result.object, bytes: content.bytes, sha256: content.sha256 });
        } catch (error) {
          const message = (error as Error).message;
          context.puts.push({ ...record, took: context.now() - started, chunks: [], error: message });
          throw error;
        }
      }
    } finally {
      context.putsUnderWay--;
    }
    times.sort((a, b) => a - b);
    return `${bytes} bytes, median ${times[Math.floor(times.length / 2)]!.toFixed(1)} ms a put`;
  },
};
