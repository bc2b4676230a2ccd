// A repository as people have them, made by one `git fast-import`: so many files in folders, so many commits that each change some,
// then changed and new files on top. Always the same one.
import { spawnSync } from 'node:child_process';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FILES_PER_FOLDER = 20;
const LINES = 40;
const FILES_PER_COMMIT = 12;
const AT_S = 1_700_000_000;
const IDENTITY = 'Somebody <somebody@example.org>';
const OUTPUT_MAX_BYTES = 1 << 24;

export function makeRepository(folder, { files, commits, changed, untracked }) {
  mkdirSync(folder);
  git(folder, ['init', '-q', '-b', 'main']);
  git(folder, ['fast-import', '--quiet'], historyOf(files, commits));
  git(folder, ['reset', '-q', '--hard', 'main']);
  // Of files that are not older than the index git reads the content each time; people's are older.
  for (let n = 0; n < files; n++) utimesSync(join(folder, pathOf(n)), AT_S, AT_S);
  git(folder, ['update-index', '--refresh']);
  for (let n = 0; n < changed; n++) writeFileSync(join(folder, pathOf(n * 7)), contentOf(n, 'changed'));
  for (let n = 0; n < untracked; n++) {
    const path = join(folder, 'fresh', `file${n}.ts`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contentOf(n, 'new'));
  }
}

function historyOf(files, commits) {
  const project = { name: 'large', scripts: { test: 'node --test' } };
  const lines = [];
  const put = (path, text) => lines.push(`M 100644 inline ${path}`, `data ${Buffer.byteLength(text)}`, text);
  for (let commit = 0; commit < commits; commit++) {
    const words = `Change number ${commit} of this project`;
    lines.push('commit refs/heads/main', `committer ${IDENTITY} ${AT_S + commit * 3600} +0000`);
    lines.push(`data ${Buffer.byteLength(words)}`, words);
    if (commit === 0) {
      put('package.json', JSON.stringify(project));
      put('package-lock.json', '{}');
      for (let n = 0; n < files; n++) put(pathOf(n), contentOf(n, 0));
    } else
      for (let n = 0; n < FILES_PER_COMMIT; n++) {
        const number = (commit * 131 + n * 17) % files;
        put(pathOf(number), contentOf(number, commit));
      }
  }
  return `${lines.join('\n')}\n`;
}

function pathOf(number) {
  const folder = Math.floor(number / FILES_PER_FOLDER);
  return `packages/part${folder % 25}/folder${folder}/file${number}.ts`;
}

function contentOf(number, version) {
  return Array.from({ length: LINES }, (_, line) => `export const value${line} = '${number} ${line} ${version}';`).join(
    '\n',
  );
}

function git(folder, args, input) {
  const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };
  const result = spawnSync('git', args, { cwd: folder, env, input, encoding: 'utf8', maxBuffer: OUTPUT_MAX_BYTES });
  if (result.status !== 0) throw new Error(`git ${args[0]}: ${result.error?.message ?? result.stderr}`);
}
