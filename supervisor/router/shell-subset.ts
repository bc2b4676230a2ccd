/** Recognises the shell texts whose meaning can be proved: one simple command of literals, quotes and $NAME, with leading
 *  assignments. Everything else is the shell's. The same for dash and bash; held to that by a differential test. */
import { isShellDefault, isShellVariable, SHELL_COMMANDS } from './shell-names.js';

export type ShellParse =
  | { kind: 'simple'; assignments: readonly Assignment[]; argv: readonly string[] }
  | { kind: 'shell'; reason: string };
export type Assignment = readonly [name: string, value: string];

/** Value of a variable as the shell has it when it has started; undefined: unset. */
export type VariableLookup = (name: string) => string | undefined;

/** bash keeps assignments in a table of four places that grows beyond this many, which reorders it. */
const ASSIGNMENTS_MAX = 7;

/** Runs of characters that mean themselves: unquoted, and in double quotes. Not among them although often harmless:
 *  `~`, `#` and braces. */
const PLAIN = /[^ \t\n"#$&'()*;<=>?[\\`{|}~]+/y;
const PLAIN_QUOTED = /[^"$\\`]+/y;
const SINGLE_QUOTED = /'([^']*)'/y;
const ASSIGNED_NAME = /([A-Za-z_][A-Za-z0-9_]*)=/y;
/** A name must not go on in the next line: `$A\` newline `B` is $AB. */
const EXPANSION = /\$(?:([A-Za-z_][A-Za-z0-9_]*)(?![A-Za-z0-9_]|\\\n)|\{([A-Za-z_][A-Za-z0-9_]*)\})/y;
/** Between words. A line may be continued, not ended. */
const BLANKS = /(?:[ \t]|\\\n)*/y;
/** What bash still runs in its own process: no blank after the line's end. */
const END = /[ \t]*\n?$/y;
const SPLIT_OR_GLOB = /[ \t\n*?[\\]/;

export function parseShellText(text: string, lookup: VariableLookup): ShellParse {
  return new Parser(text, lookup).parse();
}

class Parser {
  private at = 0;
  private readonly assignments: Assignment[] = [];
  private readonly argv: string[] = [];

  constructor(
    private readonly text: string,
    private readonly lookup: VariableLookup,
  ) {}

  parse(): ShellParse {
    const reason = hasControlCharacter(this.text) ? 'a control character' : (this.words() ?? this.unusable());
    if (reason !== undefined) return { kind: 'shell', reason };
    return { kind: 'simple', assignments: this.assignments, argv: this.argv };
  }

  /** undefined: the whole text has been read. */
  private words(): string | undefined {
    while (this.text[this.at] === ' ' || this.text[this.at] === '\t' || this.text[this.at] === '\n') this.at++;
    for (;;) {
      this.match(BLANKS);
      if (this.match(END)) return undefined;
      if (this.text[this.at] === '\n') return 'more than one line';
      const assigned = this.argv.length === 0 ? this.match(ASSIGNED_NAME) : null;
      const name = assigned?.[1];
      const problem = name === undefined ? this.word() : this.assignment(name);
      if (problem !== undefined) return problem;
    }
  }

  private assignment(name: string): string | undefined {
    if (isShellVariable(name) || isShellDefault(name)) return `it sets ${name}`;
    const value = this.value(true);
    if (typeof value === 'object') return value.reason;
    this.assignments.push([name, value ?? '']);
    return this.assignments.length > ASSIGNMENTS_MAX ? 'too many assignments' : undefined;
  }

  private word(): string | undefined {
    const value = this.value(false);
    if (typeof value === 'object') return value.reason;
    if (value !== undefined) this.argv.push(value);
    return undefined;
  }

  /** One word from here. undefined: it expanded to nothing and was not quoted, so it is no word. */
  private value(isAssignment: boolean): string | undefined | { reason: string } {
    let value = '';
    let isWord = isAssignment;
    const start = this.at;
    for (;;) {
      const plain = this.match(PLAIN);
      if (plain) {
        value += plain[0];
        isWord = true;
        continue;
      }
      switch (this.text[this.at]) {
        case undefined:
        case ' ':
        case '\t':
        case '\n':
          return isWord ? value : undefined;
        case '=':
          // In an argument it is a character; where a command stands it may be an assignment of another form.
          if (this.argv.length === 0 && !isAssignment) return { reason: 'an unusual assignment' };
          if (this.at === start && !isAssignment) return { reason: 'a word that begins with =' };
          value += '=';
          isWord = true; // $EMPTY= is the word =
          this.at++;
          continue;
        case "'": {
          const quoted = this.match(SINGLE_QUOTED);
          if (!quoted) return { reason: 'an open quote' };
          value += quoted[1];
          isWord = true;
          continue;
        }
        case '"': {
          const quoted = this.doubleQuoted();
          if (typeof quoted === 'object') return quoted;
          value += quoted;
          isWord = true;
          continue;
        }
        case '\\': {
          const escaped = this.text[this.at + 1];
          if (escaped === undefined) return { reason: 'an open escape' };
          this.at += 2;
          if (escaped === '\n') continue;
          value += escaped;
          isWord = true;
          continue;
        }
        case '$': {
          const expanded = this.expansion();
          if (typeof expanded === 'object') return expanded;
          if (!isAssignment && SPLIT_OR_GLOB.test(expanded))
            return { reason: 'an unquoted value with blanks or patterns' };
          value += expanded;
          if (expanded !== '') isWord = true;
          continue;
        }
        default:
          return { reason: `unquoted ${JSON.stringify(this.text[this.at])}` };
      }
    }
  }

  private doubleQuoted(): string | { reason: string } {
    let value = '';
    this.at++;
    for (;;) {
      value += this.match(PLAIN_QUOTED)?.[0] ?? '';
      const next = this.text[this.at];
      if (next === '"') {
        this.at++;
        return value;
      }
      if (next === '$') {
        const expanded = this.expansion();
        if (typeof expanded === 'object') return expanded;
        value += expanded;
      } else if (next === '\\' && this.at + 1 < this.text.length) {
        const escaped = this.text[this.at + 1] ?? '';
        this.at += 2;
        if (escaped === '\n') continue;
        value += /[$`"\\]/.test(escaped) ? escaped : `\\${escaped}`;
      } else {
        return { reason: next === '`' ? 'a command substitution' : 'an open quote' };
      }
    }
  }

  private expansion(): string | { reason: string } {
    const match = this.match(EXPANSION);
    const name = match?.[1] ?? match?.[2];
    if (name === undefined) return { reason: 'an expansion other than $NAME' };
    if (this.assignments.some(([assigned]) => assigned === name))
      return { reason: `$${name} was assigned in the same text` };
    // While bash expands, SHLVL and _ are not yet what the command will find.
    const value = isShellVariable(name) || name === '_' || name === 'SHLVL' ? undefined : this.lookup(name);
    if (value === undefined && (isShellVariable(name) || isShellDefault(name)))
      return { reason: `$${name} is the shell's own` };
    if (value !== undefined && hasControlCharacter(value)) return { reason: `a control character in $${name}` };
    return value ?? '';
  }

  private unusable(): string | undefined {
    const command = this.argv[0];
    if (command === undefined || command === '') return 'no command';
    if (SHELL_COMMANDS.has(command)) return `${command} is a builtin or reserved word`;
    // %1 is a job; a name with = may be an assignment to another version of the shell.
    if (command.includes('=') || command.startsWith('%')) return 'an odd command name';
    return undefined;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match) this.at = pattern.lastIndex;
    return match;
  }
}

/** bash marks quoted bytes with two of them, and some are blanks to one shell only. Tab and newline are plain. */
function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09 && code !== 0x0a) || code === 0x7f) return true;
  }
  return false;
}
