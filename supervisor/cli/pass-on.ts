/** `supervisor run` and `supervisor sh`: the small native client in our place. Node cannot replace its own process, so
 *  it waits, passes signals on and becomes what the client became. Hooks are better configured with supervisor-hook. */
import { spawn } from 'node:child_process';
import { ExitCode } from '../contract/status.js';
import { type Context, tellProblem } from './context.js';

const PASSED_ON = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export function passOn(context: Context, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(context.files.hook, args, { stdio: 'inherit' });
    for (const signal of PASSED_ON) process.on(signal, () => child.kill(signal));
    child.on('error', (error) => {
      const remedy = 'build it with: npm run build';
      tellProblem(context, { where: context.files.hook, what: `cannot be started (${error.message})`, remedy });
      resolve(ExitCode.UNAVAILABLE);
    });
    child.on('exit', (code, signal) => {
      if (signal === null) return resolve(code ?? ExitCode.INTERNAL);
      for (const passed of PASSED_ON) process.removeAllListeners(passed);
      process.kill(process.pid, signal);
    });
  });
}
