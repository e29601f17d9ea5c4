import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toLibraryPath, toWheelAddon } from '../../setup/tensorflow-wheel.js';
import { officialAddon } from '../../setup/tensorflow-official.js';
import { runSetup, useTemporaryDir } from './separate-process.ts';

const ENSURE = `const { ensureTensorflow } = await load('tensorflow'); await ensureTensorflow(process.env.ROOT, Promise.resolve());`;
const wheelAddon = toWheelAddon(process.arch);
const ADDON = 'lib/napi-v8/tfjs_binding.node';

describe('native TensorFlow', () => {
  const dir = useTemporaryDir();
  const own = (...path: string[]) => join(dir(), 'node_modules/@tensorflow/tfjs-node', ...path);
  const cached = (...path: string[]) => join(dir(), 'cache', ...path);
  // No compiler, no Python, no index and no download: what is not there already can't be had.
  const ensure = (more: NodeJS.ProcessEnv = {}) =>
    runSetup(ENSURE, {
      ROOT: dir(),
      BAROMETER_CACHE_DIR: cached(),
      PATH: '',
      PIP_INDEX_URL: 'http://127.0.0.1:1',
      TFJS_NODE_CDN_STORAGE: 'http://127.0.0.1:1/',
      ...more,
    });
  const write = (path: string, content = '') => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  };
  const writeCached = (addon: string) => {
    write(cached(addon, ADDON), addon);
    mkdirSync(cached(addon, 'deps'));
  };
  beforeEach(() => mkdirSync(own(), { recursive: true }));

  it('is put back from the cache after the packages were installed anew, without a word', async () => {
    writeCached(wheelAddon);
    assert.deepEqual(await ensure(), { code: 0, stdout: '', stderr: '' });
    assert.equal(readFileSync(own(ADDON), 'utf8'), wheelAddon);
    assert.equal(readlinkSync(own('deps')), cached(wheelAddon, 'deps'));
  });

  it('is what its own install script left, where that was run', async () => {
    write(own(ADDON), 'theirs');
    write(own('deps/lib/libtensorflow.so.2'));
    writeCached(wheelAddon);
    assert.equal((await ensure()).code, 0);
    assert.equal(readFileSync(own(ADDON), 'utf8'), 'theirs');
  });

  for (const [title, exists] of [['to another version', true], ['nowhere', false]] as const) {
    it(`replaces a link that leads ${title}`, async () => {
      writeCached(wheelAddon);
      const older = 'tfjs-node-4.0.0-libtensorflow-2.9.1-x64';
      if (exists) writeCached(older);
      for (const name of ['lib', 'deps']) symlinkSync(cached(older, name), own(name));
      assert.equal((await ensure()).code, 0);
      assert.equal(readFileSync(own(ADDON), 'utf8'), wheelAddon);
    });
  }

  it('can be told which way to go', async () => {
    writeCached(wheelAddon);
    writeCached(officialAddon);
    assert.equal((await ensure({ BAROMETER_TENSORFLOW: 'official' })).code, 0);
    assert.equal(readFileSync(own(ADDON), 'utf8'), officialAddon);
    const { code, stderr } = await ensure({ BAROMETER_TENSORFLOW: 'gpu' });
    assert.equal(code, 1);
    assert.match(stderr, /may be "wheel" or "official"/);
  });

  it('that can not be had is explained, with what each way lacks', async () => {
    const { code, stderr } = await ensure();
    assert.equal(code, 1);
    if (process.platform === 'linux') assert.match(stderr, /wheel: .*can't be reached/);
    assert.match(stderr, /official: .*can't be reached/);
    assert.match(stderr, /apt-get install g\+\+ python3-pip/);
    assert.ok(!existsSync(own('lib')));
  });

  it('takes of the wheel the two libraries and the C headers, nothing else', () => {
    assert.equal(toLibraryPath('tensorflow/libtensorflow_cc.so.2'), 'lib/libtensorflow_cc.so.2');
    assert.equal(toLibraryPath('tensorflow/libtensorflow_framework.so.2'), 'lib/libtensorflow_framework.so.2');
    assert.equal(toLibraryPath('tensorflow_cpu_aws.libs/libgomp-d22c30c5.so.1.0.0'), 'lib/libgomp-d22c30c5.so.1.0.0');
    assert.equal(toLibraryPath('tensorflow/include/tensorflow/c/c_api.h'), 'include/tensorflow/c/c_api.h');
    for (const name of ['tensorflow/python/_pywrap.so', 'tensorflow/include/Eigen/Core', 'tensorflow/include/absl/base/config.h', 'tensorflow/__init__.py']) {
      assert.equal(toLibraryPath(name), undefined, name);
    }
  });
});
