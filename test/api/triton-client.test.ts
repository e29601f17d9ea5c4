import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { TestApi } from '../support/api.ts';
import { startTestApi } from '../support/api.ts';
import { toPhoto } from '../support/images.ts';
import type { PythonPackages } from '../support/python-packages.ts';
import { ensurePythonPackages, INSTALL_LIMIT_MS } from '../support/python-packages.ts';

const SCRIPT = fileURLToPath(new URL('../support/triton-client.py', import.meta.url));
const PACKAGES = ['tritonclient==2.73.0', 'geventhttpclient==2.6.1', 'numpy==2.4.6', 'python-rapidjson==1.25', 'urllib3==2.8.0'];

/** A client of the protocol that others wrote, as it is installed and used. */
describe('Triton\'s client for Python', () => {
  let triton: PythonPackages;
  let api: TestApi | undefined;
  let directory: string | undefined;

  before('install it', async function () {
    this.timeout(INSTALL_LIMIT_MS);
    const found = await ensurePythonPackages({ name: 'tritonclient-2.73.0', title: 'Triton\'s client (130 MB, once)', packages: PACKAGES, oldestMinor: 11 });
    if (found === null) return this.skip();
    triton = found;
    directory = await mkdtemp(join(tmpdir(), 'barometer-triton-'));
    api = await startTestApi({ answer: 'fearful' });
  });

  after(async () => {
    await api?.close();
    if (directory !== undefined) await rm(directory, { recursive: true });
  });

  it('finds its way: health, metadata, tensors as bytes and as JSON, and why a request is refused', async () => {
    const image = join(directory!, 'photo.jpg');
    await writeFile(image, await toPhoto().jpeg().toBuffer());
    const child = spawn(triton.python, [SCRIPT, `127.0.0.1:${api!.port}`, image], { env: { PATH: process.env['PATH'], PYTHONPATH: triton.directory }, stdio: ['ignore', 'pipe', 'pipe'] });
    const [, stdout, stderr] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
    assert.equal(child.exitCode, 0, stderr);
    const { scene, refusal, ...said } = JSON.parse(stdout) as Record<string, unknown> & { scene: { emotion: string; image: object }; refusal: string };
    const probabilities = [0.1, 0.1, 0.1, 0.7];
    assert.deepEqual(said, {
      live: true,
      ready: true,
      modelReady: true,
      otherReady: false,
      inputs: [{ name: 'pixels', datatype: 'UINT8', shape: [-1, 48, 48, 1] }],
      binary: [probabilities, probabilities],
      json: [probabilities, probabilities],
    });
    assert.deepEqual([scene.emotion, scene.image], ['fearful', { width: 120, height: 80 }]);
    assert.match(refusal, /shape \[2, 40, 48, 1\].*takes \[-1, 48, 48, 1\]/);
  });
});
