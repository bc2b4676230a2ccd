import { describe, expect, test } from 'vitest';
import { RULES } from '../../../workers/validators/builtin/resource-heavy/rules.mjs';
import resourceHeavy from '../../../workers/validators/builtin/resource-heavy.mjs';
import { onCommand, onlyRule, toolEvent, verdictOn } from './events.js';

const IDS = RULES.map(({ id }) => id);

const CASES: Record<string, { hits: string[]; misses: string[] }> = {
  'search-everywhere': {
    hits: [
      'find / -name x',
      'sudo find / -type f',
      'grep -rn x /',
      'rg x /usr',
      'du -a /',
      'ls -R ~',
      'tree /',
      'fd x /',
    ],
    misses: [
      'find . -name x',
      'find / -maxdepth 2 -name x',
      'grep -r x src',
      'grep x /etc/hosts',
      'du -sh /',
      'ls /',
      'echo find /',
      'rg / src',
    ],
  },
  'archive-everything': {
    hits: ['tar czf x.tgz /', 'rsync -a / /backup', 'cp -r ~ /tmp/x', 'zip -r x.zip /home'],
    misses: ['tar czf x.tgz src', 'cp a /', 'tar xf x.tgz -C /'],
  },
  'jobs-unbounded': {
    hits: ['make -j', 'make -j all', 'CC=gcc gmake --jobs'],
    misses: ['make -j4', 'make -j "$(nproc)"', 'make', 'make all -l 4', 'ninja'],
  },
  'jobs-many': {
    hits: ['make -j64', 'cargo build -j 100', 'ls | xargs -P0 cat', 'ls | xargs -P 0 cat'],
    misses: ['make -j8', 'ls | xargs -P 4 cat', 'pytest -n 4'],
  },
  'image-build': {
    hits: [
      'docker build -t x .',
      'docker compose up --build',
      'podman build .',
      'docker buildx build .',
      'docker compose -f a.yml build',
    ],
    misses: ['docker ps', 'docker run x build', 'docker compose up', 'npm run build'],
  },
  'download-large': {
    hits: [
      'curl -O https://x.org/a.iso',
      'wget https://x.org/a.tar.gz?x=1',
      'wget -r https://x.org/',
      'docker pull x',
      'aws s3 sync s3://x .',
      'hf download x',
    ],
    misses: [
      'curl https://x.org/api',
      'curl -o a.zip https://x.org/api',
      'wget https://x.org/a.txt',
      'aws s3 ls',
      'git pull',
    ],
  },
  'clone-whole-history': {
    hits: ['git clone https://x.org/y', 'git -C /tmp clone git@x.org:y/z.git'],
    misses: [
      'git clone --depth 1 https://x.org/y',
      'git clone --filter=blob:none https://x.org/y',
      'git clone ../y',
      'git status',
    ],
  },
  'disk-filled': {
    hits: ['yes > x', 'cat /dev/zero > x', 'dd if=/dev/urandom of=x'],
    misses: [
      'yes | head',
      'dd if=/dev/zero of=x count=1',
      'cat /dev/urandom | head -c 8',
      'timeout 1 yes > x',
      'yes > /dev/null',
    ],
  },
  'never-ends': {
    hits: ['tail -f x', 'watch ls', 'journalctl -fu x', 'ping x', 'vim x'],
    misses: ['tail -n 5 x', 'timeout 5 tail -f x', 'ping -c 1 x', 'journalctl -u x'],
  },
};

test('every rule has commands that it hits and commands that it does not', () => {
  expect(Object.keys(CASES).sort()).toEqual([...IDS].sort());
});

describe.each(Object.entries(CASES))('%s', (id, { hits, misses }) => {
  test.each(hits)('is told of %s', async (command) => {
    expect(Object.keys(await onCommand(resourceHeavy, command, onlyRule(IDS, id)))).toEqual(['context']);
  });

  test.each(misses)('nothing is told of %s', async (command) => {
    expect(await onCommand(resourceHeavy, command)).toEqual({});
  });
});

describe('resource-heavy', () => {
  test('the reason names the command and what would be better', async () => {
    expect(await onCommand(resourceHeavy, 'cd x && make -j')).toEqual({
      context:
        '`make -j` builds with as many jobs at once as there are files; `-j"$(nproc)"` would keep to the processors',
    });
  });

  test('settings make a rule stricter and bound the jobs', async () => {
    expect(await onCommand(resourceHeavy, 'docker build .', { rules: { 'image-build': 'ask' } })).toMatchObject({
      decision: 'ask',
    });
    expect(await onCommand(resourceHeavy, 'make -j8', { jobsMax: 4 })).toHaveProperty('context');
  });

  test('what runs in the background may go on', async () => {
    expect(
      await verdictOn(resourceHeavy, toolEvent('Bash', { command: 'tail -f x', run_in_background: true })),
    ).toEqual({});
  });
});
