import {
  type ErrorDefinition,
  type ErrorDetails,
  type ErrorRegistry,
  errorRegistry,
} from 'veltrix';
import { allRules } from './all-rules.ts';
import type { Disagreement, Rule } from './rule.ts';

/** Every rule as an error: what is raised when it ends a start, and the page that explains it. */
export const preflightErrors: ErrorRegistry<string> = errorRegistry(
  Object.fromEntries(allRules.map((rule) => [rule.id, definitionOf(rule)])),
);

/** What fills the message of a rule. */
export function findingDetails({ values: [one, other], change }: Disagreement): ErrorDetails {
  const { what, value, source } = one;
  return {
    ...{ what, value, source, change: change.replace(/\.$/, '') },
    ...{ otherWhat: other.what, otherValue: other.value, otherSource: other.source },
  };
}

function definitionOf({ title, why, remedy, settings = [] }: Rule): ErrorDefinition {
  return {
    retry: 'never',
    message: '{what}: {value} ({source}); {otherWhat}: {otherValue} ({otherSource}). {change}',
    cause: `What has to hold: ${title[0]?.toLowerCase()}${title.slice(1)}. ${why}`,
    remedy,
    settings,
  };
}
