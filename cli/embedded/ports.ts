import { createServer } from 'node:net';
import { Failure } from '../../domain/failure.ts';

export interface PortUse {
  readonly port: number;
  /** What listens there. */
  readonly what: string;
  /** The environment variable that moves it. */
  readonly variable: string;
}

/** @throws Failure `configuration-invalid` naming every port that can't be listened on, why, and what to do */
export async function requireFreePorts(uses: readonly PortUse[]): Promise<void> {
  const checked = await Promise.all(uses.map(async (use) => ({ use, fault: await findFault(use.port) })));
  const faults = Map.groupBy(checked.filter(({ fault }) => fault !== null), ({ fault }) => fault);
  if (faults.size === 0) return;
  const texts = [...faults].map(([fault, ports]) => [`${fault}:`, ...ports.map(({ use }) => toAdvice(use))].join('\n'));
  throw new Failure('configuration-invalid', texts.join('\n'));
}

function toAdvice({ port, what, variable }: PortUse): string {
  return `  port ${port} for ${what}: set ${variable} to another one`;
}

/** Why nothing could listen on a port now; null when something could. */
function findFault(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(toFault(code));
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(null);
      });
    });
  });
}

function toFault(code = 'unknown'): string {
  if (code === 'EADDRINUSE') return 'Something listens already, perhaps another Barometer';
  if (code === 'EACCES') return 'This user may not listen there; most systems keep ports below 1024 for administrators';
  return `The system does not allow it (${code})`;
}
