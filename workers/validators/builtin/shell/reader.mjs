/** A shell text -> the commands in it, also those within others: `sudo`, `sh -c '...'`, `$(...)`, `find -exec`, a here-document that
 *  feeds a shell. Nothing is run and nothing is guessed: what is only data (an argument of echo, a comment, a pattern) is no
 *  command here. */
import { posix } from 'node:path';
import { forEachChild, parse } from 'unbash';
import { HOME, isLiteral, textsOf } from './words.mjs';
import { commandWithin, readsProgramFromStdin, textsWithin } from './wrappers.mjs';

const TEXT_MAX_CHARACTERS = 65_536;
/** Of all texts together: a text that is run within a text is read again. */
const TEXTS_MAX_CHARACTERS = 262_144;
const DEPTH_MAX = 8;
const COMMANDS_MAX = 2_000;
/** Of syntax within syntax; some five for each `$(...)`. */
const NESTING_MAX = 200;
const SOURCE_MAX_CHARACTERS = 120;
const FIND_RUNS = ['-exec', '-execdir', '-ok', '-okdir'];
const PRINTERS = ['echo', 'printf'];

/**
 * @typedef {object} Command
 * @property {string} name without its folder; '' where only a run would tell
 * @property {string[]} args
 * @property {{operator: string, targets: string[]}[]} redirects
 * @property {Command[]} before the stages of the pipeline that write to it
 * @property {Command[]} within commands of the substitutions in its words
 * @property {Command[]} around the commands that run it, nearest last: sudo, xargs, find
 * @property {string} cwd '' where it is not known, HOME for the home
 * @property {string} source
 */

/** @returns {{commands: Command[], bombs: string[], problems: string[]}} */
export function readScript(text, cwd) {
  const reading = new Reading();
  reading.readText(text, { cwd, variables: new Map(cwd === '' ? [] : [['PWD', [cwd]]]) }, 0, {
    before: [],
    around: [],
  });
  return { commands: reading.commands, bombs: reading.bombs, problems: [...new Set(reading.problems)] };
}

class Reading {
  commands = [];
  bombs = [];
  problems = [];
  #nesting = 0;
  #charactersRead = 0;

  readText(text, state, depth, place) {
    if (text.length > TEXT_MAX_CHARACTERS) this.problems.push(`it is longer than ${TEXT_MAX_CHARACTERS} characters`);
    else if (this.#charactersRead > TEXTS_MAX_CHARACTERS) this.problems.push('too much text in shells in shells');
    else if (depth > DEPTH_MAX) this.problems.push(`shells in shells, more than ${DEPTH_MAX} deep`);
    else {
      this.#charactersRead += text.length;
      this.#walk(parse(text), { text, state, depth, place, inputs: [] });
    }
  }

  /** `scope`: the text, what is known at this point (shared, so that a `cd` counts for what follows), and the place. */
  #walk(node, scope) {
    if (this.commands.length >= COMMANDS_MAX) {
      if (this.commands.length === COMMANDS_MAX) this.problems.push(`more than ${COMMANDS_MAX} commands`);
      return;
    }
    if (node.errors !== undefined) this.problems.push(...node.errors.map(({ message }) => message));
    switch (node.type) {
      case 'Command':
        return this.#command(node, scope);
      case 'Pipeline':
        return this.#pipeline(node, scope);
      case 'Function':
        this.#function(node);
        return this.#children(node, scope);
      case 'For':
      case 'Select':
        this.#loop(node, scope);
        return this.#children(node, scope);
      case 'Subshell':
      case 'CommandExpansion':
      case 'ProcessSubstitution':
        return this.#children(node, {
          ...scope,
          ...ownSource(node),
          state: copyOf(scope.state),
        });
      case 'Redirected':
        return this.#redirected(node, scope);
      default:
        return this.#children(node, scope);
    }
  }

  #children(node, scope) {
    this.#deeper(node, (child) => this.#walk(child, scope));
  }

  /** A text of brackets alone must not use up the stack: what is too deep is not read, and said. */
  #deeper(node, visit) {
    if (this.#nesting >= NESTING_MAX) return void this.problems.push(`more than ${NESTING_MAX} levels of syntax`);
    this.#nesting += 1;
    forEachChild(node, visit);
    this.#nesting -= 1;
  }

  #pipeline(node, scope) {
    const before = [...scope.place.before];
    for (const stage of node.commands) {
      const first = this.commands.length;
      const state = node.commands.length > 1 ? copyOf(scope.state) : scope.state;
      this.#walk(stage, { ...scope, state, place: { ...scope.place, before: [...before] } });
      before.push(...this.commands.slice(first));
    }
  }

  #loop({ name, wordlist }, { state }) {
    if (wordlist !== undefined)
      state.variables.set(
        name.value,
        wordlist.flatMap((word) => textsOf(word, state.variables)),
      );
  }

  /** A function that starts itself twice, or in the background, with nothing in between. */
  #function({ name, body }) {
    const calls = { all: 0, piped: 0, background: 0 };
    const look = (node, isBackground) => {
      if (node.type === 'Command' && node.name?.value === name.value) {
        calls.all += 1;
        if (isBackground) calls.background += 1;
      }
      if (node.type === 'Pipeline' && node.commands.filter((one) => one.name?.value === name.value).length > 1)
        calls.piped += 1;
      this.#deeper(node, (child) => look(child, isBackground || node.background === true));
    };
    look(body, false);
    if (calls.piped > 0 || (calls.background > 0 && calls.all > 1)) this.bombs.push(name.value);
  }

  #command(node, scope) {
    const { state, text, place } = scope;
    for (const each of [...node.prefix, ...node.args]) if (each.type === 'Assignment') assign(each, state.variables);
    const first = this.commands.length;
    this.#children(node, scope);
    const within = this.commands.slice(first);
    const inputs = inputsOf(node, state);
    const base = {
      redirects: redirectsOf(node, state),
      before: place.before,
      within,
      around: place.around,
      cwd: state.cwd,
      source: text.slice(node.pos, node.end).slice(0, SOURCE_MAX_CHARACTERS),
    };
    this.#take(wordsOf(node, state), base, scope, inputs.length > 0 ? inputs : scope.inputs);
  }

  /** `{ ...; } > file`: the redirections of a group are a command without a name; its input is that of the commands in it. */
  #redirected(node, scope) {
    const { state, text, place } = scope;
    const inputs = inputsOf(node, state);
    const source = text.slice(node.pos, node.end).slice(0, SOURCE_MAX_CHARACTERS);
    const { before, around } = place;
    const redirects = redirectsOf(node, state);
    this.commands.push({ name: '', args: [], redirects, before, within: [], around, cwd: state.cwd, source });
    this.#children(node, inputs.length > 0 ? { ...scope, inputs } : scope);
  }

  /** The command and those it runs. */
  #take([word = '', ...args], base, scope, inputs) {
    const name = isLiteral(word) ? posix.basename(word) : '';
    const command = { ...base, name, args };
    this.commands.push(command);
    if (name === 'cd' || name === 'pushd') goTo(afterCd(args, scope.state), scope.state);
    const { depth, state } = scope;
    if (depth >= DEPTH_MAX) return void this.problems.push(`commands in commands, more than ${DEPTH_MAX} deep`);
    const around = [...base.around, command];
    const next = { ...scope, depth: depth + 1 };
    const run = (words) => this.#take(words, { ...base, redirects: [], around }, next, inputs);
    const within = commandWithin(name, args);
    if (within !== undefined) run(within);
    for (const words of name === 'find' || name === 'fd' ? findRuns(args) : []) run(words);
    const texts = [
      ...textsWithin(name, args),
      ...(readsProgramFromStdin(name, args) ? [...inputs, ...printed(base.before)] : []),
    ];
    for (const text of texts) this.readText(text, copyOf(state), depth + 1, { before: base.before, around });
  }
}

