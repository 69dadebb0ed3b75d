/** Limits of the hunt language. They bound what a published hunt costs each partition. */
export const huntLimits = {
  sourceBytes: 1_048_576,
  problems: 100,
  steps: 256,
  treasures: 256,
  hintsPerStep: 8,
  answersPerStep: 64,
  /** UTF-16 code units, before normalisation. */
  answerLength: 1_024,
  titleLength: 200,
  clueLength: 4_000,
  hintLength: 2_000,
  scanCodeLength: 256,
  /** Nested forms inside one `requires`. */
  requirementDepth: 8,
  /** Steps named in one `requires`, all nesting counted. */
  requirementItems: 1_024,
  teamSize: 16,
  points: 1_000_000,
  stock: 10_000_000,
  version: 1_000_000,
  /** A day: longest penalty and cool-down, milliseconds. */
  penaltyMs: 86_400_000,
  /** Thirty days, milliseconds. */
  reservationMs: 2_592_000_000,
  /** Metres. Within it the distance on a flat map is good enough, see `judgePlace`. */
  radiusMeters: 10_000,
  accuracyMeters: 10_000,
  /** Degrees. Nearer to a pole a flat map fails. */
  latitudeDegrees: 85,
} as const;
