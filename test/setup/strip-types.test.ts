import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toJavaScript, writeProgram } from '../../setup/strip-types.js';
import { useTemporaryDir } from './separate-process.ts';

describe('a program as JavaScript', () => {
  const dir = useTemporaryDir();

  it('has everything in the line and column of its source', () => {
    const source = "import type { A } from './a.ts';\nconst a: A = { b: 1 } satisfies A;\n\nexport function f<T>(x: T): T {\n  throw new Error('x');\n}\n";
    const stripped = toJavaScript(source);
    assert.deepEqual(stripped.split('\n').map((line) => line.indexOf('throw')), source.split('\n').map((line) => line.indexOf('throw')));
    assert.equal(stripped.length, source.length);
  });

  it('names the files of the program as what they are now, wherever it does, and changes no other text', () => {
    const source = ["import './a.ts';", "import { b } from './b.ts';", "export * from '../c.ts';", "await import('./d.ts');", "new URL('e.ts', import.meta.url);", "extname(file) === '.ts';"];
    const expected = ["import './a.js';", "import { b } from './b.js';", "export * from '../c.js';", "await import('./d.js');", "new URL('e.js', import.meta.url);", "extname(file) === '.ts';"];
    assert.equal(toJavaScript(source.join('\n')), expected.join('\n'));
  });

  it('does what its source does, and leaves to browsers what is theirs', () => {
    const write = (file: string, text: string) => {
      mkdirSync(join(dir(), 'source', file, '..'), { recursive: true });
      writeFileSync(join(dir(), 'source', file), text);
    };
    write('api/main.ts', "import { greet } from '../domain/greet.ts';\nconst name: string = 'you';\nconsole.log(greet(name));\n");
    write('domain/greet.ts', 'export function greet(name: string): string {\n  return `hello ${name}`;\n}\n');
    write('api/web/page/dom.ts', 'export const a: number = 1;\n');
    write('api/web/page.css', 'a {}\n');
    const target = join(dir(), 'target');
    writeProgram(join(dir(), 'source'), ['domain', 'api'], target);
    writeFileSync(join(target, 'package.json'), '{ "type": "module" }');
    assert.equal(execFileSync(process.execPath, [join(target, 'api', 'main.js')], { encoding: 'utf8' }), 'hello you\n');
    assert.deepEqual(readdirSync(join(target, 'api', 'web'), { recursive: true }).sort(), ['page', 'page.css', 'page/dom.ts']);
    assert.equal(readFileSync(join(target, 'api', 'web', 'page', 'dom.ts'), 'utf8'), 'export const a: number = 1;\n');
  });
});
