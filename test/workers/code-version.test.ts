import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readReachedCode } from '../../workers/code-version.ts';
import { STEP_ENTRIES, createStepCode } from '../../workers/step-code.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

const FILES: Readonly<Record<string, string>> = {
  'step.ts': `import type { Other } from './only-a-type.ts';\nimport {\n  one,\n  two as deux,\n} from './deep/one.ts';\nimport './effect.ts';\nexport const text = './no-import.ts';\n`,
  'deep/one.ts': `import { readFile } from 'node:fs/promises';\nimport pack from '@scope/pack/inner.js';\nexport * from '../again.ts';\nexport { three } from './three.ts';\n`,
  'deep/three.ts': `export const three = 3;\n`,
  'again.ts': `import * as step from './step.ts';\nconst later = () => import('./later.ts');\n`,
  'later.ts': `const native = require('native');\n`,
  'effect.ts': ``,
  'only-a-type.ts': `export type Other = string;\n`,
  'elsewhere.ts': `export const elsewhere = 1;\n`,
  'node_modules/@scope/pack/package.json': `{ "version": "1.2.3" }`,
  'node_modules/native/package.json': `{ "version": "4.5.6" }`,
};

describe('the code that a step reaches', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'barometer-code-'));
    for (const [name, content] of Object.entries(FILES)) await put(name, content);
  });

  afterEach(() => rm(root, { recursive: true }));

  async function put(name: string, content: string): Promise<void> {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }

  const read = () => readReachedCode(root, ['step.ts']);

  it('is found over every kind of import that is there when it runs', async () => {
    const { files, packages } = await read();
    assert.deepEqual(files, ['again.ts', 'deep/one.ts', 'deep/three.ts', 'effect.ts', 'later.ts', 'step.ts']);
    assert.deepEqual(packages, ['@scope/pack@1.2.3', 'native@4.5.6']);
  });

  for (const name of ['step.ts', 'deep/three.ts', 'later.ts', 'effect.ts']) {
    it(`is another version when ${name} changes`, async () => {
      const before = await read();
      await put(name, `${FILES[name]}// changed\n`);
      assert.notEqual((await read()).version, before.version);
    });
  }

  it('is another version with another version of a package', async () => {
    const before = await read();
    await put('node_modules/native/package.json', `{ "version": "4.5.7" }`);
    assert.notEqual((await read()).version, before.version);
  });

  it('stays the same when a file changes that it does not reach, or only for a type', async () => {
    const before = await read();
    for (const name of ['elsewhere.ts', 'only-a-type.ts']) await put(name, `${FILES[name]}// changed\n`);
    assert.deepEqual(await read(), before);
  });

  it('is the same wherever the repository lies', async () => {
    const before = await read();
    const first = root;
    root = await mkdtemp(join(tmpdir(), 'barometer-code-'));
    for (const [name, content] of Object.entries(FILES)) await put(name, content);
    assert.deepEqual(await read(), before);
    await rm(first, { recursive: true });
  });

  it('does without a package that is not installed here', async () => {
    await rm(join(root, 'node_modules/native'), { recursive: true });
    assert.deepEqual((await read()).packages, ['@scope/pack@1.2.3', 'native@missing']);
  });
});

describe('the code of the pipeline\'s steps', () => {
  for (const [step, entries] of Object.entries(STEP_ENTRIES)) {
    it(`is for ${step} all that Node loads`, async () => {
      const { files, packages } = await readReachedCode(REPOSITORY, entries);
      assert.deepEqual(files, listLoaded(entries));
      assert.ok(packages.length > 0 && packages.every((each) => !each.endsWith('@missing')), packages.join());
    });
  }

  it('says of training what is on disk when it is asked, and has a version for every step', async () => {
    const code = createStepCode();
    const versions = await Promise.all(Object.values(code).map((read) => read()));
    assert.equal(new Set(versions).size, Object.keys(STEP_ENTRIES).length);
    assert.equal(await code.train(), (await readReachedCode(REPOSITORY, STEP_ENTRIES.train)).version);
  });

  it('trains no network anew for a change of settings, of the command line or of the API', async () => {
    const { files } = await readReachedCode(REPOSITORY, STEP_ENTRIES.train);
    assert.deepEqual(files.filter((file) => /^(config|cli|api|workflows|activities)\//.test(file)), []);
    assert.ok(files.includes('adapters/tensorflow/train.ts'));
  });
});

/** Asks Node itself which files of the repository it loads for these. */
function listLoaded(entries: readonly string[]): string[] {
  const program = `
    const { registerHooks } = require('node:module');
    const root = ${JSON.stringify(new URL('../../', import.meta.url).href)};
    const seen = new Set();
    registerHooks({ load(url, context, next) {
      if (url.startsWith(root) && !url.includes('/node_modules/')) seen.add(url.slice(root.length));
      return next(url, context);
    } });
    // What a thread runs does not run outside of one; all that it imports was loaded before that shows.
    Promise.allSettled(${JSON.stringify(entries)}.map((entry) => import(root + entry))).then(() => { console.log(JSON.stringify([...seen].sort())); process.exit(); });
  `;
  return JSON.parse(execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', '-e', program], { encoding: 'utf8' })) as string[];
}