/** Positions in backquotes that have escapes count in a text of their own. */
function ownSource({ script }) {
  return script?.source === undefined ? {} : { text: script.source };
}

function copyOf({ cwd, variables }) {
  return { cwd, variables: new Map(variables) };
}

function textsOfOptional(word, { variables }) {
  return word === undefined ? [] : textsOf(word, variables);
}

function assign({ name, value, append, index }, variables) {
  const isPlain = value?.type === 'Word' && !append && index === undefined;
  if (isPlain) variables.set(name, textsOf(value, variables));
  else variables.delete(name);
}

/** Name and arguments; `alias x=y` and `export x=y` have assignments for arguments. */
function wordsOf({ name, args }, { variables }) {
  const words = name === undefined ? [] : [name, ...args];
  return words.flatMap((word) => {
    if (word.type === 'Word') return textsOf(word, variables);
    return word.value?.type === 'Word' ? textsOf(word.value, variables).map((value) => `${word.name}=${value}`) : [];
  });
}

function redirectsOf({ redirects }, state) {
  return redirects
    .filter(({ type }) => type === 'Redirect')
    .map(({ operator, target }) => ({ operator, targets: textsOfOptional(target, state) }));
}

/** Here-documents and here-strings, as far as they can be known. */
function inputsOf(node, state) {
  return node.redirects.flatMap((one) => {
    if (one.type === 'HereDoc') return [one.body.text];
    return one.type === 'HereString' ? textsOfOptional(one.target, state) : [];
  });
}

/** What the stage before prints, where that is plain to see. */
function printed(before) {
  const last = before.at(-1);
  return last !== undefined && PRINTERS.includes(last.name)
    ? [last.args.filter((arg) => !/^-[neE]+$/.test(arg)).join(' ')]
    : [];
}

/** What stands within such a command is its own. */
function findRuns(args) {
  const found = [];
  for (let index = 0; index < args.length; index += 1) {
    if (!FIND_RUNS.includes(args[index])) continue;
    const end = args.findIndex((arg, at) => at > index && (arg === ';' || arg === '+'));
    const next = end < 0 ? args.length : end;
    found.push(args.slice(index + 1, next));
    index = next;
  }
  return found;
}

function goTo(cwd, state) {
  state.cwd = cwd;
  if (cwd === '') state.variables.delete('PWD');
  else state.variables.set('PWD', [cwd]);
}

/** '' where only a run would tell; HOME as it stands in words. */
function afterCd(args, { cwd }) {
  const [target] = args.filter((arg) => !/^-[LPe@]+$/.test(arg) && arg !== '--');
  if (target === undefined || target === HOME || target === `${HOME}/`) return HOME;
  if (!isLiteral(target) || target === '-') return '';
  if (posix.isAbsolute(target)) return posix.normalize(target);
  return cwd === '' || cwd === HOME ? '' : posix.resolve(cwd, target);
}
