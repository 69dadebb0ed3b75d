export type { Dialect } from './dialect.ts';
export { DocumentReader } from './document-reader.ts';
export { documentJsonSchema, type JsonSchema } from './json-schema.ts';
export type { DocumentProblem } from './problem-list.ts';
export { quantityPattern, type Unit } from './quantity.ts';
export { inRange, malformed } from './refusal.ts';
export { choice, decimal, integer, quantity, text, textTypes } from './scalars.ts';
export {
  type Draft,
  either,
  list,
  mapping,
  optional,
  type ReferenceShape,
  required,
  type ScalarShape,
} from './shape.ts';
