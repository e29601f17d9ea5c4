import assert from 'node:assert/strict';
import { askGolden } from '../../../adapters/kubernetes/ask-golden.ts';
import type { Cluster, ClusterRequest } from '../../../adapters/kubernetes/cluster.ts';
import { isFailure } from '../../../domain/failure.ts';
import { GOLDEN } from '../../support/rollout/api-script.ts';

const right = { probabilities: GOLDEN[0]!.probabilities, model: { version: 7 } };
const POD = '/api/v1/namespaces/it/pods/http:barometer-api-1:8080/proxy/predict?faces=never';
const SERVICE = '/api/v1/namespaces/it/services/http:barometer-api:http/proxy/predict?faces=never';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A cluster with one ready pod, and another of an older revision, whose proxy answers as told. */
function setUp(toAnswer: (request: ClusterRequest, count: number) => Answer) {
  const asked: ClusterRequest[] = [];
  const cluster = {
    namespace: 'it',
    ask: ({ path }: ClusterRequest) => Promise.resolve(toObjects(path)),
    send(request: ClusterRequest) {
      asked.push(request);
      const { status, body } = toAnswer(request, asked.length);
      return Promise.resolve({ status, bytes: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) });
    },
  } as unknown as Cluster;
  return { cluster, asked };
}

function toObjects(path: string): object {
  const revision = (value: number) => ({ 'deployment.kubernetes.io/revision': String(value) });
  const owner = [{ uid: 'deployment' }];
  if (path.endsWith('/replicasets')) {
    return { items: [1, 2].map((value) => ({ metadata: { name: `${value}`, ownerReferences: owner, labels: { 'pod-template-hash': `${value}` }, annotations: revision(value) } })) };
  }
  if (path.endsWith('/pods')) {
    return {
      items: [1, 2].map((value) => ({
        metadata: { name: `barometer-api-${3 - value}`, creationTimestamp: '', labels: { 'pod-template-hash': `${value}` } },
        spec: { containers: [{ name: 'api', ports: [{ name: 'metrics', containerPort: 9 }, { name: 'http', containerPort: 8080 }] }] },
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      })),
    };
  }
  return { metadata: { name: 'barometer-api', uid: 'deployment', annotations: revision(2) }, spec: { selector: { matchLabels: {} } } };
}

const options = { signal: new AbortController().signal, onProgress: () => undefined, settleMs: 40, pollMs: 5 };
const questions = { modelVersion: 7, predictions: GOLDEN };

describe('asking for golden predictions', () => {
  it('asks each new pod, and then the service, with the image itself', async () => {
    const { cluster, asked } = setUp(() => ({ status: 200, body: right }));
    await askGolden(cluster, questions, options);
    assert.deepEqual(asked.map(({ method, path, contentType }) => [method, path, contentType]), [['POST', POD, 'image/png'], ['POST', SERVICE, 'image/png']]);
    assert.deepEqual(asked[0]!.body, Buffer.from(GOLDEN[0]!.image, 'base64'));
  });

  it('says of a JPEG that it is one', async () => {
    const { cluster, asked } = setUp(() => ({ status: 200, body: right }));
    const image = Buffer.of(0xff, 0xd8, 0xff).toString('base64');
    await askGolden(cluster, { modelVersion: 7, predictions: [{ ...GOLDEN[0]!, image }] }, options);
    assert.equal(asked[0]!.contentType, 'image/jpeg');
  });

  it('says what is answered instead', async () => {
    const probabilities = { ...right.probabilities, happy: 0.69, sad: 0.11 };
    const cases: readonly (readonly [RegExp, Answer])[] = [
      [/pod barometer-api-1 wanted a key: .* another model than version 7/, { status: 401, body: { type: 'urn:barometer:problem:key-required', status: 401 } }],
      [/pod barometer-api-1 answered with status 503\./, { status: 503, body: 'no model' }],
      [/something else than a prediction/, { status: 200, body: '<html>' }],
      [/something else than a prediction/, { status: 200, body: { probabilities: { happy: 1 } } }],
      [/version 6 of the model instead of 7/, { status: 200, body: { ...right, model: { version: 6 } } }],
      [/golden prediction 1 of 1, .* a probability differs by 0\.010/, { status: 200, body: { ...right, probabilities } }],
    ];
    for (const [message, answer] of cases) {
      const { cluster } = setUp(() => answer);
      await assert.rejects(askGolden(cluster, questions, options), (error) => {
        assert.ok(isFailure(error, 'rollout-failed'), String(error));
        assert.match(error.message, message);
        return true;
      });
    }
  });

  it('lets pass what processors and versions of the runtime differ by', async () => {
    const probabilities = { ...right.probabilities, happy: 0.7005, sad: 0.0995 };
    const { cluster } = setUp(() => ({ status: 200, body: { ...right, probabilities } }));
    await askGolden(cluster, questions, options);
  });

  it('asks again when a pod on its way out has answered for the service', async () => {
    const { cluster, asked } = setUp(({ path }, count) => ({ status: 200, body: path === SERVICE && count < 4 ? { ...right, model: { version: 6 } } : right }));
    await askGolden(cluster, questions, options);
    assert.equal(asked.length, 4);
  });

  it('names the rights that it lacks', async () => {
    const refusals = [{ status: 403, body: '' }, { status: 401, body: { kind: 'Status', reason: 'Unauthorized' } }];
    for (const refusal of refusals) {
      const { cluster, asked } = setUp(() => refusal);
      await assert.rejects(askGolden(cluster, questions, options), (error) => isFailure(error, 'access-denied') && error.message.includes('pods/proxy'));
      assert.equal(asked.length, 1);
    }
  });
});
