export function toDuration(ms: number): string {
  // Rounded before it is parted, or it could say 60 seconds.
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** `2026-11-24 01:55` in UTC. */
export function toMinute(isoTime: string): string {
  return isoTime.slice(0, 16).replace('T', ' ');
}

export function toJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** As {@link toDuration}, of what may take days: `3 d 4 h`, `2 h 05 min`. */
export function toSpan(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return toDuration(ms);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
