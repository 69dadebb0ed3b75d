export { loadErrors } from './errors.ts';
export { type CompiledScenario, compileScenario, scenarioOf } from './scenario/compile-scenario.ts';
export type { Scenario } from './scenario/scenario.ts';
export { scenarioJsonSchema } from './scenario/scenario-json-schema.ts';
