/**
 * What nodes have logged of partitions that went from one of them to another since a time, in milliseconds since the
 * epoch. By partition: milliseconds from when the old owner took no more commands until the new one takes them.
 */
export function handOverTimes(oldLog: string, newLog: string, since: number): number[] {
  const owned = said(newLog, 'owning');
  return said(oldLog, 'handing over')
    .filter(({ at }) => at >= since)
    .flatMap(({ partition, at }) => {
      const next = owned.find((one) => one.partition === partition && one.at >= at);
      return next ? [next.at - at] : [];
    });
}

interface Said {
  readonly partition: number;
  readonly at: number;
}

function said(log: string, message: string): Said[] {
  return log
    .split('\n')
    .filter((line) => line.includes(`"message":"${message}"`))
    .map((line) => {
      const [, at] = /"@timestamp":"([^"]+)"/.exec(line)!;
      const [, partition] = /"partition":(\d+)/.exec(line)!;
      return { partition: Number(partition), at: Date.parse(at!) };
    });
}
