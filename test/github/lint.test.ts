import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { load } from 'js-yaml';
import { before, describe, it } from 'mocha';
import { z } from 'zod';
import { toReport } from '../../setup/problem.js';
import { REPOSITORY } from '../support/barometer.ts';
import { ensureActionlint } from '../support/github/programs.ts';
import { createWorkspace } from '../support/github/workspace.ts';

const WORKFLOWS = join(REPOSITORY, '.github/workflows');
const FILES = [join(REPOSITORY, 'action.yml'), ...readdirSync(WORKFLOWS).map((name) => join(WORKFLOWS, name))];

/** Of GitHub's metadata syntax for actions, what a composite one may hold; strict, so that a misspelt key is found. */
const actionSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  author: z.string(),
  branding: z.strictObject({ icon: z.string(), color: z.enum(['white', 'black', 'yellow', 'blue', 'green', 'orange', 'red', 'purple', 'gray-dark']) }),
  inputs: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), z.strictObject({ description: z.string(), default: z.string(), required: z.boolean().optional() })),
  outputs: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), z.strictObject({ description: z.string(), value: z.string() })),
  runs: z.strictObject({
    using: z.literal('composite'),
    steps: z.array(
      z.union([
        z.strictObject({ name: z.string(), id: z.string(), if: z.string().optional(), shell: z.literal('bash'), env: z.record(z.string(), z.string()).optional(), run: z.string() }),
        z.strictObject({ id: z.string().optional(), name: z.string().optional(), if: z.string().optional(), uses: z.string(), with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])) }),
      ]),
    ),
  }),
});

describe('the action', () => {
  const action = actionSchema.parse(load(readFileSync(join(REPOSITORY, 'action.yml'), 'utf8')));
  const scripts = action.runs.steps.flatMap((step) => ('run' in step ? [step] : []));

  it('holds no input or secret in the text of a script, where it would be run', () => {
    for (const { run } of scripts) assert.doesNotMatch(run, /\$\{\{/);
  });

  it('uses every input that it takes, and takes every one that it uses', () => {
    const used = new Set([...readFileSync(join(REPOSITORY, 'action.yml'), 'utf8').matchAll(/inputs\.([a-z0-9-]+)/g)].map(([, name]) => name!));
    assert.deepEqual([...used].sort(), Object.keys(action.inputs).sort());
  });

  it('runs the command in the place of the shell, which alone gets the signals of a runner', () => {
    assert.match(scripts.at(-1)!.run.trim().split('\n').at(-1)!, /^exec node /);
  });
});

describe('what runs on GitHub', () => {
  it('pins every action by a commit, with its version beside it', () => {
    const unpinned = FILES.flatMap((file) => readFileSync(file, 'utf8').split('\n').filter((line) => /uses:/.test(line) && !/uses: (\.\/|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)/.test(line)));
    assert.deepEqual(unpinned, []);
  });

  it('gives every job the least rights', () => {
    for (const name of readdirSync(WORKFLOWS)) {
      const { permissions, jobs } = load(readFileSync(join(WORKFLOWS, name), 'utf8')) as { permissions: Record<string, string>; jobs: Record<string, { permissions?: Record<string, string> }> };
      for (const given of [permissions, ...Object.values(jobs).map((job) => job.permissions ?? {})]) {
        for (const [right, level] of Object.entries(given)) assert.match(`${right}: ${level}`, /^(contents: read|id-token: write|pull-requests: write)$/);
      }
    }
  });
});

describe('the workflows, to actionlint,', () => {
  let actionlint: string;

  before('get actionlint', async function () {
    try {
      actionlint = await ensureActionlint();
    } catch (error) {
      if (process.env['BAROMETER_TEST_GITHUB'] === 'required') throw error;
      console.error(`These tests are skipped: actionlint can't be built. ${toReport(error)}`);
      this.skip();
    }
  });

  async function lint(directory: string): Promise<string> {
    // Whatever shellcheck is installed here, or none: the same result everywhere.
    const linted = promisify(execFile)(actionlint, ['-no-color', '-shellcheck=', '-pyflakes='], { cwd: directory });
    const { stdout } = await linted.catch((error: unknown) => error as { stdout: string });
    return stdout;
  }

  it('are without fault', async () => {
    assert.equal(await lint(REPOSITORY), '');
  });

  it('are held to the inputs of the action', async () => {
    const workspace = createWorkspace();
    try {
      const path = join(workspace.directory, '.github/workflows/pipeline.yml');
      writeFileSync(path, readFileSync(path, 'utf8').replace('          compute: ', '          computer: '));
      assert.match(await lint(workspace.directory), /input "computer" is not defined in action "Barometer pipeline"/);
    } finally {
      workspace.remove();
    }
  });
});
