import type { Dialect, DocumentProblem, DocumentReader } from 'veltrix/document';
import { loadErrors } from '../errors.ts';
import { scenarioLimits } from './scenario-limits.ts';

type ScenarioProblemId = keyof typeof loadErrors.definitions & `load-scenario-${string}`;

/** Something in a scenario that keeps it from being run. */
export type ScenarioProblem = DocumentProblem<ScenarioProblemId>;

export type ScenarioReader = DocumentReader<ScenarioProblemId>;

export const scenarioDialect: Dialect<ScenarioProblemId> = {
  root: 'the scenario',
  sourceMaxBytes: scenarioLimits.sourceBytes,
  problemsMost: scenarioLimits.problems,
  errors: loadErrors,
  ids: {
    'too-large': 'load-scenario-too-large',
    'yaml-invalid': 'load-scenario-yaml-invalid',
    tag: 'load-scenario-yaml-invalid',
    alias: 'load-scenario-type-wrong',
    'key-unknown': 'load-scenario-key-unknown',
    'key-repeated': 'load-scenario-key-repeated',
    'key-missing': 'load-scenario-key-missing',
    'keys-conflict': 'load-scenario-keys-conflict',
    'type-wrong': 'load-scenario-type-wrong',
    'list-length': 'load-scenario-value-out-of-range',
    'nested-too-deep': 'load-scenario-type-wrong',
    'text-invalid': 'load-scenario-value-malformed',
    'value-malformed': 'load-scenario-value-malformed',
    'value-out-of-range': 'load-scenario-value-out-of-range',
  },
  isEmpty: (text) => text === '',
  forgivesMisspelt: true,
};
