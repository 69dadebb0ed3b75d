export { acceptedHashes } from './definition/accepted-hashes.ts';
export { answerHash, answerHashBytes, normalizeAnswer } from './definition/answer.ts';
export { definitionHash } from './definition/definition-hash.ts';
export type {
  HintDefinition,
  HuntDefinition,
  StepDefinition,
  StepKind,
  TieRule,
  TreasureDefinition,
} from './definition/hunt-definition.ts';
export type { Problem } from './definition/hunt-dialect.ts';
export { huntLimits } from './definition/hunt-limits.ts';
export { type PlaceDefinition, placeDistanceMeters } from './definition/place.ts';
export { type Requirement, requirementMet } from './definition/requirement.ts';
export {
  parseScanCode,
  type ScanCode,
  signScanCode,
} from './definition/scan-code.ts';
export { rulesErrors } from './errors.ts';
export {
  commandType,
  eventType,
  isRefusal,
  messageType,
  type OutcomeCode,
  outcome,
} from './fold/codes.ts';
export { refusalIdOf, refusalOf } from './fold/refusals.ts';
export { huntIdOf } from './hunt/hunt-id.ts';
export { type Publication, publicationOf } from './hunt/publication.ts';
export {
  type PublishedHunt,
  publishHunt,
  type StepScanCode,
  scanCodesOf,
} from './hunt/published-hunt.ts';
export { idFromHex, idToHex } from './subject/id-text.ts';
export { partitionOf } from './subject/partition-of.ts';
export {
  addCommand,
  extraBytes,
  type Id,
  memberKey,
  noId,
  readId,
  type SubjectCommand,
  subject,
  subjectBytes,
} from './subject/subject.ts';
