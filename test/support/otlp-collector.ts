import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import protobuf from 'protobufjs';
import { after, before, beforeEach } from 'mocha';

/** As far as the tests read it: opentelemetry-proto, collector/trace/v1 and trace/v1. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string text = 1; bool flag = 2; int64 whole = 3; double number = 4; } }
  message Event { string name = 2; repeated KeyValue attributes = 3; }
  message Status { string message = 2; int32 code = 3; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start = 7; fixed64 end = 8; repeated KeyValue attributes = 9; repeated Event events = 11; Status status = 15;
  }
`);
const Request = root.lookupType('Request');

type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly attributes: Attributes;
  readonly resource: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  /** 2 is an error. */
  readonly status: { readonly message: string; readonly code: number };
}

export interface OtlpCollector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Everything that was sent, as it came over the line. */
  readonly bodies: readonly Buffer[];
  readonly headers: readonly Readonly<Record<string, unknown>>[];
}

/** An OTLP collector over HTTP for the tests of a file; each begins with what the others have not sent. */
export function useOtlpCollector(): OtlpCollector {
  const spans: ReceivedSpan[] = [];
  const bodies: Buffer[] = [];
  const headers: Record<string, unknown>[] = [];
  let url = '';
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      bodies.push(body);
      headers.push(request.headers);
      spans.push(...toSpans(body));
      response.writeHead(request.url === '/v1/traces' ? 200 : 404, { 'Content-Type': 'application/x-protobuf' }).end();
    });
  });

  before('start a collector', async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  beforeEach('forget what came', () => {
    for (const list of [spans, bodies, headers]) list.length = 0;
  });

  after('end the collector', async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  return { get url() { return url; }, spans, bodies, headers };
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, string | number | boolean>>;
}

interface RawSpan extends Record<'traceId' | 'spanId' | 'parentSpanId', string> {
  readonly name: string;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly KeyValue[] }[];
  readonly status: ReceivedSpan['status'] | null;
}

function toSpans(body: Buffer): ReceivedSpan[] {
  const { resourceSpans } = Request.toObject(Request.decode(body), { bytes: String, longs: Number, arrays: true, defaults: true }) as {
    resourceSpans: { resource: { attributes: KeyValue[] }; scopeSpans: { spans: RawSpan[] }[] }[];
  };
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        traceId: toHex(span.traceId),
        spanId: toHex(span.spanId),
        parentSpanId: toHex(span.parentSpanId),
        name: span.name,
        attributes: toAttributes(span.attributes),
        resource: toAttributes(resource.attributes),
        events: span.events.map(({ name, attributes }) => ({ name, attributes: toAttributes(attributes) })),
        status: span.status ?? { message: '', code: 0 },
      })),
    ),
  );
}

function toHex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}

function toAttributes(list: readonly KeyValue[]): Attributes {
  return Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0] ?? '']));
}
