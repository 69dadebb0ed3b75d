import type { Dialect, DocumentProblem, DocumentReader } from 'veltrix/document';
import { rulesErrors } from '../errors.ts';
import { huntLimits } from './hunt-limits.ts';

export type ProblemId = keyof typeof rulesErrors.definitions & `rules-file-${string}`;

/** Something in a hunt file that keeps it from being published. */
export type Problem = DocumentProblem<ProblemId>;

export type HuntReader = DocumentReader<ProblemId>;

export const huntDialect: Dialect<ProblemId> = {
  root: 'the hunt',
  sourceMaxBytes: huntLimits.sourceBytes,
  problemsMost: huntLimits.problems,
  tooMany: 'rules-file-too-many-problems',
  errors: rulesErrors,
  ids: {
    'too-large': 'rules-file-too-large',
    'yaml-invalid': 'rules-file-yaml-invalid',
    tag: 'rules-file-yaml-unsupported',
    alias: 'rules-file-yaml-unsupported',
    'key-unknown': 'rules-file-key-unknown',
    'key-repeated': 'rules-file-key-repeated',
    'key-missing': 'rules-file-key-missing',
    'keys-conflict': 'rules-file-keys-conflict',
    'type-wrong': 'rules-file-type-wrong',
    'list-length': 'rules-file-list-length',
    'nested-too-deep': 'rules-file-requires-too-large',
    'text-invalid': 'rules-file-text-invalid',
    'value-malformed': 'rules-file-value-malformed',
    'value-out-of-range': 'rules-file-value-out-of-range',
  },
  isEmpty: (text, plain) => plain && /^(?:|~|null|Null|NULL)$/.test(text),
  forgivesMisspelt: false,
};
