import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createAzureBlobStore } from '../../adapters/blob-storage/azure-blob-store.ts';
import { createModelRegistry } from '../../adapters/blob-storage/model-registry.ts';
import { batchAnswerSchema } from '../../api/answers.ts';
import { problemSchema } from '../../api/problem.ts';
import { MODEL_FILES, MODEL_NAME } from '../../domain/names.ts';
import { toForm } from '../support/api.ts';
import { findFreePort } from '../support/free-port.ts';
import { useAzurite } from '../support/azurite.ts';
import type { HostileFile } from '../support/hostile-images.ts';
import { createDice, cutShort, drawBombs, drawGoodImages, drawOddMetadata, drawPretenders, mutate } from '../support/hostile-images.ts';
import { toPhoto } from '../support/images.ts';
import { toRegistration } from '../support/models.ts';
import { toOnnxModel } from '../support/onnx-model.ts';
import { until } from '../support/until.ts';

const PROGRAM = fileURLToPath(new URL('../../api/serve.ts', import.meta.url));
const SEED = 20261125;
const MUTATIONS = 600;
const AT_ONCE = 6;
const MB = 1024 * 1024;
/** Above what it needs once it has answered: pixels under way are limited to 300 MB, bodies to those at once. */
const MOST_GROWTH_BYTES = 500 * MB;
/** What the process may compute while it answers one image, others beside it included. Of its own time, whatever else the machine does. */
const MOST_CPU_SECONDS = 20;
/** Linux counts in these. */
const TICKS_PER_SECOND = 100;

