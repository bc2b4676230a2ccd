/** Defends a daemon that a hook starts against the environment of that hook, which a repository may have set: configuration,
 *  logs and the secrets that hooks may not read are found by HOME. */
import { realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type Context, tellProblem } from './context.js';

/** Otherwise it has been told why not. @param ofAccount asks the system, not the environment. */
export function isOwnHome(context: Context, ofAccount: () => string = () => userInfo().homedir): boolean {
  const given = context.env.HOME;
  const own = attempt(ofAccount);
  if (own !== undefined && (given === undefined || given === own || isSameFolder(given, own))) return true;
  const where = `HOME=${given ?? ''}`;
  const what = own === undefined ? 'the system knows no home of this user' : `the home of this user is ${own}`;
  tellProblem(context, { where, what, remedy: 'start the daemon yourself: supervisor up -d' });
  return false;
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
