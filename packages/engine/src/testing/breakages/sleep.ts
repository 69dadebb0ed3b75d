const cell = new Int32Array(new SharedArrayBuffer(4));

/** The thread stands still for so long; others keep the core. */
export function sleep(milliseconds: number): void {
  Atomics.wait(cell, 0, 0, milliseconds);
}
