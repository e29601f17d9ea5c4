import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const LINK = /\]\(<?([^()\s>]+)>?(?:\s+"[^"]*")?\)/g;
const CODE = /^(```|~~~)[\s\S]*?^\1|`[^`\n]*`/gm;
const SKIPPED = new Set(['node_modules', 'coverage']);

/**
 * The links of the repository's Markdown files that lead to no file of it, as "file: link". Headings are not checked.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function findBrokenLinks(root) {
  return findPages(root).flatMap((page) =>
    [...readFileSync(page, 'utf8').replace(CODE, '').matchAll(LINK)]
      .map(([, target = '']) => target)
      .filter((target) => !leads(root, page, target))
      .map((target) => `${relative(root, page)}: ${target}`),
  );
}

/**
 * @param {string} root
 * @param {string} page
 * @param {string} target
 */
function leads(root, page, target) {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return true;
  const [path = ''] = decodeURIComponent(target).split(/[?#]/);
  return path === '' || existsSync(path.startsWith('/') ? join(root, path) : join(dirname(page), path));
}

/**
 * @param {string} dir
 * @returns {string[]}
 */
function findPages(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) || (entry.name.startsWith('.') && entry.name !== '.github') ? [] : findPages(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}
