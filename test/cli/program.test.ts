import assert from 'node:assert/strict';
import type { Command } from 'commander';
import { CommanderError } from 'commander';
import { createProgram } from '../../cli/program.ts';
import { WORKER_ROLES } from '../../domain/names.ts';

const COLUMNS = 80;

describe('the barometer command', () => {
  /** Parses a command line and catches what would be printed and how the process would end; no command is carried out. */
  async function parse(...args: string[]) {
    const program = createProgram();
    const printed = { out: '', err: '' };
    let carriedOut: Record<string, unknown> | null = null;
    for (const command of allOf(program)) {
      command.exitOverride();
      command.configureOutput({
        writeOut: (text) => { printed.out += text; },
        writeErr: (text) => { printed.err += text; },
        getOutHelpWidth: () => COLUMNS,
        getErrHelpWidth: () => COLUMNS,
      });
      if (command.commands.length === 0) command.action(() => { carriedOut = command.opts(); });
    }
    const error: unknown = await program.parseAsync(args, { from: 'user' }).then(() => null, (reason: unknown) => reason);
    assert.ok(error === null || error instanceof CommanderError, String(error));
    return { ...printed, exitCode: error?.exitCode ?? 0, options: carriedOut as Record<string, unknown> | null };
  }

  const names = namesOf(createProgram()).map((path) => path.split(' ').slice(1));

  it('has the commands that its description promises', () => {
    for (const name of ['up', 'import', 'run', 'runs', 'cancel', 'retry', 'approve', 'reject', 'predict', 'models', 'datasets', 'rollout', 'logs', 'port-forward', 'doctor', 'worker', 'api']) {
      assert.ok(names.some(([first]) => first === name), name);
    }
  });

  for (const path of names) {
    it(`explains ${['barometer', ...path].join(' ')} within ${COLUMNS} columns`, async () => {
      const { out, exitCode, options } = await parse(...path, '--help');
      assert.equal(exitCode, 0);
      assert.equal(options, null);
      assert.match(out, new RegExp(`^Usage: ${['barometer', ...path].join(' ')}`));
      for (const line of out.split('\n')) assert.ok(line.length <= COLUMNS, line);
      const [, description = ''] = out.split('\n\n');
      assert.match(description, /^\w(?!ptions:|ommands:|rguments:)/, 'it says what it does');
    });

    it(`refuses an option of ${['barometer', ...path].join(' ')} that there is none`, async () => {
      // Asked for before anything is said about options that there are not.
      const required = path.includes('sheet') ? ['--out', 'sheet.png'] : [];
      const { exitCode, err, options } = await parse(...path, ...required, '--frobnicate');
      assert.notEqual(exitCode, 0);
      assert.match(err, /unknown option '--frobnicate'/);
      assert.equal(options, null);
    });
  }

  it('suggests the command that was probably meant', async () => {
    const { exitCode, err } = await parse('modls');
    assert.notEqual(exitCode, 0);
    assert.match(err, /unknown command 'modls'\n\(Did you mean models\?\)/);
  });

  it('tells its version', async () => {
    const { out, exitCode } = await parse('--version');
    assert.match(out, /^\d+\.\d+\.\d+\n$/);
    assert.equal(exitCode, 0);
  });

  describe('worker', () => {
    it('has all roles when none is named', async () => {
      assert.deepEqual((await parse('worker')).options, { role: [...WORKER_ROLES] });
    });

    it('takes one role or several, each once', async () => {
      assert.deepEqual((await parse('worker', '--role', 'train')).options, { role: ['train'] });
      assert.deepEqual((await parse('worker', '--role', 'data, pipeline,data')).options, { role: ['data', 'pipeline'] });
    });

    it('refuses what is no role, and names those that there are', async () => {
      for (const roles of ['cook', 'data,cook', '', 'data,']) {
        const { exitCode, err, options } = await parse('worker', '--role', roles);
        assert.notEqual(exitCode, 0, roles);
        assert.equal(options, null);
        assert.match(err, /the roles are pipeline, data, train, deploy\./);
      }
    });
  });

  describe('run', () => {
    it('does everything when nothing is said', async () => {
      const { options } = await parse('run');
      assert.deepEqual(options, { process: true, split: true, splitRatio: 0.2, train: true, compute: 'local', candidates: 1, cache: true, reporter: 'terminal', wait: true });
    });

    it('lets every step be switched on and off', async () => {
      const { options } = await parse('run', '--no-process', '--no-split', '--no-train', '--deploy', '--no-wait');
      const { process: processes, split, train, deploy, wait } = options!;
      assert.deepEqual({ processes, split, train, deploy, wait }, { processes: false, split: false, train: false, deploy: true, wait: false });
      assert.equal((await parse('run', '--no-deploy', '--process')).options!['deploy'], false);
      assert.equal((await parse('run', '--crop-faces')).options!['cropFaces'], true);
    });

    it('reads numbers', async () => {
      const { options } = await parse('run', '--split-ratio', '0.3', '--epochs', '2', '--seed', '7');
      const { splitRatio, epochs, seed } = options!;
      assert.deepEqual({ splitRatio, epochs, seed }, { splitRatio: 0.3, epochs: 2, seed: 7 });
      assert.equal((await parse('run', '--seed', '0')).options!['seed'], 0);
    });

    it('waits for a person when told to, and for so long', async () => {
      const { approval, approvalLimit } = (await parse('run', '--approval', '--approval-limit', '0.5')).options!;
      assert.deepEqual({ approval, approvalLimit }, { approval: true, approvalLimit: 0.5 });
    });

    for (const bad of [['--split-ratio', '0'], ['--split-ratio', '1'], ['--split-ratio', '20%'], ['--epochs', '0'], ['--epochs', '1.5'], ['--seed', 'x'], ['--seed', '-1'], ['--seed', ''], ['--compute', 'abacus'], ['--approval-limit', '0'], ['--approval-limit', '721'], ['--approval-limit', 'soon']]) {
      it(`refuses ${bad.join(' ')}`, async () => {
        const { exitCode, err, options } = await parse('run', ...bad);
        assert.notEqual(exitCode, 0);
        assert.equal(options, null);
        assert.match(err, new RegExp(bad[0]!));
      });
    }
  });

  it('asks for what a command can\'t do without', async () => {
    for (const [command, missing] of [['import', 'source'], ['predict', 'file'], ['models show', 'version'], ['datasets sheet --out sheet.png', 'version'], ['runs show', 'run'], ['runs compare', 'a'], ['cancel', 'run'], ['retry', 'run'], ['approve', 'run'], ['reject', 'run']] as const) {
      const { exitCode, err } = await parse(...command.split(' '));
      assert.notEqual(exitCode, 0, command);
      assert.match(err, new RegExp(`missing required argument '${missing}'`));
    }
    assert.match((await parse('datasets', 'sheet', 'latest')).err, /required option '--out <file>' not specified/);
  });
});

function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allOf)];
}

/** `barometer`, `barometer up`, `barometer models show`, … */
function namesOf(command: Command, before = ''): string[] {
  const name = `${before}${command.name()}`;
  return [name, ...command.commands.flatMap((each) => namesOf(each, `${name} `))];
}
