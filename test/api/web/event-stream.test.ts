import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readEvents } from '../../../api/web/page/event-stream.ts';
import type { ServerEvent } from '../../../api/web/page/event-stream.ts';

function toStream(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<ServerEvent[]> {
  return Array.fromAsync(readEvents(stream));
}

describe('reading Server-Sent Events', () => {
  it('tells events apart by empty lines, whatever ends a line', async () => {
    const text = ': hello\n\nevent: mood\ndata: {"a": 1}\n\ndata:one\r\ndata: two\r\n\r\nid: 7\rdata\r\r\n';
    assert.deepEqual(await readAll(toStream(Buffer.from(text))), [
      { name: 'mood', data: '{"a": 1}' },
      { name: 'message', data: 'one\ntwo' },
      { name: 'message', data: '' },
    ]);
  });

  it('reads the same however the bytes are cut', async () => {
    const bytes = Buffer.from('event: mood\r\ndata: {"venue": "Zur Sönne ☀"}\r\n\r\n: alive\n\ndata: last: one\n\n');
    const whole = await readAll(toStream(bytes));
    assert.equal(whole.length, 2);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 0, max: bytes.length })), async (places) => {
        const cuts = [0, ...places.toSorted((a, b) => a - b), bytes.length];
        const chunks = cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
        assert.deepEqual(await readAll(toStream(...chunks)), whole);
      }),
    );
  });

  it('drops an event that the end cuts off', async () => {
    assert.deepEqual(await readAll(toStream(Buffer.from('data: whole\n\ndata: half\n'))), [{ name: 'message', data: 'whole' }]);
  });

  it('ends with a stream that breaks off, and takes comments for signs of life', async () => {
    let signs = 0;
    let pulls = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulls += 1;
        if (pulls === 1) controller.enqueue(Buffer.from(': alive\n\n'));
        else controller.error(new Error('gone'));
      },
    }, { highWaterMark: 0 });
    assert.deepEqual(await Array.fromAsync(readEvents(stream, () => (signs += 1))), []);
    assert.equal(signs, 1);
  });
});
