/** Whether there is a process with this id, be it one that nobody has waited for yet. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
