export type { TracedAnswer } from './arrivals/trace-plan.ts';
export { type LoadHuntSteps, loadHuntYaml } from './crowd/load-hunt.ts';
export { loadErrors } from './errors.ts';
export { exportedLoad } from './export/exported-load.ts';
export { jmeterPlan } from './export/jmeter-plan.ts';
export { k6Script } from './export/k6-script.ts';
export type { KneeResult } from './knee/knee-search.ts';
export { escaped } from './report/escape.ts';
export { htmlReport } from './report/html-report.ts';
export type { LoadReport } from './run/load-report.ts';
export { runLoad } from './run/load-run.ts';
export {
  LoadSession,
  type LoadSessionOptions,
  type SteadyLoad,
  type SteadyResult,
} from './run/load-session.ts';
export { targetOf } from './run/load-target.ts';
export { plannedLoad } from './run/planned-load.ts';
export { compileScenario, scenarioOf } from './scenario/compile-scenario.ts';
export type { Scenario } from './scenario/scenario.ts';
export { scenarioJsonSchema } from './scenario/scenario-json-schema.ts';
export { compareRuns, reportFrom } from './verdict/comparison.ts';
