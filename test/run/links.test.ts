import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTemporaryDir } from '../setup/separate-process.ts';
import { findBrokenLinks } from './links.js';

describe('the check of links', () => {
  const dir = useTemporaryDir();
  const write = (path: string, content: string): void => {
    mkdirSync(join(dir(), path, '..'), { recursive: true });
    writeFileSync(join(dir(), path), content);
  };

  it('finds links to files that are not there', () => {
    write('README.md', '[a](docs/a.md) ![b](missing.png) [c](docs/gone.md#part "title")');
    write('docs/a.md', '[up](../README.md) [wrong](README.md)');
    assert.deepEqual(findBrokenLinks(dir()).sort(), ['README.md: docs/gone.md#part', 'README.md: missing.png', 'docs/a.md: README.md']);
  });

  it('leaves alone what leads elsewhere, to a heading, or is code', () => {
    write('README.md', '[a](https://example.org/x.md) [b](#part) [c](mailto:a@example.org) `[d](x.md)`\n```\n[e](y.md)\n```\n[f](/docs/)');
    write('docs/a.md', '');
    write('node_modules/x/README.md', '[g](gone.md)');
    assert.deepEqual(findBrokenLinks(dir()), []);
  });
});
