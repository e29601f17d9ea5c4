import { Failure } from '../../domain/failure.ts';

/** What was asked of the API server, in words for a message. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  /** For example `Deployment barometer-api`. */
  readonly what: string;
}

/** The API server's own account of a failure (meta/v1 Status), as far as it is looked at. */
export interface Status {
  readonly kind?: string;
  readonly message?: string;
  readonly details?: {
    readonly name?: string;
    readonly kind?: string;
    readonly group?: string;
    readonly causes?: readonly { readonly field?: string; readonly message?: string }[];
  };
}

const BUSY_STATUSES = new Set([408, 429]);
const NO_TRUST_CODES = /^(CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$)/;

/** Says what it means that the API server could not be asked at all. */
export function toConnectionFailure(error: unknown, server: string): Failure {
  const { code } = error as { code?: unknown };
  const shown = typeof code === 'string' ? code : 'no answer';
  const options = { cause: error };
  if (NO_TRUST_CODES.test(shown)) {
    const advice = 'Check certificate-authority in the kubeconfig (BAROMETER_KUBECONFIG).';
    return new Failure('configuration-invalid', `The certificate of the Kubernetes API server at ${server} can't be trusted (${shown}). ${advice}`, options);
  }
  return new Failure('dependency-unavailable', `The Kubernetes API server at ${server} can't be reached (${shown}).`, options);
}

/** Says what an answer of the API server other than 2xx means. */
export function toAnswerFailure(httpStatus: number, status: Status | null, asked: Asked): Failure {
  const options = { cause: new Error(`${asked.method} ${asked.path}: ${httpStatus} ${status?.message ?? ''}`) };
  const { what } = asked;
  if (httpStatus === 401) {
    return new Failure('access-denied', 'The Kubernetes API server does not know who we are: the credentials in the kubeconfig (BAROMETER_KUBECONFIG) are missing or expired.', options);
  }
  if (httpStatus === 403) {
    const advice = 'Grant it to the account that BAROMETER_KUBECONFIG names.';
    return new Failure('access-denied', `We may not ${toVerb(asked)} ${toResource(asked, status)} in the cluster (${what}). ${advice}`, options);
  }
  if (httpStatus === 404 && status?.details?.kind === 'namespaces') {
    return new Failure('not-found', `The cluster has no namespace ${status.details.name ?? ''}. Install the manifests in k8s/ first, or set BAROMETER_KUBE_NAMESPACE.`, options);
  }
  if (httpStatus === 404) return new Failure('not-found', `The cluster has no ${what}.`, options);
  if (httpStatus === 409 || httpStatus === 410) return new Failure('write-conflict', `Somebody else changed ${what} in the cluster at the same time.`, options);
  if (httpStatus >= 500 || BUSY_STATUSES.has(httpStatus)) {
    return new Failure('dependency-unavailable', `The Kubernetes API server can't answer now (${httpStatus}, ${what}).`, options);
  }
  return new Failure('configuration-invalid', `The cluster refuses ${what}: ${toReasons(status) ?? `it answered ${httpStatus}`}.`, options);
}

/** The verb that RBAC knows a request by. */
function toVerb({ method, path }: Asked): string {
  if (method === 'POST') return 'create';
  if (method === 'PUT') return 'update';
  if (method === 'GET') return isCollection(path) ? 'list' : 'get';
  return method.toLowerCase();
}

/** `…/namespaces/NS/pods` is one, `…/pods/NAME` and `…/pods/NAME/log` are not. */
function isCollection(path: string): boolean {
  const segments = path.replace(/^\/(api\/[^/]+|apis\/[^/]+\/[^/]+)\//, '').split('/');
  return segments.length === (segments[0] === 'namespaces' ? 3 : 1);
}

/** `deployments.apps`, and `pods/log` for what is below an object. */
function toResource({ path }: Asked, status: Status | null): string {
  const [, subresource] = /\/namespaces\/[^/]+\/[^/]+\/[^/]+\/([^/?]+)/.exec(path) ?? [];
  const { kind = 'objects', group } = status?.details ?? {};
  const below = subresource === undefined ? '' : `/${subresource}`;
  return `${kind}${below}${group === undefined || group === '' ? '' : `.${group}`}`;
}

/** Field by field where the API server says so. */
function toReasons(status: Status | null): string | undefined {
  const causes = (status?.details?.causes ?? []).filter(({ field }) => field !== undefined && field !== '');
  if (causes.length === 0) return status?.message;
  return causes.map(({ field, message }) => `${field}: ${message ?? 'invalid'}`).join('; ');
}
