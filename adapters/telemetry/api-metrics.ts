import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Verdict } from '../../domain/prediction.ts';

export interface FinishedRequest {
  readonly method: string;
  /** The route's pattern, never the path itself: what callers invent must not become label values. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

export interface ModelInfo {
  readonly name: string;
  readonly version: number;
  readonly gitSha: string;
}

/** What the API counts about itself, for Prometheus. */
export interface ApiMetrics {
  requestStarted(): void;
  requestFinished(request: FinishedRequest): void;
  /** An image was answered: with a verdict or, where no face was found in it, none; and what its faces show. */
  predicted(emotion: Verdict | null, faces: readonly Verdict[], seconds: { readonly decode: number; readonly inference: number }): void;
  /** The faces of one image of a venue's camera were counted among its mood, or could not be; and so many of them were in staff areas. */
  moodRecorded(isCounted: boolean, leftOut: number): void;
  /** Somebody begins (1) or ceases (-1) to watch the mood of a venue. */
  moodWatched(change: 1 | -1): void;
  /** The version now served. */
  modelServed(model: ModelInfo): void;
  modelLoadFailed(): void;
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** From well under a millisecond (inference) to seconds (uploads over slow lines). */
const BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Metrics in a registry of their own; `withProcess` adds Node's memory, CPU and event-loop figures. */
export function createApiMetrics({ withProcess = false } = {}): ApiMetrics {
  const registry = new Registry();
  const registers = [registry];
  if (withProcess) collectDefaultMetrics({ register: registry });

  const inFlight = new Gauge({ name: 'barometer_http_requests_in_flight', help: 'Requests being answered.', registers });
  const requestSeconds = new Histogram({
    name: 'barometer_http_request_seconds',
    help: 'Time from the request to the end of its answer, by route and status; its count is the number of requests.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_SECONDS,
    registers,
  });
  const predictions = new Counter({
    name: 'barometer_predictions_total',
    help: 'Images answered with each emotion, or that it is uncertain.',
    labelNames: ['emotion'],
    registers,
  });
  const faceCount = new Counter({
    name: 'barometer_faces_total',
    help: 'Faces found in images and answered with each emotion, or that it is uncertain.',
    labelNames: ['emotion'],
    registers,
  });
  const moodImages = new Counter({
    name: 'barometer_mood_images_total',
    help: 'Images of venues\' cameras that were counted among a mood, or dropped because there are too many cameras.',
    labelNames: ['result'],
    registers,
  });
  const facesLeftOut = new Counter({ name: 'barometer_faces_left_out_total', help: 'Faces in staff areas, which were not looked at.', registers });
  const moodStreams = new Gauge({ name: 'barometer_mood_streams', help: 'Screens that watch the mood of a venue.', registers });
  const stageSeconds = new Histogram({
    name: 'barometer_prediction_stage_seconds',
    help: 'Time spent on one image: decode (file to 48x48 grey, finding faces included) and inference (the network that tells expressions).',
    labelNames: ['stage'],
    buckets: BUCKETS_SECONDS,
    registers,
  });
  const modelInfo = new Gauge({
    name: 'barometer_model_info',
    help: 'The model being served; always 1.',
    labelNames: ['model', 'version', 'git_sha'],
    registers,
  });
  const modelLoads = new Counter({
    name: 'barometer_model_loads_total',
    help: 'Models that began to be served, and attempts that failed.',
    labelNames: ['result'],
    registers,
  });

  return {
    requestStarted() {
      inFlight.inc();
    },
    requestFinished({ method, route, status, seconds }) {
      inFlight.dec();
      requestSeconds.observe({ method, route, status }, seconds);
    },
    predicted(emotion, faces, { decode, inference }) {
      if (emotion !== null) predictions.inc({ emotion });
      for (const face of faces) faceCount.inc({ emotion: face });
      stageSeconds.observe({ stage: 'decode' }, decode);
      stageSeconds.observe({ stage: 'inference' }, inference);
    },
    moodRecorded(isCounted, leftOut) {
      moodImages.inc({ result: isCounted ? 'counted' : 'dropped' });
      facesLeftOut.inc(leftOut);
    },
    moodWatched(change) {
      moodStreams.inc(change);
    },
    modelServed({ name, version, gitSha }) {
      modelInfo.reset();
      modelInfo.set({ model: name, version, git_sha: gitSha }, 1);
      modelLoads.inc({ result: 'served' });
    },
    modelLoadFailed() {
      modelLoads.inc({ result: 'failed' });
    },
    async render() {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
