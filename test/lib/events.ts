/** A daemon with validators, and agents' events told to it by the client. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ValidatorStatus } from '../../supervisor/contract/validating.js';
import { TestDaemon, TestHome } from './daemon.js';
import { Hook, type HookEnd, type HookOptions } from './hook.js';

type Declared = Readonly<Record<string, unknown>> & { name: string };

/** As Claude Code tells of a shell command that is about to run. */
export const bash = (command: string, more: Readonly<Record<string, unknown>> = {}) => ({
  ...{ session_id: 's1', transcript_path: '/t.jsonl', cwd: '/proj', permission_mode: 'default' },
  ...{ hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: { command }, tool_use_id: 'toolu_1' },
  ...more,
});

export class EventWorld {
  readonly home: TestHome;
  /** Of the validators; not below /tmp, which a sandbox has of its own. */
  readonly folder: string;
  #daemon: TestDaemon | undefined;

  /** @param program the `supervisor` that runs here. */
  constructor(program?: string) {
    this.folder = mkdtempSync('/var/tmp/hook-supervisor-event-');
    this.home = new TestHome(program);
  }

  /** A content that begins with `#!` makes a program. @returns its path. */
  write(name: string, text: string): string {
    const file = join(this.folder, name);
    writeFileSync(file, text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
    return file;
  }

  configure(validators: readonly Declared[], settings: object = {}): void {
    const folder = join(this.home.env.XDG_CONFIG_HOME, 'hook-supervisor');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...settings, validators }), { mode: 0o600 });
  }

  start(validators: readonly Declared[], settings: object = {}): void {
    this.configure(validators, settings);
    this.#daemon = TestDaemon.startIn(this.home);
  }

  get daemon(): TestDaemon {
    if (this.#daemon === undefined) throw new Error('no daemon was started');
    return this.#daemon;
  }

  client(event: unknown, options: HookOptions = {}): Hook {
    const stdin = typeof event === 'string' ? event : JSON.stringify(event);
    return new Hook(this.home, [], { stdin, verb: 'event', ...options });
  }

  tell(event: unknown, options: HookOptions = {}): Promise<HookEnd> {
    return this.client(event, options).end;
  }

  async validator(name: string): Promise<ValidatorStatus> {
    const { validators } = await this.daemon.status();
    const found = validators.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no validator ${name} in the status`);
    return found;
  }

  /** The test has ended it. */
  forgetDaemon(): void {
    this.#daemon = undefined;
  }

  /** What was left behind: nothing when all is well. */
  async end(): Promise<string[]> {
    const left = (await this.#daemon?.stop()) ?? [];
    if (this.#daemon === undefined) this.home.remove();
    rmSync(this.folder, { recursive: true, force: true });
    return left;
  }
}
