import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { createAddressGuard, ForbiddenAddressError } from '../../../adapters/webhook/address-guard.ts';
import type { WebhookNetwork } from '../../../config/venue-webhooks.ts';

const PUBLIC = ['93.184.215.14', '172.32.0.1', '[2606:2800:21f:cb07::1]'];
const PRIVATE = ['127.0.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.20', '100.64.0.1', '[::1]', '[fd00::1]', '127.1', '2130706433', '0x7f.1'];
const NEVER = ['169.254.169.254', '0.0.0.0', '255.255.255.255', '224.0.0.1', '[::]', '[fe80::1]', '[::ffff:169.254.169.254]', '[::ffff:10.0.0.1]', '[64:ff9b::a9fe:a9fe]', '[2002:a9fe:a9fe::]', '2852039166'];

describe('the guard of addresses', () => {
  const isLetThrough = (network: WebhookNetwork, host: string) => {
    try {
      createAddressGuard(network).check(`https://${host}/hook`);
      return true;
    } catch (error) {
      assert.ok(error instanceof ForbiddenAddressError, String(error));
      return false;
    }
  };

  it('lets webhooks go to the internet alone, however an address is written', () => {
    for (const host of PUBLIC) assert.ok(isLetThrough('public', host), host);
    for (const host of [...PRIVATE, ...NEVER]) assert.ok(!isLetThrough('public', host), host);
  });

  it('lets them go into private networks where that is said, but never to where clouds keep secrets', () => {
    for (const host of [...PUBLIC, ...PRIVATE]) assert.ok(isLetThrough('private', host), host);
    for (const host of NEVER) assert.ok(!isLetThrough('private', host), host);
  });

  function lookUp(network: WebhookNetwork, all: boolean): Promise<string | readonly LookupAddress[]> {
    return new Promise((resolve, reject) => {
      createAddressGuard(network).lookup('localhost', { all }, (error, address) => {
        if (error === null) resolve(address);
        else reject(error);
      });
    });
  }

  it('tells sockets only addresses that they may connect to, and none where there are none', async () => {
    for (const all of [false, true]) await assert.rejects(lookUp('public', all), ForbiddenAddressError);
    const address = await lookUp('private', false);
    assert.ok(address === '127.0.0.1' || address === '::1');
    const addresses = (await lookUp('private', true)) as readonly LookupAddress[];
    assert.ok(addresses.length > 0 && addresses.every(({ address }) => ['127.0.0.1', '::1'].includes(address)));
  });
});
