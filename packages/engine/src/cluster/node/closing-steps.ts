type Step = () => void | Promise<void>;

/** Also when the time of all is over each step is begun, and has this long. */
const stepLeastMs = 100;

interface Closing {
  readonly step: Step;
  readonly isBounded: boolean;
}

/**
 * What a node has opened, and how it is closed. A server that does not answer may keep a step for as long as it is
 * away; whoever was asked to stop has to end all the same.
 */
export class ClosingSteps {
  readonly #steps: Closing[] = [];

  /** @param isBounded it ends within a time of its own, however long that is */
  add(step: Step, isBounded = false): void {
    this.#steps.push({ step, isBounded });
  }

  /**
   * Takes all steps once, the last one added first. Those that are not bounded have `maxMs` together; resolves to how
   * many were not over by then. Rejects, at the end, with what the first one that failed rejected with.
   */
  async take(maxMs: number): Promise<number> {
    let leftMs = maxMs;
    let unfinished = 0;
    const failures: unknown[] = [];
    for (const { step, isBounded } of this.#steps.splice(0).reverse()) {
      const from = performance.now();
      const taken = (async () => step())().catch((error: unknown) => {
        failures.push(error);
      });
      if (isBounded) await taken;
      else {
        if (!(await isOver(taken, Math.max(stepLeastMs, leftMs)))) unfinished += 1;
        leftMs -= performance.now() - from;
      }
    }
    if (failures.length > 0) throw failures[0];
    return unfinished;
  }
}

/** Whether it is, within a time. */
async function isOver(step: Promise<void>, withinMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, withinMs, false);
  });
  const over = await Promise.race([step.then(() => true), late]);
  clearTimeout(timer);
  return over;
}
