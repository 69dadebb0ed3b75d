const deadlineMs = 30_000;
const askAgainMs = 10;

/** Asks again until it is so; fails with `otherwise` after 30 seconds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  otherwise: string,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(otherwise);
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
  }
}