describe('the API as a process, with hostile input', () => {
  const azurite = useAzurite();
  let child: ChildProcess;
  let url: string;
  let photo: Buffer;
  let truth: string;
  let residentBefore: number;

  before('start it', async () => {
    const account = azurite.newAccount();
    const blobs = createAzureBlobStore(account);
    await blobs.ensureContainers();
    await createModelRegistry(blobs, MODEL_NAME).register(toRegistration({ runName: 'run-a', files: { [MODEL_FILES.onnx]: toOnnxModel('sad') } }));
    const port = await findFreePort();
    url = `http://127.0.0.1:${port}`;
    child = spawn(process.execPath, [PROGRAM], {
      env: { BAROMETER_STORAGE_CONNECTION_STRING: account.connectionString, BAROMETER_API_PORT: String(port), BAROMETER_LOG_LEVEL: 'error', BAROMETER_API_REQUESTS_PER_MINUTE: '0', MALLOC_ARENA_MAX: '2' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout!.resume();
    await until(() => fetch(`${url}/readyz`).then(({ ok }) => ok, () => false));
    photo = await toPhoto().jpeg().toBuffer();
    await Promise.all(Array.from({ length: AT_ONCE }, () => ask(photo)));
    truth = JSON.stringify((await ask(photo)).answer);
    residentBefore = readMemory('VmRSS');
  });

  after('end it', async () => {
    if (child.exitCode !== null) return;
    console.log(`      It had ${Math.round(residentBefore / MB)} MB resident before, and at most ${Math.round(readMemory('VmHWM') / MB)} MB.`);
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  });

  afterEach('it lives, answers as before, and has not grown', async () => {
    assert.equal(child.exitCode, null);
    assert.equal(JSON.stringify((await ask(photo)).answer), truth);
    const growth = readMemory('VmHWM') - residentBefore;
    assert.ok(growth < MOST_GROWTH_BYTES, `it has grown by ${Math.round(growth / MB)} MB`);
  });

  /** Of the process, as Linux tells it: now (`VmRSS`), or at most so far (`VmHWM`). */
  function readMemory(line: 'VmRSS' | 'VmHWM'): number {
    const [, kilobytes] = new RegExp(`${line}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))!;
    return Number(kilobytes) * 1024;
  }

  /** Of processor time that the process has used so far, as Linux tells it. */
  function readCpuSeconds(): number {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  async function ask(body: Uint8Array | FormData, headers: Record<string, string> = {}, query = ''): Promise<{ status: number; type: string | null; answer: unknown }> {
    const response = await fetch(`${url}/predict${query}`, { method: 'POST', body: body as Uint8Array<ArrayBuffer> | FormData, headers });
    return { status: response.status, type: response.headers.get('content-type'), answer: await response.json() };
  }

  function assertSound(name: string, { status, type, answer }: { status: number; type: string | null; answer: unknown }): void {
    if (status >= 200 && status < 300) return;
    assert.ok(status >= 400 && status < 500, `${name}: ${status} ${JSON.stringify(answer)}`);
    assert.match(type!, /^application\/problem\+json/, name);
    const problem = problemSchema.parse(answer);
    assert.equal(problem.status, status);
    assert.doesNotMatch(problem.detail, /vips|sharp|libpng|\.ts:|node_modules|\/work|at \w+ \(/i, name);
  }

  /** Every file, several at a time: as a body, or as a form; with its faces, or as a whole. */
  async function askAll(files: readonly HostileFile[]): Promise<Map<string, number>> {
    const statuses = new Map<string, number>();
    const waiting = [...files.entries()];
    async function work(): Promise<void> {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const [index, { name, bytes }] = next;
        const before = readCpuSeconds();
        const answered = await ask(index % 2 === 0 ? bytes : toForm(bytes), {}, index % 3 === 0 ? '' : '?faces=never');
        assertSound(`${name} (number ${index}, seed ${SEED})`, answered);
        assert.ok(readCpuSeconds() - before < MOST_CPU_SECONDS, name);
        statuses.set(name, answered.status);
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return statuses;
  }

  it('answers good images of every kind, however odd what is said beside the pixels', async () => {
    const statuses = await askAll([...(await drawGoodImages()), ...(await drawOddMetadata())]);
    assert.deepEqual([...statuses].filter(([, status]) => status !== 200), []);
  });

  it('turns away images that are cut short', async () => {
    const statuses = await askAll((await drawGoodImages()).flatMap(cutShort));
    const refused = [...statuses.values()].filter((status) => status === 400 || status === 415);
    // A decoder may do without the last bytes of some; never without most of it.
    assert.ok(refused.length > 0.75 * statuses.size, `${refused.length} of ${statuses.size}`);
  });

  it('survives images that were changed at random', async () => {
    const dice = createDice(SEED);
    const good = await drawGoodImages();
    const statuses = await askAll(Array.from({ length: MUTATIONS }, (_, index) => {
      const { name, bytes } = mutate(good[index % good.length]!, dice);
      return { name: `${index}: ${name}`, bytes };
    }));
    assert.equal(statuses.size, MUTATIONS);
    assert.ok(new Set(statuses.values()).size > 1, 'some are still good, some are not');
  });

  it('is as sound where several are asked about at once, and by the Open Inference Protocol', async () => {
    const dice = createDice(SEED + 1);
    const files = (await drawGoodImages()).flatMap((good) => [good, ...cutShort(good).slice(0, 2), mutate(good, dice), mutate(good, dice)]);
    const bombs = await drawBombs();
    for (let start = 0; start < files.length; start += 8) {
      const group = [...files.slice(start, start + 8), bombs[start % bombs.length]!];
      const batch = await fetch(`${url}/predict/batch?faces=never`, { method: 'POST', body: toForm(...group.map(({ bytes }) => bytes)) });
      const { predictions } = batchAnswerSchema.parse(await batch.json());
      assert.equal(predictions.length, group.length);
      for (const each of predictions) if (each.status === 'failed') assert.ok(each.problem.status >= 400 && each.problem.status < 500, each.problem.detail);
    }
    for (const { name, bytes } of files) {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.byteLength);
      const head = Buffer.from(JSON.stringify({ inputs: [{ name: 'image', shape: [1], datatype: 'BYTES', parameters: { binary_data_size: bytes.byteLength + 4 } }], parameters: { faces: 'never' } }));
      const response = await fetch(`${url}/v2/models/emotions-scene/infer`, { method: 'POST', headers: { 'Inference-Header-Content-Length': String(head.byteLength) }, body: Buffer.concat([head, length, bytes]) });
      assertSound(name, { status: response.status, type: response.headers.get('content-type'), answer: await response.json() });
    }
  });

  it('does not unpack bombs', async () => {
    const statuses = await askAll(await drawBombs());
    const refused = ['png of 30000 x 30000', 'jpeg that says 65500 x 65500', 'webp of 8000 x 8000', 'avif of 8000 x 8000'];
    assert.deepEqual(refused.map((name) => statuses.get(name)), [413, 413, 413, 413]);
    assert.equal(statuses.get('tiff of 4000 x 4000'), 415);
  });

  it('does not take for an image what only looks like one', async () => {
    const statuses = await askAll(await drawPretenders());
    for (const [name, status] of statuses) {
      if (/svg|html|script|postscript|ImageMagick|pgm|vips|tiff|gzip|pdf/.test(name) && !/before html/.test(name)) assert.ok(status === 415 || status === 400, `${name}: ${status}`);
    }
  });

  it('does not go by what a body says that it is', async () => {
    const types = ['image/svg+xml', 'image/tiff', 'image/x-icon', 'image/', 'image/png; charset=utf-16', 'application/octet-stream', 'text/html', 'application/json', 'multipart/mixed; boundary=x', 'multipart/form-data', 'x'.repeat(5_000), 'image/png, image/jpeg'];
    for (const type of types) assertSound(type, await ask(photo, { 'content-type': type }));
  });

  it('reads no more of a body of 100 MB than it may take', async () => {
    const big = Buffer.alloc(100 * MB, 'x');
    const head = Buffer.from('--x\r\nContent-Disposition: form-data; name="a"; filename="a.png"\r\n\r\n');
    const cases: readonly (readonly [string, Record<string, string>, Buffer])[] = [
      ['said', { 'content-type': 'image/png', 'content-length': String(big.length) }, big],
      ['in chunks', { 'content-type': 'image/png', 'transfer-encoding': 'chunked' }, big],
      ['in a form', { 'content-type': 'multipart/form-data; boundary=x', 'content-length': String(big.length + head.length) }, Buffer.concat([head, big])],
      ['in a form, in chunks', { 'content-type': 'multipart/form-data; boundary=x', 'transfer-encoding': 'chunked' }, Buffer.concat([head, big])],
      ['before any part', { 'content-type': 'multipart/form-data; boundary=x', 'transfer-encoding': 'chunked' }, big],
      ['in the head of a part', { 'content-type': 'multipart/form-data; boundary=x', 'transfer-encoding': 'chunked' }, Buffer.concat([head.subarray(0, -4), big])],
    ];
    for (const [name, headers, body] of cases) {
      const sent = request(`${url}/predict`, { method: 'POST', headers });
      sent.on('error', () => undefined);
      sent.end(body);
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      const answer = await json(response);
      assertSound(name, { status: response.statusCode!, type: response.headers['content-type'] ?? null, answer });
      assert.ok([400, 413].includes(response.statusCode!), `${name}: ${response.statusCode}`);
      sent.destroy();
    }
  });

  it('takes odd forms for what they are', async () => {
    const part = (disposition: string, more = '') => Buffer.concat([Buffer.from(`--x\r\nContent-Disposition: form-data; ${disposition}${more}\r\n\r\n`), photo, Buffer.from('\r\n')]);
    const file = 'name="a"; filename="a.jpg"';
    const end = Buffer.from('--x--\r\n');
    const bodies: Readonly<Record<string, Buffer>> = {
      'a name that is a path': Buffer.concat([part('name="a"; filename="../../../etc/passwd"'), end]),
      'a name with zeros': Buffer.concat([part('name="a\0b"; filename="a\0.jpg"'), end]),
      'a field of the prototype': Buffer.concat([part('name="__proto__"; filename="a.jpg"'), end]),
      'fields of the prototype': Buffer.concat([Buffer.from('--x\r\nContent-Disposition: form-data; name="__proto__[toString]"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name="constructor[prototype][a]"\r\n\r\n1\r\n'), part(file), end]),
      'a field of a thousand levels': Buffer.concat([Buffer.from(`--x\r\nContent-Disposition: form-data; name="a${'[a]'.repeat(1_000)}"\r\n\r\n1\r\n`), part(file), end]),
      'a field of 10^9 places': Buffer.concat([Buffer.from('--x\r\nContent-Disposition: form-data; name="a[999999999]"\r\n\r\n1\r\n'), part(file), end]),
      'a thousand fields': Buffer.concat([...Array.from({ length: 1_000 }, () => Buffer.from('--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n')), part(file), end]),
      'a thousand files': Buffer.concat([...Array.from({ length: 100 }, () => part(file)), end]),
      'a hundred headers': Buffer.concat([part(file, Array.from({ length: 100 }, (_, index) => `\r\nX-${index}: y`).join('')), end]),
      'a header of 200 KB': Buffer.concat([part(file, `\r\nX: ${'y'.repeat(200_000)}`), end]),
      'an encoding': Buffer.concat([part(file, '\r\nContent-Transfer-Encoding: base64'), end]),
      'a form in a form': Buffer.concat([part(file, '\r\nContent-Type: multipart/mixed; boundary=y'), end]),
      'no name': Buffer.concat([part('filename="a.jpg"'), end]),
      'no disposition': Buffer.concat([Buffer.from('--x\r\n\r\n'), photo, Buffer.from('\r\n'), end]),
      'no end': part(file),
      'nothing but its end': end,
      'another boundary': Buffer.concat([Buffer.from('--y\r\n'), photo, Buffer.from('--y--')]),
      'line feeds alone': Buffer.concat([Buffer.from(`--x\nContent-Disposition: form-data; ${file}\n\n`), photo, Buffer.from('\n--x--\n')]),
    };
    for (const [name, body] of Object.entries(bodies)) assertSound(name, await ask(body, { 'content-type': 'multipart/form-data; boundary=x' }));
    for (const boundary of ['', '"', 'x'.repeat(5_000), '(.*)+$', '\u{1}'.replace('\u{1}', '%00')]) assertSound(boundary, await ask(bodies['no end']!, { 'content-type': `multipart/form-data; boundary=${boundary}` }));
  });

  it('takes odd addresses for what they are', async () => {
    for (const path of ['/predict?faces=%00', '/predict?faces[]=never', '/predict?faces=never&faces=auto', `/predict?${'a=b&'.repeat(2_000)}`, '/predict?__proto__[x]=1', '/%ff', '/predict%2f', '/..%2f..%2fetc/passwd', '/web/..%2f..%2fapi/main.ts', '/web/%2e%2e/%2e%2e/api/main.ts', '//evil.example/predict', '/model?version=1%0d%0aX: y']) {
      const response = await fetch(url + path, { method: 'POST', body: photo as Uint8Array<ArrayBuffer> });
      assertSound(path, { status: response.status, type: response.headers.get('content-type'), answer: await response.json() });
    }
  });
});
