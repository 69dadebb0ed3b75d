/** Receives a durable decision record. The bytes are borrowed for the call. */
export type DecidedListener = (partition: number, offset: number, record: Uint8Array) => void;

/** What gateways listen to. */
export interface DecidedSource {
  /** Adds a listener for what is published from now on. */
  onDecided(listener: DecidedListener): void;
}

/**
 * Brings durable decision records to whoever waits for an outcome or shows things live. Best effort:
 * a record may be lost, or come twice; records of one publisher and partition come in the order
 * published. Nothing that must be right depends on it: who needs every record reads the log.
 *
 * A listener that throws is reported and costs the others nothing.
 */
export interface Bus extends DecidedSource {
  publish(partition: number, offset: number, record: Uint8Array): void;
}
