/** What anybody may ask for: probes, and pages that say nothing of what a venue's cameras see. All else, also what there is not, wants a key. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/', '/docs', '/docs/', '/privacy', '/privacy/', '/openapi.json', '/healthz', '/readyz', '/v2/health/live', '/v2/health/ready']);
const OPEN_FOLDER = '/web/';
/** What people must be told can't ask for a key. */
const NOTICE = /^\/venues\/[^/]+\/notice$/;

/** For whoever collects figures beside the API, but not for whoever comes through a proxy from elsewhere. */
const INSIDE_PATHS: ReadonlySet<string> = new Set(['/metrics']);

/** Who may ask for a path without a key: all, those who don't come through a proxy, or nobody. */
export function toOpening(path: string): 'all' | 'inside' | 'nobody' {
  if (OPEN_PATHS.has(path) || path.startsWith(OPEN_FOLDER) || NOTICE.test(path)) return 'all';
  return INSIDE_PATHS.has(path) ? 'inside' : 'nobody';
}
