import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { afterEach, beforeEach } from 'mocha';
import { createProgressLine, toBar } from '../../../cli/output/progress-line.ts';
import { createFakeStream } from '../../support/streams.ts';

describe('a progress line on a terminal', () => {
  it('changes in place, and leaves the last text standing', () => {
    const { stream, written, seen } = createFakeStream({ isTTY: true });
    const line = createProgressLine(stream);
    for (const text of ['one', 'two', 'three']) line.show(text);
    line.end();
    assert.match(written(), /one[^]*two[^]*three/);
    assert.deepEqual(seen(), ['three']);
  });

  it('ends with another text when given one, and begins anew below it', () => {
    const { stream, seen } = createFakeStream({ isTTY: true });
    const line = createProgressLine(stream);
    line.show('working');
    line.end('done');
    line.show('working on the next');
    line.end('done too');
    assert.deepEqual(seen(), ['done', 'done too']);
  });
});

describe('a progress line on a terminal of no lines', () => {
  it('leaves its texts as lines of their own', () => {
    const { stream, written } = createFakeStream({ isTTY: true });
    const line = createProgressLine(Object.assign(stream, { rows: 0 }));
    line.show('working');
    line.end('done');
    assert.equal(written(), 'done\n');
  });
});

describe('a progress line without a terminal', () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 10, 24) });
  });

  afterEach(() => {
    mock.timers.reset();
  });

  it('is printed every ten seconds at most', () => {
    const { stream, written } = createFakeStream({ isTTY: false });
    const line = createProgressLine(stream);
    for (let second = 1; second <= 25; second += 1) {
      mock.timers.tick(1_000);
      line.show(`after ${second} s`);
    }
    assert.equal(written(), 'after 10 s\nafter 20 s\n');
  });

  it('ends with its last text at any time, in plain text', () => {
    const { stream, written } = createFakeStream({ isTTY: false });
    const line = createProgressLine(stream);
    line.show('working');
    line.end('done');
    assert.equal(written(), 'done\n');
  });

  it('says nothing at its end when there is nothing more to say', () => {
    const { stream, written } = createFakeStream({ isTTY: false });
    createProgressLine(stream).end();
    assert.equal(written(), '');
  });
});

describe('a bar', () => {
  it('is as full as the work is done', () => {
    assert.equal(toBar(0, 4), `${'░'.repeat(30)} 0/4`);
    assert.equal(toBar(1, 4), `${'█'.repeat(8)}${'░'.repeat(22)} 1/4`);
    assert.equal(toBar(4, 4), `${'█'.repeat(30)} 4/4`);
  });

  it('counts alone when nobody knows how much there is', () => {
    assert.equal(toBar(7, undefined), '7');
    assert.equal(toBar(0, 0), '0');
  });

  it('does not overflow when there was more than was counted', () => {
    assert.equal(toBar(5, 4), `${'█'.repeat(30)} 5/4`);
  });
});
