import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { dirname, extname, join, sep } from 'node:path';

// Where one file names another: imports of each kind, and the programs of threads.
const NAMED = /(?<=\b(?:from |import |import\(|new URL\()'[^'\n]+)\.ts(?=')/g;

// The modules of pages are for browsers: the API strips them when they are asked for, and serves them under their own names.
const OF_BROWSERS = `${sep}web${sep}`;

/**
 * A TypeScript module as JavaScript, naming others as such. Everything stays in its line and column, so that stack traces say where it
 * is in the source.
 *
 * @param {string} source
 * @returns {string}
 */
export function toJavaScript(source) {
  return module.stripTypeScriptTypes(source).replaceAll(NAMED, '.js');
}

/**
 * Writes a program to `dir`: what these folders of `root` hold, TypeScript as JavaScript, all else as it is.
 *
 * @param {string} root
 * @param {readonly string[]} folders
 * @param {string} dir
 */
export function writeProgram(root, folders, dir) {
  for (const file of folders.flatMap((folder) => list(root, folder))) {
    const [source, target] = [join(root, file), join(dir, file)];
    mkdirSync(dirname(target), { recursive: true });
    if (extname(file) !== '.ts' || file.includes(OF_BROWSERS)) cpSync(source, target);
    else writeFileSync(target.replace(/\.ts$/, '.js'), toJavaScript(readFileSync(source, 'utf8')));
  }
}

/**
 * @param {string} root
 * @param {string} folder
 */
function list(root, folder) {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}
