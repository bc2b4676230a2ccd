/** Tag for the text of a script: raw but for an escaped `${`, without the common indentation, as a byte string in UTF-8. */
export function source(strings: TemplateStringsArray): string {
  const lines = (strings.raw[0] ?? '').replace(/^\n/, '').split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  const indent = Math.min(...indents);
  const text = lines.map((line) => line.slice(indent)).join('\n');
  return Buffer.from(text.replace(/ +$/, '').replaceAll('\\${', '${'), 'utf8').toString('latin1');
}
