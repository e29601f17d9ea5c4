import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory, WorkerOptions } from '@temporalio/worker';

export interface TracedProcess {
  /** What it is called where OTEL_SERVICE_NAME does not say otherwise: `barometer-api`. */
  readonly name: string;
  /** The git-sha of its code; null where it is not known. */
  readonly version: string | null;
  /** It is over soon: its spans are sent as they end, and a collector that is away may not hold it up. */
  readonly isBrief?: boolean;
  /** Told once, in plain words, when spans don't arrive. */
  readonly warn: (message: string) => void;
}

export interface SpanOptions {
  readonly attributes?: SpanAttributes;
  /** The headers of a request that the span answers, and by which it belongs to the caller's trace. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** What work may say of itself while it goes on. */
export interface OpenSpan {
  rename(name: string): void;
  note(attributes: SpanAttributes): void;
  /** It did not end well; the reason is a word, a kind or a status. */
  fail(reason: string): void;
}

/** What the workers of this process need for the spans of their workflows and activities. */
export interface WorkerTracing {
  readonly activity: readonly ActivityInterceptorsFactory[];
  readonly sinks: NonNullable<WorkerOptions['sinks']>;
  /** To be bundled with the workflows. */
  readonly workflowModules: readonly string[];
}

/** The traces of this process; when they are off, everything here does nothing, at no cost. */
export interface Tracing {
  /** Does the work in a span: below the one that it is done in, else below the one that this process was started in. */
  inSpan<T>(name: string, options: SpanOptions, work: (span: OpenSpan) => Promise<T>): Promise<T>;
  /** Environment of a process that goes on with the present span. */
  toEnvironment(): Readonly<Record<string, string>>;
  /** Sends what is left, and gives up after a second and a half. Never rejects. */
  end(): Promise<void>;
}

/** For a process that speaks with Temporal. */
export interface TemporalTracing extends Tracing {
  readonly clientInterceptors: readonly WorkflowClientInterceptor[];
  readonly worker: WorkerTracing;
}

const NO_SPAN: OpenSpan = { rename: () => undefined, note: () => undefined, fail: () => undefined };

export const NO_TRACING: TemporalTracing = {
  clientInterceptors: [],
  worker: { activity: [], sinks: {}, workflowModules: [] },
  inSpan: (_name, _options, work) => work(NO_SPAN),
  toEnvironment: () => ({}),
  end: () => Promise.resolve(),
};
