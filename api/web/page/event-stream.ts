/** One Server-Sent Event: its name (`message` when it says none) and its data. */
export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

const BROKEN = { done: true, value: undefined } as const;

const LINE_END = /\r\n|\n|\r(?!$)/;

/**
 * Reads Server-Sent Events (the `text/event-stream` of the HTML standard) as they come. The browser's own EventSource can't send a
 * key. A stream that breaks off ends like any other; an event that its end cuts off is dropped, as the standard says.
 *
 * @param onSign called for whatever comes, also comments: a sign of life
 */
export async function* readEvents(body: ReadableStream<Uint8Array>, onSign: () => void = () => undefined): AsyncGenerator<ServerEvent, void, undefined> {
  let name = '';
  let data: string[] = [];
  for await (const line of readLines(body, onSign)) {
    if (line === '') {
      if (data.length > 0) yield { name: name === '' ? 'message' : name, data: data.join('\n') };
      name = '';
      data = [];
      continue;
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') name = value;
    if (field === 'data') data.push(value);
  }
}

async function* readLines(body: ReadableStream<Uint8Array>, onSign: () => void): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => BROKEN);
      if (done) return;
      onSign();
      const lines = (rest + decoder.decode(value, { stream: true })).split(LINE_END);
      // A "\r" at the end may be half of a "\r\n": it waits in what is left over.
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
