import { Failure } from '../../domain/failure.ts';
import type { ClusterObject } from '../../domain/rollout.ts';
import { FIELD_MANAGER } from '../../domain/rollout.ts';
import type { Cluster, ClusterAnswer, ClusterRequest } from './cluster.ts';
import { orNull, toAnswer } from './cluster.ts';

/** Which object is meant. */
export interface ObjectName {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

export interface Asking {
  readonly signal?: AbortSignal | undefined;
}

/** Reads and writes objects of any kind in the cluster's namespace; each fails as {@link Cluster.ask} does. */
export interface Resources {
  find<T extends ClusterObject>(object: ObjectName, options?: Asking): Promise<T | null>;
  /**
   * Sets these fields of the object and takes away those that an earlier call set and this one does not (server-side apply).
   * With `dryRun` nothing is written, and the answer is what would be.
   */
  apply<T extends ClusterObject>(object: ClusterObject, options?: Asking & { readonly dryRun?: boolean }): Promise<T>;
  /** Nothing happens when it is gone already. */
  remove(object: ObjectName, options?: Asking): Promise<void>;
}

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export function toObjectName({ apiVersion, kind, metadata: { name } }: ClusterObject): ObjectName {
  return { apiVersion, kind, name };
}

export function createResources(cluster: Cluster): Resources {
  const discovered = new Map<string, Promise<readonly ApiResource[]>>();

  /** Asks the cluster once for each API what its kinds are called in paths. */
  function discover(apiVersion: string): Promise<readonly ApiResource[]> {
    const known = discovered.get(apiVersion);
    if (known !== undefined) return known;
    const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const asked = cluster.ask<{ resources: ApiResource[] }>({ path, what: `API ${apiVersion}` }).then(({ resources }) => resources);
    discovered.set(apiVersion, asked);
    asked.catch(() => discovered.delete(apiVersion));
    return asked;
  }

  async function toPath({ apiVersion, kind, name }: ObjectName): Promise<string> {
    const resource = (await discover(apiVersion)).find((each) => each.kind === kind && !each.name.includes('/'));
    if (resource === undefined) throw new Failure('not-found', `The cluster knows no ${kind} of ${apiVersion}.`);
    const { name: plural, namespaced } = resource;
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    return `${root}/${namespaced ? `namespaces/${cluster.namespace}/` : ''}${plural}/${name}`;
  }

  async function find<T extends ClusterObject>(object: ObjectName, { signal }: Asking = {}): Promise<T | null> {
    return orNull(cluster.ask<T>({ path: await toPath(object), what: `${object.kind} ${object.name}`, signal }));
  }

  /**
   * An object with a field that its kind does not have is answered like an accident in the API server. But accidents pass, and
   * strike those who read as well.
   */
  async function sendApply(request: ClusterRequest, object: ObjectName, options: Asking): Promise<ClusterAnswer> {
    const answer = await cluster.send(request);
    if (answer.status !== 500) return answer;
    await find(object, options);
    const again = await cluster.send(request);
    return again.status === 500 ? { ...again, status: 400 } : again;
  }

  return {
    find,
    async apply<T extends ClusterObject>(object: ClusterObject, { signal, dryRun = false }: Asking & { readonly dryRun?: boolean } = {}) {
      const named = toObjectName(object);
      const request = {
        method: 'PATCH',
        path: await toPath(named),
        query: { fieldManager: FIELD_MANAGER, force: true, fieldValidation: 'Strict', ...(dryRun && { dryRun: 'All' }) },
        contentType: 'application/apply-patch+yaml',
        body: object,
        what: `${named.kind} ${named.name}`,
        signal,
      } as const;
      return toAnswer(request, await sendApply(request, named, { signal })) as T;
    },
    async remove(object, { signal } = {}) {
      // What belongs to the object goes with it, also where the API's own default would leave it.
      const body = { propagationPolicy: 'Background' };
      await orNull(cluster.ask({ method: 'DELETE', path: await toPath(object), body, what: `${object.kind} ${object.name}`, signal }));
    },
  };
}
