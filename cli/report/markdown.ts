/**
 * Markdown for GitHub, put together from text that is not ours: notes, reasons and names say what they say, and can neither
 * break a table nor bring a link, a picture, HTML or somebody's attention.
 */

/** Text of one line, as it is to be read. Line breaks become spaces. */
export function toText(text: string): string {
  return (
    text
      .replaceAll(/\s+/g, ' ')
      .trim()
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll(/[\\`*_[\]|~$#]/g, '\\$&')
      // Lists and rules begin a line only.
      .replace(/^(?:[-+=]|\d+(?=[.)](?:\s|$)))/, (start) => (/\d/.test(start) ? `${start}&#8203;` : `\\${start}`))
      // People are told of comments that name them, and issues list who names them: a space of no width keeps both from it.
      .replaceAll(/(@|\\#)(?=\w)/g, '$1&#8203;')
  );
}

/** Text of many lines, every one as it is to be read. */
export function toLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => toText(line))
    .filter((line) => line !== '')
    .join('<br>');
}

/** Text in the type of code, also where it holds backticks; fit for a table's cell. */
export function toCode(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim().replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...flat.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${flat}${fence}` : `${fence} ${flat} ${fence}`;
}

/** Commands that a person can copy. */
export function toCommands(commands: readonly string[]): string {
  return ['```sh', ...commands.map((command) => command.replaceAll(/\s+/g, ' ')), '```'].join('\n');
}

/** A link, with a text that is Markdown already. Nothing but the text where the address is none that a browser opens. */
export function toLink(markdown: string, url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return markdown;
  return `[${markdown}](${parsed.href.replaceAll(/[()|]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)})`;
}

export type Align = 'left' | 'right' | 'centre';
const RULES: Readonly<Record<Align, string>> = { left: '---', right: '---:', centre: ':-:' };

/** A table whose cells are Markdown already. */
export function toMarkdownTable(columns: readonly (readonly [heading: string, align: Align])[], rows: readonly (readonly string[])[]): string {
  const toLine = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [toLine(columns.map(([heading]) => heading)), toLine(columns.map(([, align]) => RULES[align])), ...rows.map(toLine)].join('\n');
}

/** For an attribute in double quotes. */
export function toAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Whole where it is short enough, else its beginning with a mark of what is missing. */
export function shorten(text: string, mostCharacters: number): string {
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters - 1).trimEnd()}…`;
}
