/** As wide as terminals are by custom. */
export const COLUMNS = 80;
const INDENT = '  ';

/** Names with what there is to say of each; what does not fit into a line goes on below itself. */
export function toFacts(facts: readonly (readonly [string, string])[]): string {
  const nameWidth = Math.max(...facts.map(([name]) => name.length)) + 2;
  const below = `\n${INDENT}${' '.repeat(nameWidth)}`;
  const width = COLUMNS - INDENT.length - nameWidth;
  return facts.map(([name, text]) => `${INDENT}${name.padEnd(nameWidth)}${wrap(text, width).join(below)}`).join('\n');
}

/** Breaks between words; a word that is longer than a line stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
