import assert from 'node:assert/strict';
import type { BlobStore } from '../../../adapters/blob-storage/blob-store.ts';
import { isFailure } from '../../../domain/failure.ts';

const container = 'runs';

/** What every BlobStore must do. `pageSize` is the store's own, so that listings need more than one page. */
export function describeBlobStoreContract(store: () => BlobStore, pageSize: number): void {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

  it('reads back what was written, with the ETag of the write', async () => {
    const etag = await store().write(container, 'a/one.json', '{"é":1}');
    const blob = await store().read(container, 'a/one.json');
    assert.equal(text(blob.bytes), '{"é":1}');
    assert.equal(blob.etag, etag);
  });

  it('keeps every byte of binary content, and content of no bytes', async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256);
    await store().write(container, 'bytes/all', bytes);
    await store().write(container, 'bytes/none', new Uint8Array());
    assert.deepEqual(new Uint8Array((await store().read(container, 'bytes/all')).bytes), bytes);
    assert.equal((await store().read(container, 'bytes/none')).bytes.length, 0);
  });

  it('takes names as people write them', async () => {
    const name = 'happy/Ünïcode & 100 % #1 (copy)+?.png';
    await store().write(container, name, 'x');
    assert.equal(text((await store().read(container, name)).bytes), 'x');
    const names = (await Array.fromAsync(store().list(container, 'happy/'))).map((blob) => blob.name);
    assert.deepEqual(names, [name]);
  });

  it('fails with not-found for a blob that is not there, and finds null', async () => {
    await assert.rejects(store().read(container, 'missing'), (error) => isFailure(error, 'not-found'));
    assert.equal(await store().find(container, 'missing'), null);
    assert.equal(await store().readIfChanged(container, 'missing', '"0x1"'), null);
    assert.equal(await store().exists(container, 'missing'), false);
  });

  it('creates only where there is nothing', async () => {
    assert.equal(await store().create(container, 'create/once', 'first'), true);
    assert.equal(await store().create(container, 'create/once', 'second'), false);
    assert.equal(text((await store().read(container, 'create/once')).bytes), 'first');
  });

  it('lets exactly one of eight parallel creates win', async () => {
    const wins = await Promise.all(Array.from({ length: 8 }, (_, index) => store().create(container, 'create/race', `${index}`)));
    assert.equal(wins.filter(Boolean).length, 1);
    assert.equal(text((await store().read(container, 'create/race')).bytes), `${wins.indexOf(true)}`);
  });

  it('replaces only the content with the given ETag', async () => {
    const first = await store().write(container, 'replace/one', '1');
    const second = await store().replace(container, 'replace/one', first, '2');
    await assert.rejects(store().replace(container, 'replace/one', first, '3'), (error) => isFailure(error, 'write-conflict'));
    const blob = await store().read(container, 'replace/one');
    assert.equal(text(blob.bytes), '2');
    assert.equal(blob.etag, second);
  });

  it('lets exactly one of eight parallel replaces win', async () => {
    const etag = await store().write(container, 'replace/race', 'start');
    const ends = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => store().replace(container, 'replace/race', etag, `${index}`)),
    );
    assert.equal(ends.filter((end) => end.status === 'fulfilled').length, 1);
    for (const end of ends) if (end.status === 'rejected') assert.ok(isFailure(end.reason, 'write-conflict'));
  });

  it('does not send a blob again that has not changed', async () => {
    const etag = await store().write(container, 'changed/one', '1');
    assert.equal(await store().readIfChanged(container, 'changed/one', etag), 'unchanged');
    await store().write(container, 'changed/one', '2');
    const changed = await store().readIfChanged(container, 'changed/one', etag);
    assert.ok(changed !== null && changed !== 'unchanged');
    assert.equal(text(changed.bytes), '2');
  });

  it('lists by prefix over several pages, in the order of the names', async () => {
    const names = Array.from({ length: pageSize * 2 + 1 }, (_, index) => `pages/${String(index).padStart(3, '0')}`);
    await Promise.all([...names].reverse().map((name) => store().write(container, name, name)));
    await store().write(container, 'pagesX', 'x');
    const listed = await Array.fromAsync(store().list(container, 'pages/'));
    assert.deepEqual(listed.map((blob) => blob.name), names);
  });

  it('lists sizes, digests, and the ETags that reads give', async () => {
    const etag = await store().write(container, 'info/one', 'hello');
    const [info] = await Array.fromAsync(store().list(container, 'info/'));
    assert.equal(info?.bytes, 5);
    assert.equal(info.etag, etag);
    assert.equal(info.md5, '5d41402abc4b2a76b9719d911017c592');
    assert.ok(info.lastModified instanceof Date);
  });

  it('lists nothing where there is nothing', async () => {
    assert.deepEqual(await Array.fromAsync(store().list(container, 'nothing/here')), []);
  });

  it('removes a blob, whether or not it is there', async () => {
    await store().write(container, 'gone', 'x');
    await store().remove(container, 'gone');
    await store().remove(container, 'gone');
    assert.equal(await store().exists(container, 'gone'), false);
  });

  it('makes containers again without harm', async () => {
    await store().write(container, 'kept', 'x');
    await store().ensureContainers();
    assert.equal(await store().exists(container, 'kept'), true);
  });
}
