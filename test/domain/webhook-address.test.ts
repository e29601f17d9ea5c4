import assert from 'node:assert/strict';
import { isWebhookAddress } from '../../domain/webhook-address.ts';

describe('the address of a webhook', () => {
  it('is one of https, or of http on this machine', () => {
    for (const url of ['https://sun.example/hook?x=1', 'https://sun.example:8443', 'http://localhost:9000/', 'http://127.0.0.1:9000/x', 'http://127.1/', 'http://[::1]:9000/']) {
      assert.ok(isWebhookAddress(url), url);
    }
  });

  it('is none that others could read on the way, that holds a password, or that is no address', () => {
    for (const url of ['http://sun.example/', 'http://127.0.0.1.sun.example/', 'http://localhost.sun.example', 'http://10.0.0.1/', 'https://ada:secret@sun.example/', 'https://sun.example/#top', 'file:///etc/passwd', 'ftp://sun.example', 'javascript:alert(1)', 'sun.example', '']) {
      assert.ok(!isWebhookAddress(url), url);
    }
  });
});
