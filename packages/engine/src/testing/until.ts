const deadlineMs = 60_000;
const askAgainMs = 5;

/** Asks again until it is so; fails with `otherwise` after a minute. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  otherwise = `it never came about: ${condition}`,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(otherwise);
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
  }
}
