import { type ClusterControl, openClusterControl } from '@hunt/engine/control';

/** Whether the partitions of a cluster have stayed where they are for a while. */
export class Stillness {
  isStill = false;
  readonly #control: ClusterControl;
  readonly #stillMs: number;
  #seen = '';
  #since = performance.now();

  private constructor(control: ClusterControl, stillMs: number) {
    this.#control = control;
    this.#stillMs = stillMs;
  }

  /** @param file of the cluster, which has nodes already */
  static async watch(file: string, stillSeconds: number): Promise<Stillness> {
    const control = await openClusterControl({ file, by: 'bench', writes: false });
    return new Stillness(control, stillSeconds * 1_000);
  }

  /** To be called every second or so. */
  async look(): Promise<boolean> {
    const { partitions } = await this.#control.status();
    const seen = JSON.stringify(
      partitions.map(({ owner, standby, next }) => [owner, standby, next]),
    );
    const now = performance.now();
    if (seen !== this.#seen) [this.#seen, this.#since] = [seen, now];
    this.isStill = now - this.#since >= this.#stillMs;
    return this.isStill;
  }

  close(): Promise<void> {
    return this.#control.close();
  }
}
