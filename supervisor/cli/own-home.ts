/** Defends a daemon that a hook starts against the environment of that hook, which a repository may have set: configuration,
 *  logs and the secrets that hooks may not read are found by HOME. */
import { realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type Context, tellProblem } from './context.js';

/** With the home by the name that the system has for it: what a link of another name leads to can be changed later.
 *  @param ofAccount asks the system, not the environment.
 *  @returns undefined where HOME is another one, which has been told. */
export function withOwnHome(context: Context, ofAccount: () => string = () => userInfo().homedir): Context | undefined {
  const given = context.env.HOME;
  const own = attempt(ofAccount);
  if (own !== undefined && (given === undefined || given === own || isSameFolder(given, own))) {
    return { ...context, env: { ...context.env, HOME: own } };
  }
  const where = `HOME=${given ?? ''}`;
  const what = own === undefined ? 'the system knows no home of this user' : `the home of this user is ${own}`;
  tellProblem(context, { where, what, remedy: 'start the daemon yourself: supervisor up -d' });
  return undefined;
}

function isSameFolder(one: string, other: string): boolean {
  const real = attempt(() => realpathSync(one));
  return real !== undefined && real === attempt(() => realpathSync(other));
}

function attempt(ask: () => string): string | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
