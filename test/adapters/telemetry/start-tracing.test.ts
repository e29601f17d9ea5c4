import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { REPOSITORY } from '../../support/barometer.ts';

/** Starts what the processes start, and says which of OpenTelemetry's packages were loaded: but for its API, which prom-client loads. */
const PROGRAM = `
  import { registerHooks } from 'node:module';
  const loaded = new Set();
  registerHooks({ resolve(specifier, context, next) { if (specifier.includes('opentelemetry') && specifier !== '@opentelemetry/api') loaded.add(specifier); return next(specifier, context); } });
  for (const file of ['cli/program.ts', 'workers/main.ts', 'api/main.ts']) await import('./' + file);
  const { startTemporalTracing } = await import('./adapters/telemetry/start-temporal-tracing.ts');
  const { startTracing } = await import('./adapters/telemetry/start-tracing.ts');
  const { loadConfig } = await import('./config/config.ts');
  const { tracing } = loadConfig().telemetry;
  const traced = { name: 'test', version: null, warn: () => undefined };
  for (const start of [startTracing, startTemporalTracing]) await start(tracing, traced);
  console.log(JSON.stringify([...loaded]));
  process.exit();
`;

describe('tracing', () => {
  async function load(environment: Readonly<Record<string, string>>): Promise<string[]> {
    const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', PROGRAM], {
      cwd: REPOSITORY,
      env: { ...process.env, ...environment },
    });
    return JSON.parse(stdout) as string[];
  }

  it('loads nothing where no collector is named', async () => {
    assert.deepEqual(await load({ OTEL_EXPORTER_OTLP_ENDPOINT: '' }), []);
  });

  it('loads OpenTelemetry where one is', async () => {
    assert.ok((await load({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' })).includes('@opentelemetry/sdk-trace-base'));
  });
});
