import { EMOTIONS } from '../../domain/emotion.ts';
import type { PerEmotion } from '../../domain/emotion.ts';

export function toPercent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

export function toDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.round(seconds % 60)).padStart(2, '0')} s`;
}

/** `2026-11-24 01:55` in UTC. */
export function toMinute(isoTime: string): string {
  return isoTime.slice(0, 16).replace('T', ' ');
}

export function toCounts(counts: PerEmotion): string {
  return EMOTIONS.map((emotion) => `${counts[emotion]} ${emotion}`).join(', ');
}

export function toJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
