/** The units of docker/systemd/user under a real service manager of an ordinary user, in a guest of its own. The guest runs
 *  service.py, which collects; what it collected is judged here. */
import { existsSync } from 'node:fs';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { inGuest } from './in-guest.js';

const GUEST_TIMEOUT_S = 700; // 150 on a quiet machine without KVM

interface Ended {
  exitCode: number;
  said: string;
}

interface Answered {
  stdout: string;
  path: string;
}

interface Step {
  hook: Answered;
  shown: Record<'ActiveState' | 'SubState' | 'MainPID' | 'NRestarts' | 'Result' | 'StatusText', string>;
}

interface Facts {
  verify: Ended;
  started: Step & { start: Ended; isMain: boolean };
  reloaded: { taken: Step & { reload: Ended; plan: Ended }; refused: Step & { reload: Ended } };
  replaced: Step & { restart: Ended; isMain: boolean };
  stopped_by_signal: Step & { isMain: boolean; left: number[] };
  ended: Pick<Step, 'shown'> & { stop: Ended; groups: string[]; files: string[] };
  activated: Pick<Step, 'shown'> & {
    start: Ended;
    before: Step['shown'];
    first: Answered;
    restart: Ended;
    second: Answered;
    stop: Ended;
    files: string[];
    third: Answered;
    after: Step['shown'];
    filesAfter: string[];
  };
}

const guest = inGuest('guest/service.py', GUEST_TIMEOUT_S);
const hasManager = existsSync('/lib/systemd/systemd') && existsSync('/usr/bin/systemctl');
const NONE = 'no systemd on this machine, whose files are those of the guest';
let facts: Facts;

beforeAll(async () => {
  if (!hasManager) return;
  const said = await guest.boot();
  if (said !== undefined) facts = JSON.parse(said) as Facts;
}, guest.timeoutMs);

beforeEach((context) => {
  if (hasManager) return guest.skipWithout(context);
  Object.assign(context.task.meta, { skipReason: NONE });
  context.skip(NONE);
});

const SERVED = { stdout: 'served\n', path: expect.stringMatching(/^(exec|worker)$/) };
const OK = expect.objectContaining({ exitCode: 0 });
const RUNNING = { ActiveState: 'active', SubState: 'running', Result: 'success', StatusText: expect.any(String) };

it('systemd has nothing to say against the units', () => {
  expect(facts.verify).toEqual({ exitCode: 0, said: '' });
});

it('start returns when hooks are answered, with the daemon as main process', () => {
  const { start, hook, shown, isMain } = facts.started;
  expect({ start, hook, isMain }).toEqual({ start: OK, hook: SERVED, isMain: true });
  expect(shown).toMatchObject({ ...RUNNING, StatusText: 'serving', NRestarts: '0' });
});

it('reload returns when the new configuration is in force', () => {
  const { reload, plan, hook, shown } = facts.reloaded.taken;
  expect({ reload, hook }).toEqual({ reload: OK, hook: SERVED });
  expect(plan.said).toContain('nothing to change');
  expect(shown).toMatchObject(RUNNING);
});

it('reload of a bad configuration fails, and the daemon serves on', () => {
  const { reload, hook, shown } = facts.reloaded.refused;
  expect(reload.exitCode).not.toBe(0);
  expect(hook).toEqual(SERVED);
  expect(shown).toMatchObject({ ...RUNNING, MainPID: facts.started.shown.MainPID });
});

it('supervisor restart: the service goes on with the successor, which is watched, and nothing was restarted', () => {
  const { restart, hook, shown, isMain } = facts.replaced;
  expect({ restart, hook, isMain }).toEqual({ restart: OK, hook: SERVED, isMain: true });
  expect(shown).toMatchObject({ ...RUNNING, NRestarts: '0' });
  expect(shown.MainPID).not.toBe(facts.started.shown.MainPID);
});

it('a daemon that gives no sign of life is restarted, and nothing of it is left', () => {
  const { hook, shown, isMain, left } = facts.stopped_by_signal;
  expect({ hook, isMain, left }).toEqual({ hook: SERVED, isMain: true, left: [] });
  expect(Number(shown.NRestarts)).toBeGreaterThan(0);
  expect(shown).toMatchObject({ ActiveState: 'active', SubState: 'running' });
});

it('stop: no process, no group, no socket is left, and it was no failure', () => {
  const { stop, shown, groups, files } = facts.ended;
  expect({ stop, groups, files }).toEqual({ stop: OK, groups: [], files: [] });
  expect(shown).toMatchObject({ ActiveState: 'inactive', Result: 'success', MainPID: '0' });
});

it('the socket unit: the first hook starts the daemon and is answered by it', () => {
  const { start, before, first, shown } = facts.activated;
  expect({ start, first }).toEqual({ start: OK, first: SERVED });
  expect([before.ActiveState, shown.ActiveState]).toEqual(['inactive', 'active']);
});

it('its socket outlives restart and stop of the service, and the next hook starts the daemon again', () => {
  const { restart, second, stop, files, third, after, filesAfter } = facts.activated;
  expect({ restart, second, stop, third }).toEqual({ restart: OK, second: SERVED, stop: OK, third: SERVED });
  expect(files).toEqual(['call.sock']);
  expect(after.ActiveState).toBe('inactive');
  expect(filesAfter).not.toContain('call.sock');
});
