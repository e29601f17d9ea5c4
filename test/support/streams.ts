import { Writable } from 'node:stream';

/** Stands in for an output of the process, a terminal of 80 columns or none, and keeps what is written to it. */
export function createFakeStream({ isTTY }: { readonly isTTY: boolean }) {
  let written = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString();
      done();
    },
  });
  return {
    stream: Object.assign(stream, { isTTY, columns: 80, rows: 24 }) as unknown as NodeJS.WriteStream,
    written: () => written,
    /** What a person sees in the end: lines that were erased are gone. */
    seen: () => toSeen(written),
  };
}

// eslint-disable-next-line no-control-regex -- this is what terminals are told with
const CONTROLS = /\u001B\[(?<count>\d*)(?<what>[A-Za-z])|\u001B\[\?\d+[hl]/g;

/** Follows the few orders that are given here: up, erase line, to a column. */
function toSeen(written: string): string[] {
  const lines = [''];
  let row = 0;
  let rest = 0;
  const type = (text: string) => {
    for (const part of text.split(/(\n)/)) {
      if (part === '\n') {
        row += 1;
        lines[row] ??= '';
      } else lines[row] = `${lines[row] ?? ''}${part}`;
    }
  };
  for (const order of written.matchAll(CONTROLS)) {
    type(written.slice(rest, order.index));
    rest = order.index + order[0].length;
    const count = Number(order.groups?.['count'] ?? 1) || 1;
    if (order.groups?.['what'] === 'A') row -= count;
    else if (order.groups?.['what'] === 'K') lines[row] = '';
    else if (order.groups?.['what'] === 'J') lines.splice(row, lines.length, '');
  }
  type(written.slice(rest));
  return lines.filter((line) => line !== '');
}
