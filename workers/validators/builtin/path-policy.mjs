/** `builtin:path-policy`: which files an agent's own tools may write and read. What a shell command does to files it does not see. */
import { readlink, realpath } from 'node:fs/promises';
import { posix } from 'node:path';
import picomatch from 'picomatch';
import { defineValidator } from '../api/validator.mjs';
import { verdictOf } from './lib/findings.mjs';
import { disk as marks, projectOf } from './lib/project.mjs';
import { ruled, settingsOf } from './lib/settings.mjs';
import { filesOf } from './lib/tools.mjs';
import { realPlace, realPlaces } from './path-policy/resolve.mjs';
import { RULES, UNRESOLVED } from './path-policy/rules.mjs';

const SHAPE = {
  rules: ['object', {}],
  writable: ['texts', []],
  denyWrite: ['texts', []],
  denyRead: ['texts', []],
};
const FILES_MAX = 200;
const ABSENT = new Set(['ENOENT', 'ENOTDIR']);

const disk = {
  ...marks,
  async realpath(path) {
    try {
      return await realpath(path);
    } catch (error) {
      if (ABSENT.has(error.code) && !(await isLink(path))) return undefined;
      throw error;
    }
  },
};

/** One that leads nowhere yet: a file that is written there comes to be where it leads. */
function isLink(path) {
  return readlink(path).then(
    () => true,
    () => false,
  );
}

/** @param {import('./path-policy/resolve.mjs').FilePort} files */
export function pathPolicy(files) {
  return defineValidator({
    name: 'path-policy',
    async validate(event, context) {
      const named = filesOf(event);
      if (named.length === 0) return undefined;
      const scene = await sceneOf(event, context, files);
      const { unresolved, found } = await placesOf(named.slice(0, FILES_MAX), scene, files);
      const words = (rule, path) => ({ decision: rule.decision, words: `${path} ${rule.reason}` });
      const findings = scene.rules.flatMap((rule) => {
        if (rule.id === UNRESOLVED.id) return unresolved.map((path) => words(rule, path));
        return found.filter((file) => breaks(rule, file, scene)).map(({ path }) => words(rule, path));
      });
      if (named.length > FILES_MAX) findings.push({ decision: 'ask', words: `more than ${FILES_MAX} files at once` });
      return verdictOf(findings);
    },
  });
}

export default pathPolicy(disk);

async function sceneOf(event, { settings, cwd, projectFolder }, files) {
  const { rules, writable, denyWrite, denyRead } = settingsOf(settings, SHAPE);
  const folder = event.cwd || cwd;
  const written = projectFolder || projectOf(folder, files);
  const project = written === '' ? '' : ((await realPlace(written, files)) ?? '');
  const scratch = typeof event.raw?.scratchpad_dir === 'string' ? [event.raw.scratchpad_dir] : [];
  const allowed = await Promise.all([...writable, ...scratch].map((one) => realPlace(posix.resolve('/', one), files)));
  return {
    rules: ruled([...RULES, UNRESOLVED], rules),
    folder,
    project,
    writable: allowed.filter((one) => one !== undefined),
    isDeniedWrite: matcher(denyWrite, project),
    isDeniedRead: matcher(denyRead, project),
  };
}

/** Globs as in .gitignore's plain cases: without a slash any name, else from the project or the root on. */
function matcher(globs, project) {
  const tests = globs.map((glob) => {
    if (!glob.includes('/')) return (path) => picomatch.isMatch(posix.basename(path), glob, { dot: true });
    const isMatch = picomatch(posix.isAbsolute(glob) ? glob : posix.join(project, glob), { dot: true });
    return (path) => isMatch(path);
  });
  return (path) => tests.some((test) => test(path));
}

function breaks(rule, { use, reals, written }, scene) {
  const places = rule.isOnlyReal ? reals : [...reals, written];
  return places.some((place) => rule.hits({ use, place }, scene));
}

async function placesOf(named, { folder, project }, files) {
  const unresolved = [];
  const found = [];
  for (const { use, path } of named) {
    const isAnchored = posix.isAbsolute(path) || folder !== '';
    const absolute = posix.isAbsolute(path) ? path : `${folder}/${path}`;
    const reals = isAnchored ? await realPlaces(absolute, files) : undefined;
    if (reals === undefined || (use === 'write' && project === '')) unresolved.push(path);
    else found.push({ use, path, reals, written: posix.normalize(absolute) });
  }
  return { unresolved, found };
}
