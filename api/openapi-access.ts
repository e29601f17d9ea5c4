import { toOpening } from './open-paths.ts';

type Json = Record<string, unknown>;
type Operation = Json & { readonly responses: Json };

/** How a key is sent. */
export const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A key of the venue: `Authorization: Bearer bm_…`.' },
  header: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'The same key, where a proxy keeps `Authorization` for itself.' },
} as const;

const KEY = [{ bearer: [] }, { header: [] }];

/** Describes of every path whether it wants a key, and what is answered without one or too often. */
export function describeAccess(paths: Readonly<Record<string, Json>>, problem: (description: string) => Json): Json {
  return Object.fromEntries(
    Object.entries(paths).map(([path, operations]) => [
      path,
      Object.fromEntries(Object.entries(operations).map(([method, operation]) => [method, describe(toOpening(path), operation as Operation, problem)])),
    ]),
  );
}

function describe(opening: ReturnType<typeof toOpening>, operation: Operation, problem: (description: string) => Json): Json {
  if (opening === 'all') return { ...operation, security: [] };
  const refused = { ...problem('Without a key that is in force, where one is asked for.'), headers: { 'WWW-Authenticate': toHeader('The scheme: Bearer.') } };
  const tooOften = {
    ...problem('More often than this caller may ask.'),
    headers: {
      'Retry-After': toHeader('Seconds until the next request will be answered.', 'integer'),
      RateLimit: toHeader('What is left: `"per-minute";r=<requests>;t=<seconds until all are there again>`. In every answer.'),
      'RateLimit-Policy': toHeader('The limit: `"per-minute";q=<requests>;w=60`. In every answer.'),
    },
  };
  const security = opening === 'inside' ? [{}, ...KEY] : KEY;
  return { ...operation, security, responses: { ...operation.responses, 401: refused, 429: tooOften } };
}

function toHeader(description: string, type = 'string'): Json {
  return { description, schema: { type } };
}
