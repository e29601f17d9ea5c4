import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureInCache, logFile } from '../../setup/cache.js';
import { runCommand } from '../../setup/command.js';
import { ensureGo } from '../../setup/go.js';
import { step } from '../../setup/progress.js';

export interface GoPrograms {
  /** Their directory in the cache; it carries the version, as `etcd-3.6.16`. */
  readonly name: string;
  /** How long it takes the first time, as in "4 minutes". */
  readonly duration: string;
  /** File name of each program, and the import path of its main package. */
  readonly packages: Readonly<Record<string, string>>;
  /** The whole go.mod of the build, as modules with `replace` directives need it; the modules come from the Go proxy. */
  readonly goMod: string | ((go: string) => Promise<string>);
  /** The source of a main package of our own. */
  readonly source?: string;
  readonly ldflags?: string;
}

/** Nothing is inlined, and nothing is noted for debuggers: a third less to compile, for programs that have little to do. */
const GCFLAGS = 'all=-l -dwarf=false';

/**
 * The directory of programs that tests need and that come as Go source: built once, without cgo, and kept in the cache.
 *
 * @throws SetupProblem with the end of the compiler's output
 */
export async function ensureGoPrograms({ name, duration, packages, goMod, source, ldflags = '' }: GoPrograms): Promise<string> {
  const log = logFile(name);
  return ensureInCache(name, async (directory) => {
    const go = await ensureGo(`build ${name}`);
    const module = join(directory, 'module');
    mkdirSync(module);
    writeFileSync(join(module, 'go.mod'), typeof goMod === 'string' ? goMod : await goMod(go));
    if (source !== undefined) writeFileSync(join(module, 'main.go'), source);
    const programs = Object.entries(packages);
    let built = 0;
    await step(
      `building ${name} from source (${duration}, once)`,
      async () => {
        for (const [program, importPath] of programs) {
          const args = ['build', '-mod=mod', '-trimpath', '-buildvcs=false', '-gcflags', GCFLAGS, '-ldflags', `-s -w ${ldflags}`, '-o', join(directory, program), importPath];
          await runCommand(go, args, { cwd: module, log, env: { CGO_ENABLED: '0', GOFLAGS: '', GOTOOLCHAIN: 'local' } });
          built += 1;
        }
      },
      () => `${built} of ${programs.length} programs`,
    );
    rmSync(module, { recursive: true });
  });
}

/** The text of a module's own go.mod. */
export async function readGoMod(go: string, module: string, version: string): Promise<string> {
  const lines: string[] = [];
  await runCommand(go, ['mod', 'download', '-json', `${module}@${version}`], {
    log: logFile('go-mod'),
    env: { GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' },
    onLine: (line) => lines.push(line),
  });
  const { GoMod } = JSON.parse(lines.join('\n')) as { GoMod: string };
  return readFile(GoMod, 'utf8');
}
