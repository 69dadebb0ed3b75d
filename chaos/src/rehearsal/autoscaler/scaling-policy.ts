/** What an autoscaler measures, and where it wants it. */
export type ScalingTarget =
  | {
      /** Processor time of each pod, as a part of what the pod asks for. */
      readonly kind: 'cpu';
      readonly name: 'cpu';
      readonly target: number;
    }
  | {
      /** A metric of each pod; the mean over the pods counts. */
      readonly kind: 'pods';
      readonly name: string;
      /** Labels by which one series of several is meant. */
      readonly selector: Readonly<Record<string, string>>;
      readonly target: number;
    }
  | {
      /** One number for the whole role. */
      readonly kind: 'value';
      readonly name: string;
      /** What Prometheus is asked. */
      readonly query: string;
      readonly target: number;
    };

/** How fast the number of replicas may change in one direction. */
export interface ScalingRule {
  /** Of what was wanted within this time, the least change counts. */
  readonly stabilizationMs: number;
  /** The one that allows most counts; none means no limit. */
  readonly policies: readonly {
    readonly unit: 'Pods' | 'Percent';
    readonly value: number;
    readonly periodMs: number;
  }[];
}

/** How one role is scaled. */
export interface ScalingPolicy {
  readonly min: number;
  readonly max: number;
  readonly targets: readonly ScalingTarget[];
  readonly up: ScalingRule;
  readonly down: ScalingRule;
}

/** The same in less time: every window and every period is divided by the factor. */
export function quickened(policy: ScalingPolicy, factor: number): ScalingPolicy {
  const rule = ({ stabilizationMs, policies }: ScalingRule): ScalingRule => ({
    stabilizationMs: stabilizationMs / factor,
    policies: policies.map((one) => ({ ...one, periodMs: one.periodMs / factor })),
  });
  return { ...policy, up: rule(policy.up), down: rule(policy.down) };
}
