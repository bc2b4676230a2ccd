/** The command line: words to verbs. Answers the exit code, or that the caller is to become the daemon. */
import { ExitCode } from '../contract/status.js';
import { type Context, systemContext } from './context.js';
import { passOn } from './pass-on.js';
import type { End } from './program.js';

const PLAIN_STATUS: ReadonlyMap<string, { json: boolean }> = new Map([
  ['status', { json: false }],
  ['status\0--json', { json: true }],
]);

export async function commandLine(args: readonly string[], context: Context = systemContext()): Promise<End> {
  const verbAt = args.findIndex((word) => word !== '--no-color');
  const verb = args[verbAt];
  // Their words belong to the client and the hook: not ours to parse.
  if (verb === 'run' || verb === 'sh' || verb === 'event')
    return { kind: 'exit', code: await passOn(context, args.slice(verbAt)) };
  // Asked by scripts and prompts many times a minute: all verbs in one table take longer to load than this takes to answer.
  const plain = PLAIN_STATUS.get(args.join('\0'));
  if (plain !== undefined) return { kind: 'exit', code: await (await import('./status.js')).status(context, plain) };
  const { CommanderError } = await import('commander');
  const { describeProgram } = await import('./program.js');
  let end: End = { kind: 'exit', code: ExitCode.OK };
  const program = describeProgram(context, (ended) => {
    end = ended;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return end;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'exit', code: error.exitCode === 0 ? ExitCode.OK : ExitCode.USAGE };
  }
}
