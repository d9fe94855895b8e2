export type { LinkOptions } from './backends.ts';
export { compile } from './compile.ts';
export { latencyFloor } from './floor.ts';
export type * from './plan.ts';
export { type LinkFeature, type LinkMode, linkModes, type Requirement, requirements } from './requirements.ts';
export { path, Routing } from './routes.ts';
export { planScript } from './script.ts';
export { shapingLines } from './shaping.ts';
export { fillCommand } from './templates.ts';
