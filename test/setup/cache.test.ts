import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../setup/cache.js';
import { runSetup, useTemporaryDir } from './separate-process.ts';

// Fills an entry slowly, and notes that it did.
const FILL = `
  const { ensureInCache } = await load('cache');
  const { appendFileSync, writeFileSync } = await import('node:fs');
  await ensureInCache('entry-1', async (dir) => {
    appendFileSync(process.env.NOTES, 'filled;');
    writeFileSync(dir + '/half', '');
    await new Promise((resolve) => setTimeout(resolve, 500));
    writeFileSync(dir + '/whole', '');
  });`;

describe('the cache', () => {
  const dir = useTemporaryDir();
  const environment = () => ({ BAROMETER_CACHE_DIR: join(dir(), 'cache'), NOTES: join(dir(), 'notes') });

  it('is where BAROMETER_CACHE_DIR says, else where XDG says, else in the home directory', () => {
    assert.equal(cacheDir({ BAROMETER_CACHE_DIR: '/a', XDG_CACHE_HOME: '/b' }), '/a');
    assert.equal(cacheDir({ XDG_CACHE_HOME: '/b' }), '/b/barometer');
    assert.match(cacheDir({}), /\/\.cache\/barometer$/);
  });

  it('makes an entry once, though two ask for it at the same time', async () => {
    const endings = await Promise.all([runSetup(FILL, environment()), runSetup(FILL, environment())]);
    assert.deepEqual(endings.map(({ code }) => code), [0, 0]);
    assert.equal(readFileSync(environment().NOTES, 'utf8'), 'filled;');
    assert.deepEqual(readdirSync(join(dir(), 'cache')), ['entry-1']);
    assert.deepEqual(readdirSync(join(dir(), 'cache/entry-1')).sort(), ['half', 'whole']);
  });

  it('makes many entries at a time', async () => {
    const code = `const { ensureInCache } = await load('cache');
      const wait = () => new Promise((resolve) => setTimeout(resolve, 100));
      await Promise.all(Array.from({ length: 12 }, (_, i) => ensureInCache('entry-' + i, wait)));`;
    assert.deepEqual(await runSetup(code, environment()), { code: 0, stdout: '', stderr: '' });
    assert.equal(readdirSync(join(dir(), 'cache')).length, 12);
  });

  it('lets other users read an entry, as in an image', async () => {
    await runSetup(FILL, environment());
    assert.equal(statSync(join(dir(), 'cache/entry-1')).mode & 0o777, 0o755);
  });

  it('holds nothing of an entry that failed half-way, and makes it the next time', async () => {
    const failing = FILL.replace('await new Promise', 'throw new Error("no space"); await new Promise');
    const { code, stderr } = await runSetup(failing, environment());
    assert.equal(code, 1);
    assert.match(stderr, /no space/);
    assert.deepEqual(readdirSync(join(dir(), 'cache')), []);
    assert.equal((await runSetup(FILL, environment())).code, 0);
    assert.ok(existsSync(join(dir(), 'cache/entry-1/whole')));
  });

  it('waits for a holder that lives, and takes over from one that died', async () => {
    const lock = join(dir(), 'cache/entry-1.lock');
    mkdirSync(join(dir(), 'cache'));
    writeFileSync(lock, '');
    const waiting = runSetup(FILL, environment());
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.ok(!existsSync(environment().NOTES), 'a fresh lock is respected');
    const aMinuteAgo = new Date(Date.now() - 60_000);
    utimesSync(lock, aMinuteAgo, aMinuteAgo);
    const { code, stderr } = await waiting;
    assert.equal(code, 0);
    assert.match(stderr, /another set-up is at work/);
    assert.deepEqual(readdirSync(join(dir(), 'cache')), ['entry-1']);
  });

  it('is left clean by a set-up that is interrupted, with its commands ended', async () => {
    const code = `
      const { exitOnSignals } = await load('child');
      const { ensureInCache } = await load('cache');
      const { runCommand } = await load('command');
      exitOnSignals();
      setTimeout(() => process.kill(process.pid, 'SIGTERM'), 500);
      await ensureInCache('entry-1', () => runCommand('/bin/sh', ['-c', 'echo $$ > "$NOTES"; exec sleep 30'], { log: process.env.NOTES + '.log' }));`;
    const ending = await runSetup(code, environment());
    assert.equal(ending.code, 143);
    assert.deepEqual(readdirSync(join(dir(), 'cache')), []);
    const pid = Number(readFileSync(environment().NOTES, 'utf8'));
    assert.ok(pid > 0);
    for (const giveUpAt = Date.now() + 5_000; isAlive(pid) && Date.now() < giveUpAt; ) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(!isAlive(pid));
  });

  it('says which variable helps when it can not be written', async () => {
    writeFileSync(join(dir(), 'cache'), 'a file where the directory should be');
    const { code, stderr } = await runSetup(FILL, environment());
    assert.equal(code, 1);
    assert.match(stderr, /Set BAROMETER_CACHE_DIR/);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
