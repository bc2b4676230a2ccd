/** Rewriting real files: what is kept, what is refused, and what a kill or another tool in between leaves. */
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claude } from '../../../supervisor/agents/claude.js';
import {
  BACKUP_SUFFIX,
  type FileChange,
  installFile,
  isRemembered,
  restoreFile,
} from '../../../supervisor/agents/install/install-file.js';
import { Journal } from '../../../supervisor/agents/install/journal.js';
import { digestOf, readSettingsFile, reasonNotToWrite } from '../../../supervisor/agents/install/read-file.js';
import { removalOf } from '../../../supervisor/agents/install/uninstall-file.js';
import { writeWhole } from '../../../supervisor/agents/install/write-file.js';
import { planInstall } from '../../../supervisor/agents/plan.js';
import { corpusText } from '../../lib/settings-corpus.js';

const ORIGINAL = corpusText('claude/08-bom');
const UID = process.geteuid?.() ?? 0;

let root: string;
let path: string;
let state: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hs-install-'));
  mkdirSync(join(root, '.claude'));
  path = join(root, '.claude/settings.json');
  state = join(root, 'state');
  writeFileSync(path, ORIGINAL, 'latin1');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const text = () => readFileSync(path, 'latin1');
const backup = () => `${path}${BACKUP_SUFFIX}`;

function change(before = text()): FileChange {
  const wishes = {
    client: { path: '/c/supervisor-hook', name: 'c' },
    hasArgs: true,
    direct: [],
    scriptReason: () => undefined,
    scopes: ['user' as const],
  };
  const more = { level: undefined, onUnavailable: undefined };
  const [planned] = planInstall(claude, [{ file: { path, scope: 'user' }, text: before }], { ...wishes, ...more });
  if (planned?.kind !== 'planned') throw new Error('not planned');
  return { path, agent: 'claude', before, without: planned.without, after: planned.after };
}

function install(): void {
  expect(installFile(change(), new Journal(state), UID)).toEqual({ kind: 'done' });
}

/** The whole of uninstall for this file. */
function uninstall() {
  const journal = new Journal(state);
  const before = text();
  const removal = removalOf(claude, path, before, journal);
  if (removal.kind !== 'planned') return removal;
  const { after, undecided } = removal;
  const restored = restoreFile({ path, agent: 'claude', before, without: after, after }, journal, UID, undecided > 0);
  expect(restored).toEqual({ kind: 'done' });
  return removal;
}

function expectNothingLeft(): void {
  expect(text()).toBe(ORIGINAL);
  expect(readdirSync(join(root, '.claude'))).toEqual(['settings.json']);
  expect(new Journal(state).entries).toEqual([]);
}

