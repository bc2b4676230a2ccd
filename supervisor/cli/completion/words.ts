/** What can be completed, read from the table that is parsed and shown as help: the two cannot differ. */
import type { Command, Option } from 'commander';
import { clientVerbs } from '../client-verbs.js';
import type { NameKind } from '../words.js';

export interface ProgramWords {
  name: string;
  options: readonly OptionWords[];
  verbs: readonly VerbWords[];
}

export interface VerbWords {
  name: string;
  about: string;
  options: readonly OptionWords[];
  /** What may stand behind it, for each of its arguments. */
  choices: readonly (readonly string[])[];
  /** Beside them, what the daemon has of these. */
  live: NameKind | undefined;
  /** Or the name of a file. */
  takesFile: boolean;
  /** Behind `--` stands another command with words of its own. */
  startsCommand: boolean;
}

export interface OptionWords {
  names: readonly string[];
  about: string;
  value: 'none' | 'optional' | 'required';
  /** What the value is: one of these, a file, or anything. */
  choices: readonly string[];
  isFile: boolean;
  live: NameKind | undefined;
}

/** For shells that are not told which argument is meant. */
export function anyChoice({ choices }: Pick<VerbWords, 'choices'>): string[] {
  return [...new Set(choices.flat())];
}

export function wordsOf(program: Command): ProgramWords[] {
  const help = program.createHelp();
  const ofClient = new Set(clientVerbs().map((verb) => verb.name()));
  const optionsOf = (command: Command) => help.visibleOptions(command).map(optionWords);
  const own = optionsOf(program);
  const everywhere = own.filter(({ names }) => names.includes('--no-color'));
  const commands = help.visibleCommands(program);
  const verbs = commands.map((command): VerbWords => {
    const name = command.name();
    const [argument] = command.registeredArguments;
    const choices = command.registeredArguments.map(({ argChoices = [] }) => argChoices);
    return {
      name,
      about: firstClause(command.description()),
      options: ofClient.has(name) ? optionsOf(command) : [...optionsOf(command), ...everywhere],
      choices: name === 'help' ? [commands.map((one) => one.name())] : choices,
      live: argument && liveIn(argument.name()),
      takesFile: command.registeredArguments.some((one) => one.name() === 'file'),
      startsCommand: argument?.variadic === true,
    };
  });
  const longOnly = own.filter(({ names }) => names.includes('--help') || names.includes('--version'));
  return [
    { name: program.name(), options: own, verbs },
    {
      name: `${program.name()}-hook`,
      options: longOnly.map((option) => ({ ...option, names: option.names.filter((name) => name.startsWith('--')) })),
      verbs: verbs.filter(({ name }) => ofClient.has(name)),
    },
  ];
}

function optionWords(option: Option): OptionWords {
  return {
    names: [option.short, option.long].filter((name) => name !== undefined),
    about: option.description,
    value: option.required ? 'required' : option.optional ? 'optional' : 'none',
    choices: option.argChoices ?? [],
    isFile: /<(file|path)>/.test(option.flags),
    live: liveIn(/<([^>]*)>/.exec(option.flags)?.[1] ?? ''),
  };
}

function liveIn(placeholder: string): NameKind | undefined {
  if (placeholder === 'pool') return 'pools';
  return placeholder === 'pool/worker' ? 'workers' : undefined;
}

function firstClause(text: string): string {
  return text.split(';')[0] ?? text;
}
