/** Lines up rows of text under their headings; columns whose cells are all numbers lean right. */
export function toTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const isNumeric = headings.map((_, column) => rows.every((row) => /^[±+−]?[\d.,]* ?%?$/.test(row[column] ?? '')));
  const toLine = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (isNumeric[column] === true ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [toLine(headings), toLine(widths.map((width) => '─'.repeat(width))), ...rows.map(toLine)].join('\n');
}
