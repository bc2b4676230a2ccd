/** A daemon with validators that do what an event's command says, and events for them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type Library, type Outcome } from '../../supervisor/library/client.js';
import { TestDaemon, TestHome } from './daemon.js';

const NODE = `
const judge = (event, context) => {
  const { command } = event.toolInput;
  if (command === 'wait') return new Promise(() => {});
  if (command === 'slow') return new Promise((done) => setTimeout(done, 400, {}));
  if (command === 'throw') throw new Error('no');
  if (command === 'large') return { context: 'x'.repeat(200_000) };
  return command.startsWith('rm') ? { decision: 'deny', reason: 'not that' } : { context: context.name };
};
export default { validate: judge };`;
const PYTHON = `
def validate(event, context):
    if event["toolInput"]["command"] == "python?":
        return {"decision": "ask", "reason": "by python"}
    return {}
`;

export class LibraryDaemon {
  readonly socketPath: string;

  private constructor(readonly daemon: TestDaemon) {
    this.socketPath = join(daemon.home.runtimeFolder, 'library.sock');
  }

  static start(): LibraryDaemon {
    const home = new TestHome();
    configureValidators(home, {});
    return new LibraryDaemon(TestDaemon.startIn(home));
  }

  connect(): Library {
    return connect({ socketPath: this.socketPath });
  }

  /** Events asked about and not answered yet. */
  async inFlight(): Promise<number> {
    return (await this.daemon.status()).library.inFlight;
  }
}

/** @param more of each of the two validators. */
export function configureValidators(home: TestHome, more: object): void {
  const folder = join(home.home, '.config/hook-supervisor');
  mkdirSync(folder, { recursive: true });
  const files = { js: join(home.root, 'js.mjs'), py: join(home.root, 'py.py') };
  writeFileSync(files.js, NODE);
  writeFileSync(files.py, PYTHON);
  const validators = Object.entries(files).map(([name, entry]) => ({
    ...{ name, entry, level: 'contained', matcher: 'Bash', onFailure: 'continue', timeoutMs: 20_000, ...more },
  }));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ validators }), { mode: 0o600 });
}

/** As Claude Code tells its hooks. */
export function bash(command: string): Record<string, unknown> {
  return {
    ...{ session_id: 's', transcript_path: '/t', cwd: '/', permission_mode: 'default' },
    ...{ hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: { command }, tool_use_id: 't' },
  };
}

/** Kinds, and of those that are no verdict the code. */
export function kindsOf(outcomes: readonly Outcome[]): string[] {
  return outcomes.map((one) => ('code' in one ? `${one.kind}: ${one.code}` : one.kind));
}
