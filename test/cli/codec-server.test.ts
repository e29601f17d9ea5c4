import assert from 'node:assert/strict';
import { runBarometer, startBarometer } from '../support/barometer.ts';
import { until } from '../support/until.ts';

const KEYS = `a-key:${Buffer.alloc(32, 1).toString('base64')}`;
const PLAIN = { metadata: { encoding: Buffer.from('json/plain').toString('base64') }, data: Buffer.from('"hello"').toString('base64') };

describe('barometer codec-server', () => {
  it('answers pages of the UI on this machine until it is told to end', async () => {
    const server = startBarometer(['codec-server', '--port', '0'], { BAROMETER_PAYLOAD_KEYS: KEYS, BAROMETER_TEMPORAL_UI_PORT: '18233' });
    await until(() => server.output().includes('Ctrl-C') || server.process.exitCode !== null);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(server.output())![0];
    for (const [origin, status] of [['http://127.0.0.1:18233', 200], ['http://localhost:18233', 200], ['http://127.0.0.1:8080', 403]] as const) {
      const response = await fetch(`${url}/encode`, { method: 'POST', headers: { origin }, body: JSON.stringify({ payloads: [PLAIN] }) });
      assert.equal(response.status, status, origin);
    }
    assert.equal((await server.stop()).exitCode, 0);
    assert.ok(!server.output().includes(KEYS.split(':')[1]!));
  });

  it('does not begin without a key, and says which setting to make', async () => {
    const { exitCode, stderr } = await runBarometer(['codec-server'], { BAROMETER_PAYLOAD_KEYS: '' });
    assert.equal(exitCode, 1);
    assert.match(stderr, /set BAROMETER_PAYLOAD_KEYS/);
  });
});
