/** What identifies the hook of a call, for its record. */
import type { Call, Plan } from '../contract/call.js';
import { LIMITS } from '../contract/limits.js';
import { isSystems, scriptOf } from '../policy/called-files.js';
import { withDigest } from '../policy/digest.js';
import { plainPath, textOf } from '../policy/paths.js';

/** @param plan undefined: the call was refused before there was one. */
export function handlerOf(call: Call, plan: Plan | undefined): string {
  return textOf(nameOf(call, plan)).slice(0, LIMITS.handlerTextMaxCharacters);
}

function nameOf(call: Call, plan: Plan | undefined): string {
  if (plan === undefined) return withDigest(call.shellText ? 'shell text' : (call.argv[0] ?? ''), call.argv.slice(1));
  if (plan.kind === 'interpreter') {
    const { program, argv, interpreter } = plan;
    if (program.mode === 'module') return `${interpreter} -m ${argv[program.index] ?? ''}`;
    const script = program.mode === 'script' ? plainPath(argv[program.index] ?? '', call.cwd) : undefined;
    return script ?? withDigest(interpreter, argv.slice(1));
  }
  const path = plainPath(plan.path, call.cwd) ?? plan.path;
  const script = scriptOf(call, plan);
  if (script !== undefined && script !== path) return script;
  return isSystems(path) ? withDigest(path, plan.argv.slice(1)) : path;
}
