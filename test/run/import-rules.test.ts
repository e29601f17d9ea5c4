import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { repository, toEnding, useTemporaryDir } from '../setup/separate-process.ts';

interface Rules {
  readonly forbidden: readonly { readonly name: string; readonly comment: string }[];
}

interface Report {
  readonly summary: { readonly violations: readonly { readonly from: string; readonly to: string; readonly rule: { readonly name: string } }[] };
}

/** What each rule forbids: a file, an import in it, and (where it is not there anyway) the file that is imported. */
const BREACHES: readonly [rule: string, from: string, code: string, to?: string][] = [
  ['no-cycles', 'domain/cycle-a.ts', `import './cycle-b.ts';`],
  ['resolvable', 'api/lost.ts', `import './absent.ts';`],
  ['declared', 'api/undeclared.ts', `import 'raw-body';`],
  ['no-dev-packages', 'api/dev.ts', `import 'fast-check';`],
  ['nothing-imports-tests', 'api/tested.ts', `import '../test/support.ts';`, 'test/support.ts'],
  ['setup-stands-alone', 'setup/greedy.js', `import 'zod';`],
  ['nothing-imports-setup', 'cli/setup.ts', `import '../setup/greedy.js';`],
  ['domain-is-pure', 'domain/knows-api.ts', `import '../api/port.ts';`, 'api/port.ts'],
  ['domain-is-pure', 'domain/vendor.ts', `import 'koa';`],
  ['domain-has-no-io', 'domain/io.ts', `import 'node:fs';`],
  ['config-is-a-leaf', 'config/vendor.ts', `import 'pino';`],
  ['activities-know-no-adapter', 'activities/adapter.ts', `import '../adapters/vision/decode.ts';`, 'adapters/vision/decode.ts'],
  ['activities-know-no-adapter', 'activities/type.ts', `import type { A } from '../adapters/vision/decode.ts';`],
  ['activities-know-no-adapter', 'activities/vendor.ts', `import '@azure/storage-blob';`],
  ['workflows-are-deterministic', 'workflows/config.ts', `import '../config/config.ts';`, 'config/config.ts'],
  ['workflows-are-deterministic', 'workflows/vendor.ts', `import 'pino';`],
  ['workflows-have-no-io', 'workflows/io.ts', `import 'node:fs';`],
  ['workflows-see-activity-types-only', 'workflows/activity.ts', `import { step } from '../activities/step.ts'; step();`, 'activities/step.ts'],
  ['clients-see-the-contract', 'cli/workflow.ts', `import '../workflows/pipeline.ts';`, 'workflows/pipeline.ts'],
  ['adapters-know-the-domain-only', 'adapters/vision/api.ts', `import type { A } from '../../api/port.ts';`],
  ['adapters-are-given-their-settings', 'adapters/vision/config.ts', `import '../../config/config.ts';`],
  ['adapters-stand-apart', 'adapters/charts/vision.ts', `import '../vision/decode.ts';`],
  ['api-knows-no-pipeline', 'api/workflow.ts', `import '../workflows/contract.ts';`, 'workflows/contract.ts'],
  ['page-runs-in-browsers', 'api/web/page-vendor.ts', `import 'zod';`],
  ['api-starts-alerts-alone', 'api/early.ts', `import '../adapters/temporal/mood-alerts.ts';`, 'adapters/temporal/mood-alerts.ts'],
  ['api-starts-no-run', 'api/run.ts', `const { step } = await import('../adapters/temporal/connection.ts'); step();`, 'adapters/temporal/connection.ts'],
  ['api-needs-no-libtensorflow', 'api/tensors.ts', `import '../adapters/tensorflow/runtime.ts';`, 'adapters/tensorflow/runtime.ts'],
  ['workers-know-no-front', 'workers/api.ts', `import '../api/port.ts';`],
  ['cli-uses-front-doors', 'cli/worker.ts', `import '../workers/inside.ts';`, 'workers/inside.ts'],
  ['vendor-tensorflow', 'workers/tensors.ts', `import '@tensorflow/tfjs-node';`],
  ['vendor-sharp', 'api/images.ts', `import 'sharp';`],
  ['vendor-onnxruntime-node', 'cli/onnx.ts', `import 'onnxruntime-node';`],
  ['vendor-azure', 'cli/azure.ts', `import '@azure/storage-blob';`],
  ['vendor-kubernetes', 'workers/kubernetes.ts', `import '@kubernetes/client-node';`],
  ['vendor-actions', 'cli/actions.ts', `import '@actions/core';`],
  ['vendor-koa', 'cli/koa.ts', `import 'koa';`],
  ['vendor-commander', 'workers/commander.ts', `import 'commander';`],
  ['vendor-pino', 'api/pino.ts', `import 'pino';`],
  ['vendor-opentelemetry', 'api/traces.ts', `import '@opentelemetry/api';`],
  ['vendor-echarts', 'workers/echarts.ts', `import 'echarts';`],
  ['vendor-tar-stream', 'workers/tar.ts', `import 'tar-stream';`],
  ['vendor-temporalio-worker', 'cli/temporal.ts', `import '@temporalio/worker';`],
  ['vendor-temporalio-client', 'api/temporal.ts', `import '@temporalio/client';`],
];

