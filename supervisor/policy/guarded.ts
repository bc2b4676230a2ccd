/** Places that no sandbox gives as a whole, whoever is to read them: what is in them must be named itself. */
import { HOME_SECRETS, isWithin } from '../contract/secrets.js';
import { bothNames, type PathFacts } from './paths.js';

export interface Guarded {
  homes: readonly string[];
  secrets: readonly string[];
  /** Of the daemon: sockets, logs. */
  own: readonly string[];
}

/** By all their names: a home or a secret may be a symbolic link to where somebody keeps it. */
export function guardedPlaces(home: string, own: readonly string[], facts: PathFacts): Guarded {
  const secrets = HOME_SECRETS.flatMap((name) => bothNames(`${home}/${name}`, facts));
  return {
    homes: bothNames(home, facts),
    secrets,
    own: own.flatMap((folder) => bothNames(folder, facts)),
  };
}

/** Why `path` is not to be given; undefined where nothing is against it. */
export function whyGuarded(path: string, { homes, secrets, own }: Guarded): string | undefined {
  if (path === '/') return 'it is the root of all files';
  if (homes.includes(path)) return 'it is the home';
  if (homes.some((home) => isWithin(home, path))) return 'the home is below it';
  const isShared = (one: string) => isWithin(one, path) || isWithin(path, one);
  const secret = secrets.find(isShared);
  if (secret !== undefined) return `it has to do with ${secret}, a secret of the home`;
  return own.some(isShared) ? "it has to do with the supervisor's own files" : undefined;
}
