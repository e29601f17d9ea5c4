import { Writable } from 'node:stream';
import { createApiMetrics } from '../../adapters/telemetry/api-metrics.ts';
import { createLogger } from '../../adapters/telemetry/logger.ts';
import type { Tracing } from '../../adapters/telemetry/tracing.ts';
import type { Access } from '../../api/access.ts';
import { OPEN_ACCESS } from '../../api/access.ts';
import { createApp } from '../../api/app.ts';
import type { Classifier } from '../../api/load-model.ts';
import type { MoodKeeper } from '../../api/mood-keeper.ts';
import { NO_MOODS } from '../../api/mood-keeper.ts';
import type { ModelSource, ModelVersions } from '../../api/model-source.ts';
import { createModelSource } from '../../api/model-source.ts';
import { listen } from '../../api/server.ts';
import type { StreamPace } from '../../api/routes/venues.ts';
import type { VenueDirectory } from '../../api/venue-directory.ts';
import { NO_VENUES } from '../../api/venue-directory.ts';
import { EMOTIONS, toPerEmotion } from '../../domain/emotion.ts';
import type { Emotion } from '../../domain/emotion.ts';
import { Failure } from '../../domain/failure.ts';
import type { FaceDetector } from '../../domain/face.ts';
import type { ImageLimits } from '../../domain/image-transform.ts';
import type { LandmarkFinder } from '../../domain/landmarks.ts';
import type { ModelManifest } from '../../domain/model.ts';
import { MODEL_FILES, MODEL_NAME } from '../../domain/names.ts';
import { fakeLandmarks } from './landmarks.ts';
import { toModelCard, toRegistration } from './models.ts';

/** Versions in memory, with one moving alias; a version's "network" is the emotion that it always answers. */
export interface FakeVersions extends ModelVersions {
  publish(answer: Emotion | 'broken', manifest?: Partial<ModelManifest>): number;
}

export function createFakeVersions(): FakeVersions {
  const published: { manifest: ModelManifest; files: ReadonlyMap<string, Uint8Array> }[] = [];
  function latest(): { version: number; etag: string } | null {
    return published.length === 0 ? null : { version: published.length, etag: `"${published.length}"` };
  }
  return {
    publish(answer, changes = {}) {
      const { manifest, files } = toRegistration({ files: { [MODEL_FILES.onnx]: answer } });
      const version = published.length + 1;
      const whole = { ...manifest, name: MODEL_NAME, version, registeredAt: '2026-11-24T02:00:00.000Z', files: [], ...changes };
      published.push({ manifest: whole, files });
      return version;
    },
    read(version) {
      const found = published[version - 1];
      if (found === undefined) return Promise.reject(new Failure('not-found', `There is no version ${version}.`));
      return Promise.resolve({ ...found, card: toModelCard() });
    },
    resolveAlias: () => Promise.resolve(latest()),
    readLatestIfChanged: (etag) => Promise.resolve(latest()?.etag === etag ? 'unchanged' : latest()),
  };
}

export interface FakeClassifier extends Classifier {
  readonly answer: string;
  isClosed: boolean;
}

/** Loads what {@link createFakeVersions} publishes; fails to load `broken`, and to answer once closed. */
export function createFakeLoader() {
  const loaded: FakeClassifier[] = [];
  return {
    loaded,
    load(onnx: Uint8Array): Promise<FakeClassifier> {
      const answer = Buffer.from(onnx).toString();
      if (answer === 'broken') return Promise.reject(new Error('no network in here'));
      const classifier: FakeClassifier = {
        answer,
        isClosed: false,
        classify(pixels) {
          if (classifier.isClosed) return Promise.reject(new Error('classified with a closed network'));
          const likely = EMOTIONS.find((emotion) => emotion === answer) ?? 'happy';
          return Promise.resolve(pixels.map(() => toPerEmotion((emotion) => (emotion === likely ? 0.7 : 0.1))));
        },
        close() {
          classifier.isClosed = true;
          return Promise.resolve();
        },
      };
      loaded.push(classifier);
      return Promise.resolve(classifier);
    },
  };
}

export interface LogLine extends Record<string, unknown> {
  readonly level: string;
  readonly msg: string;
}

/** A logger whose lines a test can read. */
export function createTestLogger(level = 'debug') {
  const lines: LogLine[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as LogLine);
      done();
    },
  });
  return { logger: createLogger({ level, name: 'api' }, destination), lines };
}

export interface TestApiOptions {
  /** Published before the API starts; none when null. */
  readonly answer?: Emotion | null;
  readonly imageLimits?: ImageLimits;
  readonly models?: ModelSource;
  readonly ending?: AbortSignal;
  /** None is described when nothing is said. */
  readonly venues?: Pick<VenueDirectory, 'find'>;
  /** One that remembers nothing when nothing is said. */
  readonly moods?: Pick<MoodKeeper, 'record' | 'now' | 'series'>;
  readonly streamPace?: StreamPace;
  readonly tracing?: Pick<Tracing, 'inSpan'>;
  /** Open to everybody, without limits, when nothing is said. */
  readonly access?: Partial<Access>;
  /** One that sees no faces when nothing is said. */
  readonly detector?: FaceDetector;
  /** All faces look straight ahead when nothing is said. */
  readonly landmarks?: LandmarkFinder;
}

export const IMAGE_LIMITS = { maxBytes: 1_000_000, maxPixels: 10_000_000 } as const;

export const NO_FACES: FaceDetector = { largestSide: 512, detect: () => Promise.resolve([]), close: () => Promise.resolve() };

/** The real application on a free port, its models fakes unless others are given. */
export async function startTestApi({ detector = NO_FACES, landmarks = fakeLandmarks(), answer = 'happy', imageLimits = IMAGE_LIMITS, venues = NO_VENUES, moods = NO_MOODS, ending, streamPace, tracing, access = {}, ...given }: TestApiOptions = {}) {
  const { logger, lines } = createTestLogger();
  const metrics = createApiMetrics();
  const versions = createFakeVersions();
  const loader = createFakeLoader();
  if (answer !== null) versions.publish(answer);
  const models =
    given.models ?? createModelSource({ versions, loadClassifier: loader.load, version: 'latest', pollMs: 20, logger, metrics });
  await models.refresh();
  const app = createApp({ access: { ...OPEN_ACCESS, ...access }, models, venues, moods, detector, landmarks, imageLimits, metrics, logger, ...(ending && { ending }), ...(streamPace && { streamPace }), ...(tracing && { tracing }) });
  const handle = app.callback();
  const server = await listen((req, res) => void handle(req, res), { host: '127.0.0.1', port: 0 });
  return {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port,
    lines,
    versions,
    models,
    loaded: loader.loaded,
    async close() {
      await server.close(0);
      await models.close();
    },
  };
}

export type TestApi = Awaited<ReturnType<typeof startTestApi>>;

/** A form with these files, as a browser sends it. */
export function toForm(...files: (Uint8Array | string)[]): FormData {
  const form = new FormData();
  files.forEach((file, index) => {
    form.append(`file${index}`, new Blob([file as Uint8Array<ArrayBuffer>]), 'photo.jpg');
  });
  return form;
}

/** Whether an API answers so many requests at the moment; the one that finds out is one of them. */
export async function areInFlight(url: string, count: number): Promise<boolean> {
  const answer = await fetch(`${url}/metrics`);
  return new RegExp(`in_flight ${count}$`, 'm').test(await answer.text());
}
