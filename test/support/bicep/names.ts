/** What Bicep brings along: its functions, as far as the templates use them, and its words. */
const OF_BICEP = new Set([
  ...['guid', 'uniqueString', 'resourceGroup', 'subscription', 'subscriptionResourceId', 'environment', 'empty', 'string'],
  ...['for', 'in', 'if', 'true', 'false', 'null', 'existing', 'targetScope'],
  ...['description', 'allowed', 'minLength', 'maxLength', 'minValue', 'maxValue'],
]);
const DECLARATION = /^(param|var|resource|module|output)\s+(\w+)\s*(?:'[^']*'|(?:string|int|bool|array|object)\b)?/;

/** Names of one file that nobody declares, and parameters and variables that nobody uses. */
export function findNameProblems(source: string): string[] {
  const declared = new Map<string, string>();
  const used = new Set<string>();
  for (const line of source.split('\n')) {
    const [head = '', kind, name] = DECLARATION.exec(line) ?? [];
    if (kind !== undefined && kind !== 'output') declared.set(name!, kind);
    for (const each of toNames(line.slice(head.length))) used.add(each);
  }
  for (const [, name] of source.matchAll(/\[for (\w+) in /g)) declared.set(name!, 'for');
  const unknown = [...used].filter((name) => !declared.has(name) && !OF_BICEP.has(name));
  const idle = [...declared].filter(([name, kind]) => (kind === 'param' || kind === 'var') && !used.has(name));
  return [...unknown.map((name) => `nobody declares ${name}`), ...idle.map(([name, kind]) => `nobody uses the ${kind} ${name}`)];
}

/** Names that stand for values: no keys of objects, no properties, nothing in texts but in their `${…}`, no comments. */
function toNames(line: string): string[] {
  const values: string[] = [];
  const withoutTexts = line.replace(/'(?:\\.|\$\{[^}]*\}|[^'\\])*'/g, (text) => {
    for (const [, inner] of text.matchAll(/\$\{([^}]*)\}/g)) values.push(...toNames(inner!));
    return "''";
  });
  // What a loop goes over looks like a key.
  const code = withoutTexts.replace(/\/\/.*$/, '').replace(/( in \w+):/, '$1');
  for (const { 0: name, index } of code.matchAll(/[A-Za-z_]\w*/g)) {
    const before = code[index - 1] ?? '';
    const isKey = /^\s*:(?!:)/.test(code.slice(index + name.length)) && !/\?[^:]*$/.test(code.slice(0, index));
    if (!/[.\w]/.test(before) && !isKey) values.push(name);
  }
  return values;
}
