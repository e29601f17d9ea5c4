import type { ApiMetrics } from '../adapters/telemetry/api-metrics.ts';
import type { PredictQuery } from './answers.ts';
import type { ServedModel } from './load-model.ts';
import type { ReadScene, SceneReader } from './read-scene.ts';
import type { MoodKeeper } from './mood-keeper.ts';
import type { Scenery } from './place.ts';
import { readScene } from './read-scene.ts';

/** Says which expressions an image shows; fails as {@link readScene} does. With a scenery, its faces count among the mood of that venue. */
export type AnswerImage = (bytes: Uint8Array, query: PredictQuery, model: Pick<ServedModel, 'classifier' | 'manifest'>, scenery?: Scenery | null) => Promise<ReadScene['scene']>;

interface ImageAnswerer extends Omit<SceneReader, 'classifier' | 'uncertainBelow' | 'staffAreas'> {
  readonly moods: Pick<MoodKeeper, 'record'>;
  readonly metrics: Pick<ApiMetrics, 'predicted' | 'moodRecorded'>;
}

/** Reads images with whichever model is served, and counts what they show. */
export function createAnswerImage({ moods, metrics, ...reader }: ImageAnswerer): AnswerImage {
  return async (bytes, query, { classifier, manifest: { uncertainBelow } }, scenery = null) => {
    const { scene, seconds } = await readScene(bytes, query, { ...reader, classifier, uncertainBelow, staffAreas: scenery?.staffAreas ?? [] });
    metrics.predicted(scene.emotion, scene.faces.map(({ emotion }) => emotion), seconds);
    if (scenery !== null) metrics.moodRecorded(moods.record(scenery, scene.faces), scene.leftOut);
    return scene;
  };
}
