import { veltrixErrors } from 'veltrix';
import { type NumberProperty, readValue } from 'veltrix/config';
import { type GatewayConfig, gatewaySettings } from '../gateway-settings.ts';

/** The defaults, with some values replaced. Throws `veltrix-setting-invalid`. */
export function gatewayConfig(values: Partial<GatewayConfig> = {}): GatewayConfig {
  const settings = Object.entries(gatewaySettings) as [keyof GatewayConfig, NumberProperty][];
  return Object.fromEntries(
    settings.map(([key, setting]) => {
      const value = values[key] ?? setting.default;
      const read = readValue(setting, value);
      if ('value' in read) return [key, value];
      const details = { place: 'The gateway', name: `gateway.${key}`, value };
      throw veltrixErrors.create('veltrix-setting-invalid', { ...details, reason: read.problem });
    }),
  ) as GatewayConfig;
}
