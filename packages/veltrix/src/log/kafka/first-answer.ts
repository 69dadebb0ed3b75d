/**
 * Asks one after the other until somebody answers. Who is silent for `patienceMs` is not waited for alone: the next one
 * is asked, too, and the first answer counts. Rejects with the last failure when all have failed. There must be a
 * candidate.
 */
export function firstAnswer<Asked, Answer>(
  candidates: readonly Asked[],
  ask: (candidate: Asked) => Promise<Answer>,
  patienceMs: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let next = 0;
    let pending = 0;
    let timer: NodeJS.Timeout | undefined;
    let isSettled = false;
    const settle = (how: () => void) => {
      isSettled = true;
      clearTimeout(timer);
      how();
    };
    const askNext = () => {
      clearTimeout(timer);
      if (isSettled || next === candidates.length) return;
      const candidate = candidates[next]!;
      next += 1;
      pending += 1;
      timer = setTimeout(askNext, patienceMs);
      ask(candidate).then(
        (answer) => settle(() => resolve(answer)),
        (error: unknown) => {
          pending -= 1;
          askNext();
          if (pending === 0) settle(() => reject(error));
        },
      );
    };
    askNext();
  });
}
