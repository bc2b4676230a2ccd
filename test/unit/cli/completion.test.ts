/** The words of the scripts are those of help, and those that the native client takes. */
import { execFileSync } from 'node:child_process';
import type { Command } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import { COMPLETION_SCRIPTS, SHELLS } from '../../../supervisor/cli/completion/shells.js';
import { type ProgramWords, wordsOf } from '../../../supervisor/cli/completion/words.js';
import { type Context, packageFiles } from '../../../supervisor/cli/context.js';
import { describeProgram } from '../../../supervisor/cli/program.js';

const files = packageFiles();
const context: Context = {
  env: {},
  uid: 0,
  cwd: () => undefined,
  out: () => {},
  err: () => {},
  screen: { width: 1000, height: 24, isTerminal: false, isColoured: false },
  ticks: async function* () {},
  stopSignal: () => new AbortController().signal,
  errIsTerminal: false,
  files,
};

let program: Command;
let words: ProgramWords[];
beforeAll(() => {
  program = describeProgram(context, () => {});
  words = wordsOf(program);
});

function nativeUsage(): string {
  return execFileSync(files.hook, ['--help'], { encoding: 'utf8' });
}

describe.each(SHELLS)('the script for %s', (shell) => {
  const script = () => COMPLETION_SCRIPTS[shell](words);

  test('has every verb and every option that help shows', () => {
    const shown = [program, ...program.commands].map((command) => command.helpInformation()).join('\n');
    const options = [...shown.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)].map(([, name = '']) => name);
    const verbs = [...(program.helpInformation().split('Commands:')[1] ?? '').matchAll(/^ {2}(\w+) /gm)].map(
      ([, name = '']) => name,
    );
    expect(verbs).toContain('status');
    expect(options).toContain('log-level');
    for (const name of verbs) expect(script()).toMatch(new RegExp(`[ (']${name}[ :']`));
    for (const name of options) expect(script()).toMatch(new RegExp(`(--|-l )${name}\\b`));
  });

  test('has every choice of every option and argument', () => {
    for (const command of program.createHelp().visibleCommands(program)) {
      const choosers = [...command.options, ...command.registeredArguments];
      for (const { argChoices } of choosers) if (argChoices) expect(script()).toContain(argChoices.join(' '));
    }
    expect(script()).toContain('trace debug info warn error');
    expect(script()).toContain(SHELLS.join(' '));
  });
});

describe('run, sh and event', () => {
  test('their options are those of the native client, in its words', () => {
    const native = [...nativeUsage().matchAll(/^ {2}--([\w-]+)(?: \S+)? +(.*)$/gm)].map(([, name, about]) => [
      name,
      about,
    ]);
    const ofVerbs = ['sh', 'event'].flatMap(
      (verb) => program.commands.find((command) => command.name() === verb)?.options ?? [],
    );
    const described = new Map(ofVerbs.map(({ long, description }) => [long?.slice(2), description]));
    const ours = [...described];
    expect(native.length).toBeGreaterThan(5);
    expect(ours.toSorted()).toEqual(native.toSorted());
  });

  test('the native client takes each choice, and no other', () => {
    const run = words[1]?.verbs.find(({ name }) => name === 'run');
    const choosers = run?.options.filter(({ choices }) => choices.length > 0) ?? [];
    expect(choosers.map(({ names }) => names[0])).toEqual(['--level', '--on-unavailable']);
    const accepts = (name: string, value: string) => {
      try {
        execFileSync(files.hook, ['run', '--socket', '/none/call.sock', name, value, '--help'], { stdio: 'pipe' });
        return true;
      } catch {
        return false;
      }
    };
    for (const { names, choices } of choosers) {
      expect(choices.filter((choice) => !accepts(names[0] ?? '', choice))).toEqual([]);
      expect(accepts(names[0] ?? '', 'other')).toBe(false);
    }
  });

  test('supervisor-hook has these verbs, and the long options alone', () => {
    expect(words[1]?.verbs.map(({ name }) => name)).toEqual(['run', 'sh', 'event']);
    expect(words[1]?.options.flatMap(({ names }) => names).toSorted()).toEqual(['--help', '--version']);
    expect(nativeUsage()).toContain('--help, --version');
  });
});
