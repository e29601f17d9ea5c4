import assert from 'node:assert/strict';
import { toApiKeyDigest } from '../../adapters/blob-storage/api-key-digest.ts';
import type { KeyKnowledge, KeyRing, KeySource } from '../../api/key-ring.ts';
import { createKeyRing } from '../../api/key-ring.ts';
import type { ApiKeyRecord } from '../../domain/api-key.ts';
import { Failure } from '../../domain/failure.ts';
import { createTestLogger } from '../support/api.ts';
import { until } from '../support/until.ts';

const KEYS = ['a', 'b'].map((letter) => `bm_${letter.repeat(12)}_${letter.repeat(43)}`) as [string, string];

function toRecord(key: string, changes: Partial<ApiKeyRecord> = {}): ApiKeyRecord {
  return { id: key.split('_')[1]!, venue: 'the-sun', name: '', digest: toApiKeyDigest(key).toString('hex'), createdAt: '2026-11-25T12:00:00.000Z', expiresAt: null, revokedAt: null, ...changes };
}

describe('the key ring', () => {
  let ring: KeyRing | undefined;
  afterEach(() => ring?.close());

  /** Stored keys that a test changes; null when none was ever made, an error when they can't be read. */
  function setUp(first: readonly ApiKeyRecord[] | null | Error, pollMs = 60_000) {
    let stored = first;
    let version = 0;
    const asked = { whole: 0, changed: 0 };
    function read() {
      if (stored instanceof Error) return Promise.reject(stored);
      return Promise.resolve(stored === null ? null : { keys: [...stored], etag: `"${version}"` });
    }
    const source: KeySource = {
      find() {
        asked.whole += 1;
        return read();
      },
      findIfChanged(etag) {
        asked.changed += 1;
        return etag === `"${version}"` && Array.isArray(stored) ? Promise.resolve('unchanged') : read();
      },
    };
    const { logger, lines } = createTestLogger();
    const heard: KeyKnowledge[] = [];
    const made = createKeyRing({ source, pollMs, logger, onKnowledge: (knowledge) => heard.push(knowledge) });
    ring = made;
    function store(next: readonly ApiKeyRecord[] | null | Error): void {
      stored = next;
      version += 1;
    }
    async function change(next: readonly ApiKeyRecord[] | null | Error): Promise<void> {
      store(next);
      await made.refresh();
    }
    return { ring: made, store, change, lines, heard, asked };
  }

  it('knows whose a key is, and nobody by anything else', async () => {
    const { ring } = setUp([toRecord(KEYS[0]), toRecord(KEYS[1], { venue: 'the-moon' })]);
    await ring.refresh();
    assert.deepEqual(KEYS.map((key) => ring.findHolder(key)), [{ id: 'aaaaaaaaaaaa', venue: 'the-sun' }, { id: 'bbbbbbbbbbbb', venue: 'the-moon' }]);
    const digest = toRecord(KEYS[0]).digest;
    const others = ['', 'bm_', KEYS[0].slice(0, -1), `${KEYS[0]}a`, KEYS[0].toUpperCase(), `bm_aaaaaaaaaaaa_${'b'.repeat(43)}`, `bm_cccccccccccc_${'a'.repeat(43)}`, digest, `bm_aaaaaaaaaaaa_${digest.slice(0, 43)}`];
    for (const other of others) assert.equal(ring.findHolder(other), null, other);
  });

  it('takes no key that is revoked or has expired, without being told anew', async () => {
    const soon = new Date(Date.now() + 150).toISOString();
    const { ring } = setUp([toRecord(KEYS[0], { revokedAt: '2026-11-25T12:00:00.000Z' }), toRecord(KEYS[1], { expiresAt: soon })]);
    await ring.refresh();
    assert.equal(ring.findHolder(KEYS[0]), null);
    assert.ok(ring.findHolder(KEYS[1]));
    await until(() => ring.findHolder(KEYS[1]) === null);
    assert.ok(Date.now() >= Date.parse(soon));
  });

  it('follows what is stored by itself, and asks for the whole of it only when it has changed', async () => {
    const { ring, store, asked } = setUp([toRecord(KEYS[0])], 5);
    await until(() => ring.findHolder(KEYS[0]) !== null && asked.changed > 2);
    assert.equal(asked.whole, 1);
    store([toRecord(KEYS[1])]);
    await until(() => ring.findHolder(KEYS[1]) !== null);
    assert.equal(ring.findHolder(KEYS[0]), null);
  });

  it('leaves the known keys in force while they can\'t be read, and says so once', async () => {
    const { ring, change, lines } = setUp([toRecord(KEYS[0])]);
    await ring.refresh();
    for (let times = 0; times < 3; times += 1) await change(new Failure('dependency-unavailable', 'away'));
    assert.ok(ring.findHolder(KEYS[0]));
    assert.equal(lines.filter(({ level }) => level === 'warn').length, 1);
    await change([]);
    assert.equal(ring.findHolder(KEYS[0]), null);
    assert.ok(lines.some(({ msg }) => msg === 'the keys can be read again'));
  });

  it('tells that nothing is known yet from that there are none', async () => {
    const { ring, change, heard } = setUp(new Failure('dependency-unavailable', 'away'));
    await ring.refresh();
    assert.equal(ring.knowledge(), 'unknown');
    await change(null);
    assert.equal(ring.knowledge(), 'none');
    await change([toRecord(KEYS[0])]);
    assert.equal(ring.knowledge(), 'some');
    assert.deepEqual(heard, ['none', 'some']);
  });

  it('does not open what was closed when the keys are lost or all revoked', async () => {
    const { ring, change } = setUp([toRecord(KEYS[0])]);
    await ring.refresh();
    await change([toRecord(KEYS[0], { revokedAt: '2026-11-25T12:00:00.000Z' })]);
    assert.equal(ring.knowledge(), 'some');
    await change(null);
    assert.equal(ring.knowledge(), 'some');
    assert.equal(ring.findHolder(KEYS[0]), null);
  });
});
