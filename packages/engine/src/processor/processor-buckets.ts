/** Upper bounds in seconds: a record may hold one command or a thousand. */
export const foldSeconds = [
  ...[0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1],
] as const;

/** Upper bounds in seconds, from fast flash to a disk that is failing. */
export const syncSeconds = [
  ...[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
] as const;
