import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createStores } from '../../adapters/blob-storage/stores.ts';
import { drawDemoFaces } from '../../adapters/demo/demo-faces.ts';
import { greyPngCodec } from '../../adapters/vision/grey-png.ts';
import { useAzurite } from '../support/azurite.ts';
import { REPOSITORY, runBarometer } from '../support/barometer.ts';
import { findFreePort } from '../support/free-port.ts';
import { useCommands } from '../support/commands.ts';
import { useTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

const DASHBOARD = join(REPOSITORY, 'docs/dashboards/barometer.json');

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[];
}

interface Dashboard {
  readonly __inputs: readonly { readonly name: string; readonly type: string; readonly pluginId: string }[];
  readonly panels: readonly Panel[];
}

/** The labels of every metric, by its name. */
type Exposed = ReadonlyMap<string, ReadonlySet<string>>;

/** Nothing is rolled out in a small run: test/workers/work-metrics.test.ts holds these names. */
const OF_ROLLOUTS: Exposed = new Map([['barometer_rollout_duration_seconds_bucket', new Set(['le', 'outcome'])]]);

describe('the dashboard', () => {
  const commands = useCommands({ endAfter: 'all' });
  const temporal = useTemporal();
  const azurite = useAzurite();
  const dashboard = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as Dashboard;
  const expressions = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr, legendFormat = '' }) => ({ title, expr, legendFormat })));
  let exposed: Exposed;

  before('train a model and predict with it', async () => {
    const [metricsPort, apiPort] = [await findFreePort(), await findFreePort()];
    const { connectionString } = azurite.newAccount();
    const { blobs } = createStores({ connectionString }, greyPngCodec);
    await blobs.ensureContainers();
    for await (const face of drawDemoFaces({ perLabel: 12, seed: 1 })) await blobs.write('emotions', `${face.label}/${face.fileName}`, await face.read());
    const environment = {
      BAROMETER_TEMPORAL_ADDRESS: temporal.env.address,
      BAROMETER_STORAGE_CONNECTION_STRING: connectionString,
      BAROMETER_MINIMUM_ACCURACY: '0',
      BAROMETER_API_PORT: String(apiPort),
      BAROMETER_WORKER_METRICS_ADDRESS: `127.0.0.1:${metricsPort}`,
    };
    const worker = await commands.start(['worker'], environment, 'Worker ready');
    assert.match(worker.output(), new RegExp(`Metrics at http://127.0.0.1:${metricsPort}/metrics`));
    // Fails, and so shows the failures of activities.
    const failed = await runBarometer(['run', '--no-deploy', '--epochs', '1', '--split-ratio', '0.999'], environment);
    assert.notEqual(failed.exitCode, 0, failed.stderr);
    const run = await runBarometer(['run', '--no-deploy', '--epochs', '1', '--split-ratio', '0.4'], environment);
    assert.equal(run.exitCode, 0, run.stderr);

    const api = await commands.start(['api'], environment, 'listening');
    const url = `http://127.0.0.1:${apiPort}`;
    await until(async () => (await fetch(`${url}/readyz`)).ok);
    for await (const face of drawDemoFaces({ perLabel: 1, seed: 2 })) {
      const headers = { 'barometer-venue': 'the-sun', 'barometer-camera': 'bar' };
      assert.equal((await fetch(`${url}/predict`, { method: 'POST', headers, body: (await face.read()) as Uint8Array<ArrayBuffer> })).status, 200, api.output());
    }
    const texts = await Promise.all([`http://127.0.0.1:${metricsPort}`, url].map(async (each) => (await fetch(`${each}/metrics`)).text()));
    exposed = new Map([...parse(texts.join('\n')), ...OF_ROLLOUTS]);
  });

  it('asks for metrics that workers and the API have, by labels that these have', () => {
    for (const { title, expr, legendFormat } of expressions) {
      const selectors = toSelectors(expr);
      assert.ok(selectors.length > 0, `${title}: ${expr}`);
      for (const { metric, labels } of selectors) {
        const known = exposed.get(metric);
        assert.ok(known, `${title}: nobody exposes ${metric}`);
        for (const label of labels) assert.ok(known.has(label), `${title}: ${metric} has no label ${label}, but ${[...known].join(', ')}`);
      }
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
      const grouped = new Set([...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(',').map((label) => label.trim())));
      for (const label of shown) assert.ok(grouped.has(label), `${title}: ${label} is in the legend, and lost in the expression`);
    }
  });

  it('shows every metric of our own', () => {
    const own = [...exposed.keys()].filter((name) => name.startsWith('barometer_')).map((name) => name.replace(/_(bucket|sum|count)$/, ''));
    for (const name of new Set(own)) assert.ok(expressions.some(({ expr }) => expr.includes(name)), name);
  });

  it('can be imported: its data source is an input, and nothing refers to another', () => {
    assert.deepEqual(dashboard.__inputs.map(({ name, type, pluginId }) => ({ name, type, pluginId })), [{ name: 'DS_PROMETHEUS', type: 'datasource', pluginId: 'prometheus' }]);
    const uids = [...readFileSync(DASHBOARD, 'utf8').matchAll(/"uid": "([^"]*)"/g)].map(([, uid]) => uid);
    assert.deepEqual([...new Set(uids)].toSorted(), ['${DS_PROMETHEUS}', 'barometer']);
  });
});

/** Prometheus' text format: the labels that were seen with each name. */
function parse(text: string): Exposed {
  const found = new Map<string, Set<string>>();
  for (const [, name, labels = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const known = found.get(name!) ?? new Set();
    for (const [, label] of labels.matchAll(/(\w+)="/g)) known.add(label!);
    found.set(name!, known);
  }
  return found;
}

/** The metrics of an expression, with the labels that they are chosen and grouped by. */
function toSelectors(expr: string): { metric: string; labels: string[] }[] {
  const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(',').map((label) => label.trim()));
  const bare = expr.replaceAll(/by \([^)]*\)/g, '');
  return [...bare.matchAll(/\b([a-zA-Z_]\w*)(?:\{([^}]*)\})?/g)]
    // The functions of PromQL are single words, but for one; Grafana's variables begin with two underscores.
    .filter(([, name]) => /^[a-z]+_/.test(name!) && name !== 'histogram_quantile')
    .map(([, metric, chosen = '']) => ({ metric: metric!, labels: [...grouped, ...[...chosen.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label!)] }));
}
