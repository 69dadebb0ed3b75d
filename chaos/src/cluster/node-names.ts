/* The cluster of the proof: three processors and two gateways; the spare joins and leaves. */

export const processorNames: readonly string[] = ['owner-1', 'owner-2', 'owner-3'];
export const gatewayNames: readonly string[] = ['gate-1', 'gate-2'];
export const spareName = 'owner-4';
export const nodeNames: readonly string[] = [...processorNames, ...gatewayNames, spareName];
