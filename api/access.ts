import type { Logger } from '../adapters/telemetry/logger.ts';
import type { AccessConfig } from '../config/access.ts';
import type { KeyKnowledge, KeyRing } from './key-ring.ts';

/** Whether those without a key may ask: always, never, or from this very machine as long as no key was ever made. */
export type Openness = 'always' | 'loopback' | 'never';

/** Who may call, and how much. */
export interface Access {
  readonly open: Openness;
  readonly keys: Pick<KeyRing, 'knowledge' | 'findHolder'>;
  /** Called with the id of the key at every request that one opens. */
  readonly onUse: (id: string) => void;
  /** Of each caller; 0 for no limit. */
  readonly requestsPerMinute: number;
  /** Whose pages may read the answers. */
  readonly corsOrigins: readonly string[];
}

/** Lets everybody do everything: for tests and measurements of other things. */
export const OPEN_ACCESS: Access = {
  open: 'always',
  keys: { knowledge: () => 'none', findHolder: () => null },
  onUse: () => undefined,
  requestsPerMinute: 0,
  corsOrigins: [],
};

export function toOpenness({ open }: Pick<AccessConfig, 'open'>, host: string): Openness {
  if (open !== null) return open ? 'always' : 'never';
  return isLoopback(host) ? 'loopback' : 'never';
}

/** Whether a host or an address is this machine's own, which nobody else can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Says loudly who may ask, where that is not as it should be in earnest. */
export function sayWhoMayAsk(logger: Pick<Logger, 'info' | 'warn'>, open: Openness, knowledge: KeyKnowledge, url: string): void {
  const advice = 'Make a key with `barometer keys create --venue NAME`; it is in force within seconds.';
  if (open === 'always') {
    logger.warn({ url, open }, 'OPEN: BAROMETER_API_OPEN lets everybody who reaches this address ask for predictions, without a key');
  } else if (knowledge === 'none') {
    if (open === 'loopback') logger.warn({ url, open }, `OPEN: there are no keys, so that everybody on this machine may ask for predictions. ${advice}`);
    else logger.warn({ url, open }, `CLOSED: there are no keys, so that nobody may ask for predictions. ${advice} Or set BAROMETER_API_OPEN=true to let everybody ask.`);
  } else if (knowledge === 'some') {
    logger.info({ url, open: 'never' }, 'only those who have a key may ask for predictions');
  }
}
