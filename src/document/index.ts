export { type Path, SourceDocument } from './document.ts';
export { nearest, suggestion } from './nearest.ts';
export { formatProblem, InputError, type Problem } from './problem.ts';
