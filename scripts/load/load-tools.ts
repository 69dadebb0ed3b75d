import { runJMeter, whyNoJMeter } from '@hunt/services';
import { installedProgram, k6 } from '../deploy/tools.ts';
import { runK6 } from './run-k6.ts';

/** What a tool says it has sent. Times are since the epoch. */
interface ToolRun {
  readonly code: number | null;
  /** Of players who join before the load; those who had to ask again may be missing. */
  readonly joins: readonly { readonly isGood: boolean; readonly atMs: number }[];
  /** Of the mix; `atMs` is not before it was sent. */
  readonly requests: readonly {
    readonly action: string;
    readonly isDecided: boolean;
    /** Held against the objectives; undefined of a tool that holds none against any. */
    readonly counts?: boolean;
    readonly atMs: number;
  }[];
  readonly output: string;
}

/** A program that `hunt load --export` writes for. */
export interface LoadTool {
  readonly name: 'jmeter' | 'k6';
  /** Why it cannot run here; false when it can. */
  readonly skip: string | false;
  /** Runs what was exported against another server than it was exported from. */
  run(exported: string, target: string): Promise<ToolRun>;
  /** Its exit code when objectives are missed, and when nobody could join. */
  readonly codes: { readonly missed: number; readonly notJoined: number };
}

const runTimeoutMs = 240_000;
const k6Program = installedProgram(k6);

const jmeterTool: LoadTool = {
  name: 'jmeter',
  skip: whyNoJMeter() ?? false,
  // It ends well when the plan was carried out, whatever came of the requests.
  codes: { missed: 0, notJoined: 0 },
  run: async (exported, target) => {
    const { hostname: host, port } = new URL(target);
    const timeoutMs = runTimeoutMs;
    const { samples, ...rest } = await runJMeter(exported, {
      timeoutMs,
      properties: { host, port },
    });
    const ofLabel = (isJoin: boolean) =>
      samples
        .filter(({ label }) => (label === 'player joins') === isJoin)
        .map(({ label: action, success, startedAtMs: atMs }) => ({ action, success, atMs }));
    return {
      ...rest,
      joins: ofLabel(true).map(({ success: isGood, atMs }) => ({ isGood, atMs })),
      requests: ofLabel(false).map(({ success, ...one }) => ({ ...one, isDecided: success })),
    };
  },
};

const k6Tool: LoadTool = {
  name: 'k6',
  skip: k6Program === undefined && 'needs: k6, which npm run load:plans compiles',
  codes: { missed: 99, notJoined: 107 },
  run: async (exported, target) => {
    const { joins, ...rest } = await runK6(k6Program!, exported, target, runTimeoutMs);
    return {
      ...rest,
      joins: joins.map(({ status, atMs }) => ({ isGood: status === 201, atMs })),
    };
  },
};

export const loadTools: readonly LoadTool[] = [jmeterTool, k6Tool];
