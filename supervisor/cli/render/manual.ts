/** The manual page as man(7) has it, from the table that is parsed and shown as help: the two cannot differ. */
import type { Command, Help, Option } from 'commander';

export function manualPage(program: Command, version: string): string {
  const help = program.createHelp();
  const verbs = help.visibleCommands(program).filter((verb) => verb.name() !== 'help');
  return [
    `.TH SUPERVISOR 1 "" "hook-supervisor ${roff(version)}" "User Commands"`,
    '.SH NAME',
    `supervisor \\- ${roff(lowerFirst(program.description()))}`,
    '.SH SYNOPSIS',
    ...verbs.flatMap((verb) => ['.br', `.B supervisor ${roff(verb.name())}`, roff(verb.usage())]).slice(1),
    '.SH DESCRIPTION',
    'A daemon, one for each user, answers the hooks of coding agents from processes that are already forked, limited and',
    'waiting. This command starts and stops it, looks into it, and acts on its pools.',
    'A pool may be named by any beginning that no other has.',
    '.SH OPTIONS',
    ...options(help, program),
    '.SH COMMANDS',
    ...verbs.flatMap((verb) => [
      `.SS supervisor ${verb.name()} ${roff(verb.usage())}`,
      roff(`${upperFirst(verb.description())}.`),
      ...verb.registeredArguments.flatMap((argument) =>
        argument.description === '' ? [] : ['.TP', `.I ${roff(argument.name())}`, roff(argument.description)],
      ),
      ...options(help, verb),
    ]),
    ...CLOSING,
    '',
  ].join('\n');
}

const CLOSING = [
  '.SH EXIT STATUS',
  ...[
    ['0', 'done'],
    ['3', 'the daemon does not run'],
    ['4', 'there is no such pool or worker'],
    ['64', 'words that are not known'],
    ['69', 'the daemon does not answer, or what was asked for cannot be had'],
    ['75', 'it runs already, or a hook runs where it was to be replaced'],
    ['77', 'the runtime folder or a file is not ours'],
    ['78', 'bad configuration'],
  ].flatMap(([code = '', words = '']) => ['.TP', `.B ${code}`, words]),
  '.SH ENVIRONMENT',
  '.TP',
  '.B SUPERVISOR_RUNTIME_DIR',
  'the runtime folder, instead of hook\\-supervisor below',
  '.B XDG_RUNTIME_DIR',
  '.TP',
  '.B NO_COLOR',
  'no colours, unless',
  '.B FORCE_COLOR',
  'is set; COLUMNS is the width to write for',
  '.SH FILES',
  '.TP',
  '.I ~/.config/hook\\-supervisor/config.json',
  'the configuration',
  '.TP',
  '.I ~/.local/state/hook\\-supervisor',
  "the daemon's log, the last words of its processes, and the records of calls",
  '.SH SEE ALSO',
  'The folder',
  '.I docs',
  'of the package: operations, security, architecture.',
];

function options(help: Help, command: Command): string[] {
  // One line on --help is enough for all verbs.
  const shown = help.visibleOptions(command).filter(({ long }) => command.parent === null || long !== '--help');
  return shown.flatMap((option) => ['.TP', `.B ${roff(option.flags)}`, roff(aboutOption(option))]);
}

function aboutOption({ description, argChoices, defaultValue, defaultValueDescription }: Option): string {
  const choices = argChoices === undefined ? '' : `; one of ${argChoices.join(', ')}`;
  const standard = defaultValueDescription ?? defaultValue;
  return `${description}${choices}${standard === undefined ? '' : `; default ${standard}`}`;
}

/** What roff would read as its own: backslashes, hyphens that are to be typed, and a dot or quote that begins a line. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&');
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1).replace(/\.$/, '')}`;
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
