import assert from 'node:assert/strict';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/config.ts';
import { toAzuriteConnectionString } from '../../config/storage.ts';
import { Failure } from '../../domain/failure.ts';

describe('the settings', () => {
  it('are an embedded stack when nothing is said', () => {
    assert.deepEqual(loadConfig({}), {
      workers: { versioning: false, shutdownGraceMs: 10_000 },
      temporal: { address: '127.0.0.1:7233', namespace: 'default', uiUrl: 'http://127.0.0.1:8233', tls: null, apiKey: null, payloadKeys: [], codecPort: 8234 },
      storage: { connectionString: toAzuriteConnectionString(10_000) },
      embedded: { stateDir: '.barometer', temporalCli: 'temporal', temporalPort: 7233, temporalUiPort: 8233, azuriteHost: '127.0.0.1', azuritePort: 10_000 },
      api: { host: '127.0.0.1', port: 8080, url: 'http://127.0.0.1:8080', modelVersion: 'latest', modelPollMs: 2000 },
      access: { open: null, key: null, keysPollMs: 2000, requestsPerMinute: 3000, corsOrigins: [] },
      logLevel: 'info',
      imageLimits: { maxBytes: 10 * 1024 * 1024, maxPixels: 50_000_000 },
      pipeline: { minimumAccuracy: 0.35, maxRefusedShare: 0.2, shardSize: 2000, checkpointIntervalMs: 10_000 },
      repository: null,
      images: {
        repository: null,
        images: ['api', 'worker', 'trainer'],
        platforms: ['linux/amd64', 'linux/arm64'],
        engine: null,
        baseImage: null,
        buildImage: null,
        plainHttp: false,
        sbomGenerator: 'docker/buildkit-syft-scanner:stable-1',
      },
      cluster: { kubeconfig: null, context: null, namespace: 'barometer', overlay: 'k8s/overlays/local', deadlineMs: 600_000 },
      mlflow: null,
      azureMl: {
        subscriptionId: null,
        resourceGroup: null,
        workspace: null,
        cluster: 'barometer-cpu',
        vmSize: 'Standard_F4s_v2',
        maxNodes: 4,
        idleSeconds: 600,
        lowPriority: false,
        identityId: null,
        jobTimeoutMs: 43_200_000,
        queueTimeoutMs: 21_600_000,
        pollMs: 10_000,
        endpoint: 'https://management.azure.com',
        storageAccountUrl: null,
      },
      telemetry: { tracing: null, workerMetrics: null },
      github: { takesSummary: false, takesOutputs: false, actor: null, comments: null },
      code: { gitSha: null },
      notifications: { webhook: null, slack: null, events: ['approval-needed', 'succeeded', 'rejected', 'not-approved', 'failed'] },
      venueWebhooks: { secrets: [], network: 'public' },
    } satisfies Config);
  });

  it('take every variable to its place', () => {
    const config = loadConfig({
      BAROMETER_TEMPORAL_ADDRESS: 'temporal.example:7233',
      BAROMETER_TEMPORAL_NAMESPACE: 'venues',
      BAROMETER_TEMPORAL_UI: 'https://ui.example',
      BAROMETER_TEMPORAL_API_KEY: 'an api key',
      BAROMETER_WORKER_VERSIONING: 'on',
      BAROMETER_SHUTDOWN_GRACE_SECONDS: '0.5',
      BAROMETER_TEMPORAL_TLS_SERVER_NAME: 'frontend.example',
      BAROMETER_PAYLOAD_KEYS: `a-key:${Buffer.alloc(32, 7).toString('base64')}`,
      BAROMETER_CODEC_PORT: '5',
      BAROMETER_STORAGE_CONNECTION_STRING: 'a connection string',
      BAROMETER_STATE_DIR: '/state',
      BAROMETER_TEMPORAL_CLI: '/bin/temporal',
      BAROMETER_TEMPORAL_PORT: '1',
      BAROMETER_TEMPORAL_UI_PORT: '2',
      BAROMETER_AZURITE_HOST: '0.0.0.0',
      BAROMETER_AZURITE_PORT: '3',
      BAROMETER_API_HOST: '0.0.0.0',
      BAROMETER_API_OPEN: 'no',
      BAROMETER_API_KEY: ' bm_key ',
      BAROMETER_API_KEYS_POLL_SECONDS: '0.5',
      BAROMETER_API_REQUESTS_PER_MINUTE: '0',
      BAROMETER_API_CORS_ORIGINS: 'https://a.example, http://localhost:3000,',
      BAROMETER_API_PORT: '4',
      BAROMETER_API_URL: 'https://api.example',
      BAROMETER_MODEL_VERSION: '12',
      BAROMETER_MODEL_POLL_SECONDS: '0.5',
      BAROMETER_MAX_IMAGE_MB: '1.5',
      BAROMETER_MAX_IMAGE_MEGAPIXELS: '2',
      BAROMETER_LOG_LEVEL: 'debug',
      BAROMETER_MINIMUM_ACCURACY: '0.6',
      BAROMETER_MAX_REFUSED_SHARE: '0',
      BAROMETER_SHARD_SIZE: '7',
      BAROMETER_CHECKPOINT_SECONDS: '1.5',
      BAROMETER_REPOSITORY: 'https://git.example/acme/barometer.git',
      BAROMETER_IMAGE_REPOSITORY: 'registry.example:5000/acme/barometer',
      BAROMETER_IMAGES: 'api, worker,',
      BAROMETER_IMAGE_PLATFORMS: 'linux/arm64',
      BAROMETER_CONTAINER_ENGINE: 'buildah',
      BAROMETER_BASE_IMAGE: 'base.example/run:1',
      BAROMETER_BUILD_IMAGE: 'base.example/build:1',
      BAROMETER_REGISTRY_PLAIN_HTTP: 'true',
      BAROMETER_SBOM_GENERATOR: 'none',
      BAROMETER_KUBECONFIG: '/kubeconfig',
      BAROMETER_KUBE_CONTEXT: 'cellar',
      BAROMETER_KUBE_NAMESPACE: 'mood',
      BAROMETER_KUBE_OVERLAY: 'k8s/overlays/production',
      BAROMETER_ROLLOUT_DEADLINE_SECONDS: '90',
      MLFLOW_TRACKING_URI: 'https://mlflow.example',
      MLFLOW_EXPERIMENT_NAME: 'venues',
      MLFLOW_RUN_ID: 'a-run',
      MLFLOW_TRACKING_TOKEN: 'a token',
      MLFLOW_TRACKING_USERNAME: 'ada',
      MLFLOW_TRACKING_PASSWORD: 'secret',
      BAROMETER_AZURE_SUBSCRIPTION: '00000000-1111-2222-3333-444444444444',
      BAROMETER_AZURE_RESOURCE_GROUP: 'venues',
      BAROMETER_AZURE_ML_WORKSPACE: 'moods',
      BAROMETER_AZURE_ML_CLUSTER: 'cellar',
      BAROMETER_AZURE_ML_VM_SIZE: 'Standard_D4s_v5',
      BAROMETER_AZURE_ML_MAX_NODES: '2',
      BAROMETER_AZURE_ML_IDLE_SECONDS: '60',
      BAROMETER_AZURE_ML_LOW_PRIORITY: 'true',
      BAROMETER_AZURE_ML_IDENTITY: '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i',
      BAROMETER_AZURE_ML_JOB_HOURS: '0.5',
      BAROMETER_AZURE_ML_QUEUE_HOURS: '1',
      BAROMETER_AZURE_ML_POLL_SECONDS: '3',
      BAROMETER_AZURE_ML_ENDPOINT: 'https://management.chinacloudapi.cn/',
      BAROMETER_STORAGE_ACCOUNT_URL: 'https://moods.blob.core.windows.net',
      BAROMETER_GIT_SHA: 'ab'.repeat(20),
      BAROMETER_WEBHOOK_URL: 'https://hooks.example/a?b=c',
      BAROMETER_WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 7).toString('base64')}`,
      BAROMETER_SLACK_WEBHOOK_URL: 'https://hooks.slack.example/b/',
      BAROMETER_WEBHOOK_EVENTS: 'failed,cancelled',
      BAROMETER_VENUE_WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 8).toString('base64')}, whsec_${Buffer.alloc(24, 9).toString('base64')}`,
      BAROMETER_VENUE_WEBHOOK_NETWORK: 'private',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.example:4318',
      OTEL_SERVICE_NAME: 'cellar',
      TRACEPARENT: '00-1-2-01',
      BAROMETER_WORKER_METRICS_ADDRESS: '0.0.0.0:5',
      GITHUB_STEP_SUMMARY: '/summary',
      GITHUB_OUTPUT: '/output',
      GITHUB_EVENT_PATH: '/event.json',
      GITHUB_ACTOR: 'kim',
      GITHUB_API_URL: 'https://github.example/api/v3/',
      GITHUB_REPOSITORY: 'acme/barometer',
      GITHUB_WORKFLOW: 'Pipeline',
      GITHUB_JOB: 'run',
      BAROMETER_GITHUB_TOKEN: ' a token\n',
    });
    assert.deepEqual(config, {
      workers: { versioning: true, shutdownGraceMs: 500 },
      temporal: {
        address: 'temporal.example:7233',
        namespace: 'venues',
        uiUrl: 'https://ui.example',
        tls: { ca: null, client: null, serverName: 'frontend.example' },
        apiKey: 'an api key',
        payloadKeys: [{ id: 'a-key', secret: Buffer.alloc(32, 7) }],
        codecPort: 5,
      },
      storage: { connectionString: 'a connection string' },
      embedded: { stateDir: '/state', temporalCli: '/bin/temporal', temporalPort: 1, temporalUiPort: 2, azuriteHost: '0.0.0.0', azuritePort: 3 },
      api: { host: '0.0.0.0', port: 4, url: 'https://api.example', modelVersion: 12, modelPollMs: 500 },
      access: { open: false, key: 'bm_key', keysPollMs: 500, requestsPerMinute: 0, corsOrigins: ['https://a.example', 'http://localhost:3000'] },
      logLevel: 'debug',
      imageLimits: { maxBytes: 1_572_864, maxPixels: 2_000_000 },
      pipeline: { minimumAccuracy: 0.6, maxRefusedShare: 0, shardSize: 7, checkpointIntervalMs: 1_500 },
      repository: 'https://git.example/acme/barometer.git',
      images: {
        repository: 'registry.example:5000/acme/barometer',
        images: ['api', 'worker'],
        platforms: ['linux/arm64'],
        engine: 'buildah',
        baseImage: 'base.example/run:1',
        buildImage: 'base.example/build:1',
        plainHttp: true,
        sbomGenerator: null,
      },
      cluster: { kubeconfig: '/kubeconfig', context: 'cellar', namespace: 'mood', overlay: 'k8s/overlays/production', deadlineMs: 90_000 },
      mlflow: { trackingUri: 'https://mlflow.example', experimentName: 'venues', runId: 'a-run', token: 'a token', basic: { username: 'ada', password: 'secret' } },
      azureMl: {
        subscriptionId: '00000000-1111-2222-3333-444444444444',
        resourceGroup: 'venues',
        workspace: 'moods',
        cluster: 'cellar',
        vmSize: 'Standard_D4s_v5',
        maxNodes: 2,
        idleSeconds: 60,
        lowPriority: true,
        identityId: '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i',
        jobTimeoutMs: 1_800_000,
        queueTimeoutMs: 3_600_000,
        pollMs: 3_000,
        endpoint: 'https://management.chinacloudapi.cn',
        storageAccountUrl: 'https://moods.blob.core.windows.net',
      },
      telemetry: { tracing: { serviceName: 'cellar', traceparent: '00-1-2-01', hasTimeout: false }, workerMetrics: { host: '0.0.0.0', port: 5, text: '0.0.0.0:5' } },
      github: {
        takesSummary: true,
        takesOutputs: true,
        actor: 'kim',
        comments: { apiUrl: 'https://github.example/api/v3', repository: 'acme/barometer', token: 'a token', eventPath: '/event.json', author: 'Pipeline/run' },
      },
      code: { gitSha: 'ab'.repeat(20) },
      notifications: {
        webhook: { url: 'https://hooks.example/a?b=c', secrets: [Buffer.alloc(24, 7)] },
        slack: { url: 'https://hooks.slack.example/b/' },
        events: ['failed', 'cancelled'],
      },
      venueWebhooks: { secrets: [Buffer.alloc(24, 8), Buffer.alloc(24, 9)], network: 'private' },
    } satisfies Config);
  });

  it('count empty and blank variables as absent', () => {
    const blank = { BAROMETER_API_PORT: '', BAROMETER_TEMPORAL_ADDRESS: ' ', BAROMETER_MINIMUM_ACCURACY: '\t', BAROMETER_STORAGE_CONNECTION_STRING: '' };
    assert.deepEqual(loadConfig(blank), loadConfig({}));
  });

  it('let the embedded addresses follow the ports', () => {
    const ports = { BAROMETER_TEMPORAL_PORT: '17233', BAROMETER_TEMPORAL_UI_PORT: '18233', BAROMETER_AZURITE_PORT: '11000', BAROMETER_API_PORT: '18080' };
    const { temporal, storage, api } = loadConfig(ports);
    assert.equal(temporal.address, '127.0.0.1:17233');
    assert.equal(temporal.uiUrl, 'http://127.0.0.1:18233');
    assert.equal(api.url, 'http://127.0.0.1:18080');
    assert.match((storage as { connectionString: string }).connectionString, /BlobEndpoint=http:\/\/127\.0\.0\.1:11000\/devstoreaccount1$/);
  });

  it('take the closing slash off URLs, for paths are appended to them', () => {
    assert.equal(loadConfig({ BAROMETER_API_URL: 'http://api.example/' }).api.url, 'http://api.example');
    assert.equal(loadConfig({ BAROMETER_TEMPORAL_UI: 'http://ui.example/temporal/' }).temporal.uiUrl, 'http://ui.example/temporal');
  });

  const BAD: Readonly<Record<string, readonly string[]>> = {
    BAROMETER_TEMPORAL_UI: ['ui', 'localhost:8233', 'ftp://ui.example'],
    BAROMETER_STORAGE_ACCOUNT_URL: ['venues', 'venues:443'],
    BAROMETER_AZURE_SUBSCRIPTION: ['mine', '0000'],
    BAROMETER_AZURE_ML_WORKSPACE: ['/subscriptions/s/workspaces/w', 'a'],
    BAROMETER_AZURE_ML_CLUSTER: ['4nodes', 'cpu-1', 'a cluster'],
    BAROMETER_AZURE_ML_VM_SIZE: ['Standard F4s v2'],
    BAROMETER_AZURE_ML_MAX_NODES: ['0', 'all'],
    BAROMETER_AZURE_ML_IDLE_SECONDS: ['never', '0'],
    BAROMETER_AZURE_ML_LOW_PRIORITY: ['cheap'],
    BAROMETER_AZURE_ML_IDENTITY: ['trainer'],
    BAROMETER_AZURE_ML_JOB_HOURS: ['0'],
    BAROMETER_AZURE_ML_QUEUE_HOURS: ['-1'],
    BAROMETER_AZURE_ML_POLL_SECONDS: ['0'],
    BAROMETER_AZURE_ML_ENDPOINT: ['management.azure.com', 'http://management.azure.com'],
    BAROMETER_TEMPORAL_PORT: ['seven', '-1', '0', '65536', '1.5'],
    BAROMETER_TEMPORAL_UI_PORT: ['eight', '0'],
    BAROMETER_AZURITE_PORT: ['ten', '0'],
    BAROMETER_API_PORT: ['70000', '0', 'Infinity'],
    BAROMETER_API_URL: ['localhost:8080', '//localhost'],
    BAROMETER_MODEL_VERSION: ['newest', '0', '-1', '1.5'],
    BAROMETER_MODEL_POLL_SECONDS: ['0', 'often'],
    BAROMETER_MAX_IMAGE_MB: ['0', '10 MB'],
    BAROMETER_MAX_IMAGE_MEGAPIXELS: ['-1'],
    BAROMETER_LOG_LEVEL: ['loud', 'INFO'],
    BAROMETER_MINIMUM_ACCURACY: ['35', '-0.1', '35 %'],
    BAROMETER_MAX_REFUSED_SHARE: ['2'],
    BAROMETER_SHARD_SIZE: ['0', '1.5', 'many'],
    BAROMETER_CHECKPOINT_SECONDS: ['0', 'often'],
    BAROMETER_GIT_SHA: ['1a2b3c4', 'main'],
    BAROMETER_WEBHOOK_URL: ['hooks.example', 'ftp://hooks.example'],
    BAROMETER_SLACK_WEBHOOK_URL: ['slack'],
    BAROMETER_VENUE_WEBHOOK_NETWORK: ['any'],
    OTEL_EXPORTER_OTLP_ENDPOINT: ['localhost:4318', 'collector'],
    BAROMETER_WORKER_METRICS_ADDRESS: ['9464', ':9464', '127.0.0.1', '127.0.0.1:0', '127.0.0.1:70000', 'metrics.example:9464'],
  };

  for (const [name, values] of Object.entries(BAD)) {
    it(`name ${name} when it can't be used`, () => {
      for (const value of values) {
        const { kind, message } = failureOf({ [name]: value });
        assert.equal(kind, 'configuration-invalid');
        const lines = message.split('\n').slice(1);
        assert.equal(lines.length, 1, message);
        assert.ok(lines[0]!.startsWith(`  ${name}: `), message);
      }
    });
  }

  it('name all variables that can\'t be used, not just the first', () => {
    const { message } = failureOf({ BAROMETER_API_PORT: 'x', BAROMETER_LOG_LEVEL: 'loud', BAROMETER_SHARD_SIZE: '5' });
    assert.match(message, /BAROMETER_API_PORT.*\n.*BAROMETER_LOG_LEVEL/);
    assert.doesNotMatch(message, /SHARD_SIZE/);
  });
});

function failureOf(environment: Record<string, string>): Failure {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  return assert.fail('the settings were taken');
}
