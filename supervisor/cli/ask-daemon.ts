/** A question to the daemon as a verb needs it: the answer, or everything told and the exit code that goes with it. */
import { join } from 'node:path';
import { checkRuntimeFolder } from '../config/runtime-folder.js';
import type { Config } from '../contract/config.js';
import { shownName } from '../contract/pool-place.js';
import { ExitCode, type PoolStatus, type RunningStatus } from '../contract/status.js';
import { type ControlAnswer, type End, type ListenOptions, listenTo, type VerbWords } from '../control/client.js';
import { type Context, tellProblem } from './context.js';
import { ANSWER_TIMEOUT_MS } from './daemon-state.js';
import { poolMeant } from './pool-name.js';
import { loadSettings } from './settings.js';

type Reply = Extract<ControlAnswer, { kind: 'reply' }>['reply'];
export type Granted = Extract<Reply, { ok: true }>;
type ErrorCode = Extract<Reply, { ok: false }>['error']['code'];
type Verb = Parameters<typeof listenTo>[1]['verb'];

export type Asked<T> = { ok: true; value: T } | { ok: false; exitCode: number };

const EXIT_CODES: Record<ErrorCode, number> = {
  badRequest: ExitCode.USAGE,
  unknownVerb: ExitCode.UNAVAILABLE,
  unknownPool: ExitCode.NO_SUCH_POOL,
  notAllowed: ExitCode.NO_PERMISSION,
  busy: ExitCode.BUSY,
  impossible: ExitCode.UNAVAILABLE,
  internal: ExitCode.INTERNAL,
};

export class Daemon {
  private constructor(
    private readonly context: Context,
    readonly config: Readonly<Config>,
  ) {}

  /** Of the configuration; whether it runs shows when it is asked. */
  static async of(context: Context): Promise<Asked<Daemon>> {
    const settings = await loadSettings(context, {});
    if (!settings.ok) return settings;
    const folder = checkRuntimeFolder(settings.config.runtimeFolder, context.uid);
    if (folder.kind !== 'refused') return { ok: true, value: new Daemon(context, settings.config) };
    tellProblem(context, folder.problem);
    return { ok: false, exitCode: ExitCode.NO_PERMISSION };
  }

  async ask(verb: Verb, words: VerbWords = {}, timeoutMs = ANSWER_TIMEOUT_MS): Promise<Asked<Granted>> {
    let granted: Granted | undefined;
    const take = (reply: Granted) => {
      granted = reply;
      return false;
    };
    const exitCode = await this.listen(verb, words, take, { timeoutMs });
    return granted === undefined ? { ok: false, exitCode } : { ok: true, value: granted };
  }

  /** @param take is handed each reply; false: no more of them. @returns the exit code. */
  async listen(
    verb: Verb,
    words: VerbWords,
    take: (reply: Granted) => boolean,
    given: Partial<ListenOptions> = {},
  ): Promise<number> {
    let refusal: ErrorCode | undefined;
    const takeReply = (reply: Reply) => {
      if (reply.ok) return take(reply);
      refusal = reply.error.code;
      tellProblem(this.context, { where: verb, what: reply.error.message, remedy: reply.error.remedy });
      return false;
    };
    const options = { timeoutMs: ANSWER_TIMEOUT_MS, ...given };
    const end = await listenTo(this.socketPath, { verb, ...words }, takeReply, options);
    if (refusal !== undefined) return EXIT_CODES[refusal];
    return end.kind === 'stopped' ? ExitCode.OK : this.tellEnd(end);
  }

  async status(): Promise<Asked<RunningStatus>> {
    const asked = await this.ask('status');
    if (!asked.ok) return asked;
    if (asked.value.status !== undefined) return { ok: true, value: asked.value.status };
    return { ok: false, exitCode: this.tellEnd({ kind: 'unreachable', reason: 'its answer holds no status' }) };
  }

  /** The pool that `word` means.
   *  @returns `name`: by which the daemon knows it from another of the same `id`. */
  async pool(word: string): Promise<Asked<{ name: string; status: PoolStatus }>> {
    const asked = await this.status();
    if (!asked.ok) return asked;
    const pools = new Map(asked.value.pools.map((pool) => [shownName(pool.id, pool), pool]));
    const meant = poolMeant(word, [...pools.keys()]);
    const status = meant.ok ? pools.get(meant.id) : undefined;
    if (meant.ok && status !== undefined) return { ok: true, value: { name: meant.id, status } };
    if (!meant.ok) tellProblem(this.context, meant.problem);
    return { ok: false, exitCode: ExitCode.NO_SUCH_POOL };
  }

  private get socketPath(): string {
    return join(this.config.runtimeFolder, 'control.sock');
  }

  private tellEnd(end: Exclude<End, { kind: 'stopped' }>): number {
    const tell = (what: string, remedy: string) => tellProblem(this.context, { where: this.socketPath, what, remedy });
    switch (end.kind) {
      case 'ended':
        tell(
          'the connection has ended: the daemon was stopped or replaced, or this command did not read in time',
          'supervisor status says whether one runs',
        );
        return ExitCode.NOT_RUNNING;
      case 'absent':
        tell('the daemon does not run', 'start it with: supervisor up -d');
        return ExitCode.NOT_RUNNING;
      case 'noPermission':
        tell('may not be opened', 'run the command as the user of the daemon');
        return ExitCode.NO_PERMISSION;
      case 'unreachable':
        tell(`the daemon does not answer: ${end.reason}`, 'supervisor status and doctor say more');
        return ExitCode.UNAVAILABLE;
    }
  }
}
