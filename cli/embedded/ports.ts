import { createServer } from 'node:net';
import { Failure } from '../../domain/failure.ts';

export interface PortUse {
  readonly port: number;
  /** What listens there. */
  readonly what: string;
  /** The environment variable that moves it. */
  readonly variable: string;
}

/** @throws Failure `configuration-invalid` naming every port that is taken, and what to do */
export async function requireFreePorts(uses: readonly PortUse[]): Promise<void> {
  const checked = await Promise.all(uses.map(async (use) => ({ use, isFree: await isFree(use.port) })));
  const taken = checked.filter(({ isFree }) => !isFree).map(({ use }) => `  port ${use.port} for ${use.what}: set ${use.variable} to another one`);
  if (taken.length === 0) return;
  throw new Failure('configuration-invalid', `Something listens already, perhaps another Barometer:\n${taken.join('\n')}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
