export { type CompiledHunt, compileHunt } from './compile-hunt.ts';
export { parseContestTrace, type Submission } from './contest-trace.ts';
export { huntFromTrace, type TraceHuntOptions, traceAnswer } from './hunt-from-trace.ts';
export { huntJsonSchema } from './hunt-json-schema.ts';
export { isSlug } from './slug.ts';
