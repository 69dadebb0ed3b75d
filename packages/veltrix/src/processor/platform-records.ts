/** Commands of the platform itself; an application's types start at 0x100. */
export const platformCommand = {
  /** u32 timer number, u16 application type, u16 0, application payload. */
  timerFired: 1,
  /** u16 source partition, u16 application type, u32 sequence number, application payload. */
  message: 2,
  /** u16 destination partition, u16 0, u32 last sequence number it has decided. */
  outboxAcknowledged: 3,
} as const;

/** Events of the platform itself. Payloads are listed in docs/log-format.md. */
export const platformEvent = {
  /** u16 destination partition, u16 application type, u32 sequence number, application payload. */
  messageSent: 1,
  /** f64 due at (ms since the epoch), u32 timer number, u16 application type, u16 payload bytes, application payload. */
  timerSet: 2,
  /** u32 timer number, u32 0. */
  timerCleared: 3,
  /** u16 destination partition, u16 0, u32 last sequence number that may be forgotten. */
  outboxTrimmed: 4,
  /** u16 source partition, u16 0, u32 sequence number. */
  messageReceived: 5,
  /** u16 application type, u16 0, u32 0: a message to the same partition whose `decide` threw; its refusal follows. */
  messageFailed: 6,
  /** The trace that the command belongs to, see trace-context.ts. Changes nothing. */
  traced: 7,
} as const;

/** Outcome codes of the platform; an application's start at 0x100. */
export const platformCode = {
  none: 0,
  commandIdReused: 1,
  decideFailed: 2,
  messageOutOfOrder: 3,
  timerGone: 4,
  /** A table is full. Nothing of the command is done; a message is not received, a timer is set again. */
  noRoom: 5,
} as const;

/** Bytes before the application's payload in `message`, `timerFired` and `messageSent`. */
export const envelopeBytes = 8;
/** Bytes before the application's payload in `timerSet`. */
export const timerSetBytes = 16;

/** Largest application payload of a message between partitions. */
export const messageMaxBytes = 96;
/** Largest application payload of a timer. */
export const timerMaxBytes = 40;