const ALLOWED: readonly [from: string, code: string][] = [
  ['activities/good.ts', `import '../domain/good.ts'; import '@temporalio/activity';`],
  ['domain/good.ts', `import 'zod';`],
  ['workflows/good.ts', `import type { Step } from '../activities/step.ts'; import '../domain/good.ts'; import '@temporalio/workflow';`],
  ['adapters/import/good.ts', `import type { A } from '../vision/decode.ts'; import type { B } from '../../config/config.ts'; import 'csv-parse';`],
  ['adapters/vision/good.ts', `import 'sharp'; import './decode.ts'; import '../../domain/good.ts';`],
  ['workers/good.ts', `import '../adapters/tensorflow/runtime.ts'; import '../activities/step.ts'; import '../config/config.ts';`],
  ['cli/good.ts', `import '../workers/main.ts'; import '../workflows/contract.ts'; import '../adapters/vision/decode.ts'; import 'commander';`],
  ['workers/main.ts', `export {};`],
  ['api/good.ts', `import 'koa'; import '../adapters/vision/decode.ts'; import '../config/config.ts'; await import('../adapters/temporal/mood-alerts.ts');`],
];

describe('the import rules', () => {
  const dir = useTemporaryDir();
  const write = (path: string, content: string): void => {
    mkdirSync(join(dir(), dirname(path)), { recursive: true });
    writeFileSync(join(dir(), path), content);
  };
  const cruise = async (): Promise<Report> => {
    for (const path of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) cpSync(join(repository, path), join(dir(), path));
    symlinkSync(join(repository, 'node_modules'), join(dir(), 'node_modules'));
    const args = ['node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', '--config', '.dependency-cruiser.cjs', '--output-type', 'json', '.'];
    const { stdout } = await toEnding(spawn(process.execPath, args, { cwd: dir(), stdio: ['ignore', 'pipe', 'pipe'] }));
    return JSON.parse(stdout) as Report;
  };
  const rules = createRequire(import.meta.url)(join(repository, '.dependency-cruiser.cjs')) as Rules;

  it('report every breach', async () => {
    write('domain/cycle-b.ts', `import './cycle-a.ts';`);
    for (const [, from, code, to] of BREACHES) {
      write(from, code);
      if (to !== undefined) write(to, 'export const step = (): void => {}; export type A = 1; export type B = 2; export type Step = 3;');
    }
    const { violations } = (await cruise()).summary;
    const found = new Set(violations.map(({ from, rule }) => `${rule.name} in ${from}`));
    const missed = BREACHES.map(([rule, from]) => `${rule} in ${from}`).filter((breach) => !found.has(breach));
    assert.deepEqual(missed, []);
  });

  it('are all among the breaches that are tried here, and say what to do instead', () => {
    const tried = new Set(BREACHES.map(([rule]) => rule));
    assert.deepEqual(rules.forbidden.map(({ name }) => name).filter((name) => !tried.has(name)), []);
    for (const { name, comment } of rules.forbidden) assert.ok(comment.length > 20, name);
  });

  it('let pass what the architecture allows, though folders are missing', async () => {
    for (const [, , , to] of BREACHES) if (to !== undefined) write(to, 'export type A = 1; export type B = 2; export type Step = 3;');
    for (const [from, code] of ALLOWED) write(from, code);
    assert.deepEqual((await cruise()).summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`), []);
  });
});
