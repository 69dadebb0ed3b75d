/**
 * Asks one after the other until somebody answers. Who is silent for `patienceMs` is not waited for alone: the next one
 * is asked, too, and the first answer counts. When all have failed, rejects with the first failure, in the order of
 * the candidates, that `isTelling`, or the first of all. There must be a candidate.
 */
export function firstAnswer<Asked, Answer>(
  candidates: readonly Asked[],
  ask: (candidate: Asked) => Promise<Answer>,
  patienceMs: number,
  isTelling: (error: unknown) => boolean,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    /** By candidate. */
    const failures: unknown[] = [];
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
      const asked = next;
      next += 1;
      pending += 1;
      timer = setTimeout(askNext, patienceMs);
      ask(candidates[asked]!).then(
        (answer) => settle(() => resolve(answer)),
        (error: unknown) => {
          pending -= 1;
          failures[asked] = error;
          askNext();
          if (pending === 0) settle(() => reject(failures.find(isTelling) ?? failures[0]));
        },
      );
    };
    askNext();
  });
}
