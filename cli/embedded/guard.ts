/**
 * Runs another program and makes sure that it does not outlive the stack: `node guard.ts <command> <args…>`.
 * The guard is connected to its parent by an IPC channel; when the channel breaks, even because the parent was killed, it
 * ends the program. Its output and exit code are the program's.
 */
import { spawn } from 'node:child_process';

const GRACE_PERIOD_MS = 8_000;

const [command, ...args] = process.argv.slice(2);
const child = spawn(command!, args, { stdio: ['ignore', 'inherit', 'inherit'] });

function end(): void {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), GRACE_PERIOD_MS).unref();
}

process.once('disconnect', end);
// Gone before, while modules were loading.
if (process.send !== undefined && !process.connected) end();
process.once('SIGTERM', end);
// A terminal sends ctrl-C to everybody; the stack decides in which order its parts end.
process.on('SIGINT', () => undefined);

child.once('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
child.once('close', (code) => {
  process.exit(code ?? 1);
});
