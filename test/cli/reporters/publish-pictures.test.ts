import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { publishPictures } from '../../../cli/reporters/publish-pictures.ts';
import type { Picture } from '../../../cli/reporters/draw-pictures.ts';

const PICTURES: Picture[] = [{ name: 'confusion', svg: '<svg/>', png: Buffer.from('png') }];

async function publish(endpoint: string): Promise<{ written: string[]; addresses: { curves: string | null; confusion: string | null } }> {
  const written: string[] = [];
  const blobs = {
    async write(container: string, name: string) {
      written.push(`${container}/${name}`);
      return Promise.resolve('"etag"');
    },
  };
  const storage = { connectionString: `DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=a2V5;BlobEndpoint=${endpoint}` };
  return { addresses: await publishPictures(PICTURES, 'a-run', storage, blobs), written };
}

describe('the pictures of a report', () => {
  it('are put beside the run and linked with a signature, where GitHub can reach the account', async () => {
    const { written, addresses } = await publish('https://acme.blob.core.windows.net');
    assert.deepEqual(written, ['runs/a-run/report/confusion.png']);
    assert.match(addresses.confusion!, /^https:\/\/acme\.blob\.core\.windows\.net\/runs\/a-run\/report\/confusion\.png\?.*sig=/);
    assert.equal(addresses.curves, null);
  });

  it('stay where they are, where it can\'t', async () => {
    assert.deepEqual(await publish('http://127.0.0.1:10000/acme'), { written: [], addresses: { curves: null, confusion: null } });
  });
});
