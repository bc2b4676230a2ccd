/** The simple commands of a shell text, as far as a hint to its author needs them. Not a parser: nothing is run by what
 *  this says, and where it is unsure it sees fewer commands rather than wrong ones. */

const TOKEN =
  /(?<blank>[ \t]+|\\\n)|(?<heredoc><<(?!<))|(?<redirect>\d*[<>]+[&|]?|&>+)|(?<end>[;&|()`\n]+)|'(?<single>[^']*)'|"(?<double>(?:\\[^\n]|[^"\\])*)"|\\(?<escaped>.)|(?<plain>[^\s;&|()`<>'"\\]+|.)/gs;

/** Words without their quotes, one list for each command. */
export function simpleCommands(text: string): string[][] {
  const commands: string[][] = [[]];
  let word: string | undefined;
  let isTarget = false;
  let isComment = false;
  const endWord = () => {
    if (word === undefined) return;
    if (!isTarget) commands.at(-1)?.push(word);
    isTarget = false;
    word = undefined;
  };
  for (const { 0: token, groups = {} } of text.matchAll(TOKEN)) {
    const { blank, heredoc, redirect, end, single, double, escaped, plain } = groups;
    if (isComment && !end?.includes('\n')) continue;
    isComment = word === undefined && plain?.startsWith('#') === true;
    if (isComment) continue;
    // What follows is data of the command, and looks like commands.
    if (heredoc !== undefined) break;
    if (blank !== undefined) endWord();
    else if (redirect !== undefined) {
      endWord();
      isTarget = true;
    } else if (end !== undefined) {
      endWord();
      isTarget = false;
      commands.push([]);
    } else word = (word ?? '') + (single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? token);
  }
  endWord();
  return commands.filter((words) => words.length > 0);
}

/** As it would be typed. A variable stays one. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return text.includes('$') ? `"${text.replace(/["\\`]/g, '\\$&')}"` : `'${text.replaceAll("'", "'\\''")}'`;
}
