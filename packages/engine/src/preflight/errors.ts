import { type ErrorDefinition, type ErrorRegistry, errorRegistry } from 'veltrix';
import { allRules } from './all-rules.ts';
import type { Rule } from './rule.ts';

/** Every rule as an error: what is raised when it ends a start, and the page that explains it. */
export const preflightErrors: ErrorRegistry<string> = errorRegistry(
  Object.fromEntries(allRules.map((rule) => [rule.id, definitionOf(rule)])),
);

function definitionOf({ title, why, remedy, settings = [] }: Rule): ErrorDefinition {
  return {
    retry: 'never',
    message:
      '{what} is {value} ({source}), but {otherWhat}: {otherValue} ({otherSource}). {change}',
    cause: `What has to hold: ${title[0]?.toLowerCase()}${title.slice(1)}. ${why}`,
    remedy,
    settings,
  };
}