describe('install, then uninstall', () => {
  test('to the byte, and nothing is left', () => {
    install();
    expect(text()).not.toBe(ORIGINAL);
    expect(readFileSync(backup(), 'latin1')).toBe(ORIGINAL);
    expect(uninstall()).toMatchObject({ how: 'exact', undecided: 0 });
    expectNothingLeft();
  });

  test('the mode stays, also of the backup', () => {
    chmodSync(path, 0o640);
    install();
    expect([path, backup()].map((file) => statSync(file).mode & 0o777)).toEqual([0o640, 0o640]);
    uninstall();
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  test('twice changes nothing, and the backup stays that of the file without us', () => {
    install();
    const once = text();
    install();
    expect(text()).toBe(once);
    expect(readFileSync(backup(), 'latin1')).toBe(ORIGINAL);
  });

  test('without the journal by the words in the file', () => {
    install();
    rmSync(state, { recursive: true });
    expect(uninstall()).toMatchObject({ how: 'merged', undecided: 0 });
    expect(text()).toBe(ORIGINAL);
  });

  test('a backup that was changed is not put back', () => {
    install();
    writeFileSync(backup(), 'spoiled');
    expect(uninstall()).toMatchObject({ how: 'merged' });
    expectNothingLeft();
  });

  test('with a spoiled journal likewise', () => {
    install();
    writeFileSync(join(state, 'installed-hooks.json'), '{ "files": [ null, 7, { "path": 1 } ] }');
    expect(uninstall()).toMatchObject({ how: 'merged' });
    expect(text()).toBe(ORIGINAL);
  });
});

describe('another tool wrote to the file in between', () => {
  test('what it added stays, what is ours goes', () => {
    install();
    const added =
      '{ "type": "command", "command": "echo added" }, { "type": "command", "command": "supervisor-hook sh \'x\'" }';
    writeFileSync(path, text().replace('[ { "type"', `[ ${added}, { "type"`), 'latin1');
    expect(uninstall()).toMatchObject({ how: 'merged', undecided: 0, kept: [{ why: 'not written by install' }] });
    expect(text()).toBe(ORIGINAL.replace('[ { "type"', `[ ${added}, { "type"`));
  });

  test('laid out and spelled anew, with keys in another order', () => {
    writeFileSync(path, corpusText('claude/04-exec-form').replace("it''s", 'its'), 'latin1');
    const original: unknown = JSON.parse(text());
    install();
    writeFileSync(path, JSON.stringify(JSON.parse(text()), sortedKeys, 2), 'latin1');
    expect(uninstall()).toMatchObject({ how: 'merged', undecided: 0 });
    expect(JSON.parse(text())).toEqual(original);
  });

  test('a text that became args and was sorted away from its command is taken back, too', () => {
    writeFileSync(path, '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"echo \'a\'","timeout":3}]}]}}');
    const original: unknown = JSON.parse(text());
    install();
    writeFileSync(path, JSON.stringify(JSON.parse(text()), sortedKeys, 1), 'latin1');
    expect(text()).toMatch(/"args": .*"timeout": .*"command": /s);
    expect(uninstall()).toMatchObject({ undecided: 0 });
    expect(JSON.parse(text())).toEqual(original);
  });

  test('a hook of ours that was changed is shown, not guessed, and the backup stays', () => {
    writeFileSync(path, '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"echo a","shell":"bash"}]}]}}');
    install();
    writeFileSync(path, text().replace("'echo a'", "'echo a' && echo b"));
    const changed = text();
    expect(uninstall()).toMatchObject({ undecided: 1, kept: [{ why: expect.stringContaining('cannot be told') }] });
    expect(text()).toBe(changed);
    expect(existsSync(backup())).toBe(true);
  });

  const WITH_ARGS =
    '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"echo a"}, {"type":"command","command":"b"}]}]}}';

  const WRAPPED = '"command":"/c/supervisor-hook", "args": ["sh", "--", "echo a"]';

  test.each([
    ['without the word that ends our own', '"command":"/c/supervisor-hook", "args": ["sh", "echo a"]'],
    ['behind another program', '"command":"nice", "args": ["/c/supervisor-hook", "sh", "--", "echo a"]'],
    ['as a text behind another program', '"command":"env X=1 /c/supervisor-hook sh -- \'echo a\'"'],
  ])('%s: the backup tells what has gone, and the others are taken back', (_name, changed) => {
    writeFileSync(path, WITH_ARGS);
    install();
    expect(text()).toContain(WRAPPED);
    writeFileSync(path, text().replace(WRAPPED, changed));
    const why =
      'was changed since install: what it was cannot be told; of this event the backup has `echo a` in line 1';
    expect(uninstall()).toMatchObject({ undecided: 1, kept: [{ event: 'Stop', why }] });
    expect(text()).toBe(WITH_ARGS.replace('"command":"echo a"', changed));
    expect(existsSync(backup())).toBe(true);
    // By hand, and then there is nothing left to ask.
    writeFileSync(path, WITH_ARGS);
    expect(uninstall()).toMatchObject({ how: 'exact', undecided: 0 });
    expect(existsSync(backup())).toBe(false);
  });

  test('wrapped by hand since: not ours, as nothing is missing', () => {
    writeFileSync(path, WITH_ARGS);
    install();
    const byHand = '{"type":"command","command":"nice supervisor-hook run -- c"}, ';
    const added = (file: string) => file.replace('"hooks":[{', `"hooks":[${byHand}{`);
    writeFileSync(path, added(text()));
    expect(uninstall()).toMatchObject({ undecided: 0, kept: [{ why: 'not written by install' }] });
    expect(text()).toBe(added(WITH_ARGS));
  });

  test('wrapped by hand before, and another hook removed since: not ours', () => {
    const byHand = '{"type":"command","command":"supervisor-hook run -- c"}';
    const before = WITH_ARGS.replace('"hooks":[{', `"hooks":[${byHand}, {`);
    writeFileSync(path, before);
    install();
    const isB = /, \{[^{}]*"b"\]?\}/;
    expect(text()).toMatch(isB);
    writeFileSync(path, text().replace(isB, ''));
    expect(uninstall()).toMatchObject({ undecided: 0, kept: [{ why: 'not written by install' }] });
    expect(text()).toBe(before.replace(isB, ''));
  });

  test('no JSON any more: told with its place, untouched', () => {
    install();
    writeFileSync(path, '{ oops');
    expect(uninstall()).toMatchObject({ kind: 'unreadable', where: `${path}:1:3` });
    expect(text()).toBe('{ oops');
  });

  test('between plan and writing: refused', () => {
    const planned = change();
    writeFileSync(path, '{}');
    const failed = { kind: 'failed', what: 'was changed meanwhile' };
    expect(installFile(planned, new Journal(state), UID)).toMatchObject(failed);
    expect(text()).toBe('{}');
    expect(existsSync(backup())).toBe(false);
  });
});

/** Values of objects with their keys in reverse. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const order = ['hooks', 'type', 'args', 'timeout', 'command'];
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
}

describe('killed', () => {
  test('before anything but the backup: uninstall takes that away', () => {
    writeWhole(backup(), ORIGINAL, { mode: 0o600, gid: statSync(path).gid });
    expect(isRemembered(path, new Journal(state))).toBe(true);
    expect(uninstall()).toMatchObject({ after: ORIGINAL });
    expectNothingLeft();
    expect(isRemembered(path, new Journal(state))).toBe(false);
  });

  test('while the backup is written: uninstall takes away what there is of it', () => {
    writeFileSync(`${backup()}.hook-supervisor-new`, '{"half');
    expect(isRemembered(path, new Journal(state))).toBe(true);
    expect(uninstall()).toMatchObject({ after: ORIGINAL });
    expectNothingLeft();
  });

  test('between journal and file: uninstall finds the file as it was', () => {
    const { without, after } = change();
    writeWhole(backup(), without, { mode: 0o600, gid: statSync(path).gid });
    const digests = { withoutDigest: digestOf(without), installedDigest: digestOf(after) };
    new Journal(state).put({ path, agent: 'claude', ...digests, backup: backup() });
    expect(uninstall()).toMatchObject({ how: 'exact', after: ORIGINAL });
    expectNothingLeft();
  });

  test('while the new file is written: the old one is whole, the next install takes the new one away', () => {
    writeFileSync(`${path}.hook-supervisor-new`, '{"half');
    install();
    uninstall();
    expectNothingLeft();
  });

  test('between the file and the backup of an uninstall: the next one ends it', () => {
    install();
    writeFileSync(path, ORIGINAL, 'latin1');
    expect(uninstall()).toMatchObject({ how: 'exact' });
    expectNothingLeft();
  });
});

describe('refused', () => {
  const facts = () => {
    const content = readSettingsFile(path);
    return content.kind === 'read' ? reasonNotToWrite(path, content.stats, UID)?.what : content;
  };

  test('a symbolic link is not even read', () => {
    renameSync(path, join(root, 'real.json'));
    symlinkSync(join(root, 'real.json'), path);
    expect(facts()).toMatchObject({ kind: 'refused', what: 'is a symbolic link' });
  });

  test('a folder that is a symbolic link', () => {
    renameSync(join(root, '.claude'), join(root, 'real'));
    symlinkSync('real', join(root, '.claude'));
    expect(facts()).toContain('which is a symbolic link');
  });

  test('a file with two names', () => {
    linkSync(path, join(root, 'other.json'));
    expect(facts()).toContain('more than one name');
  });

  test("somebody else's file", () => {
    expect(reasonNotToWrite(path, statSync(path), UID + 1)?.what).toBe(
      `belongs to uid ${UID}, not to you (uid ${UID + 1})`,
    );
  });

  test('a folder that everybody can write', () => {
    chmodSync(join(root, '.claude'), 0o777);
    expect(facts()).toContain('which everybody can write');
  });

  test('what is no regular file, or has no end', () => {
    expect(readSettingsFile(root)).toMatchObject({ kind: 'refused', what: 'is not a regular file' });
    expect(readSettingsFile('/dev/zero')).toMatchObject({ kind: 'refused' });
    expect(readSettingsFile(join(root, 'none'))).toEqual({ kind: 'absent' });
  });

  test('a file of ours that is ready under the name of the new one is not written through', () => {
    writeFileSync(join(root, 'victim'), 'untouched');
    symlinkSync(join(root, 'victim'), `${path}.hook-supervisor-new`);
    install();
    expect(readFileSync(join(root, 'victim'), 'utf8')).toBe('untouched');
  });

  test('a journal that names another file as backup has it not removed', () => {
    install();
    writeFileSync(join(root, 'victim'), 'untouched');
    const journal = new Journal(state);
    const entry = journal.of(path);
    if (entry !== undefined) journal.put({ ...entry, backup: join(root, 'victim') });
    uninstall();
    expect(readFileSync(join(root, 'victim'), 'utf8')).toBe('untouched');
  });
});
