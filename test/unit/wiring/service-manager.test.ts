import { beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../supervisor/contract/limits.js';
import { type ServiceManager, serviceManager } from '../../../supervisor/wiring/service-manager.js';
import { FakeClock } from '../../lib/fake-clock.js';

const EAGAIN = -11;
let clock: FakeClock;
let sent: string[];
let status: number;

beforeEach(() => {
  clock = new FakeClock();
  sent = [];
  status = 0;
});

function manager(env: NodeJS.ProcessEnv, pid = 7): ServiceManager {
  const notify = (address: string, text: string) => {
    if (status === 0) sent.push(`${address} ${text}`);
    return status;
  };
  return serviceManager({ native: { notify }, clock, env, pid, monotonicUs: () => 5_000_001n });
}

const NOTIFIED = { NOTIFY_SOCKET: '@n' };
const WATCHED = { ...NOTIFIED, WATCHDOG_USEC: '4000000', WATCHDOG_PID: '7' };

it('without a manager nothing is sent and nothing beats', () => {
  const service = manager({});
  service.ready('serving');
  service.reloading();
  service.beat(() => true);
  service.stopping();
  expect(sent).toEqual([]);
  expect(clock.timers).toEqual([]);
  expect(service).toMatchObject({ follows: false, variables: {} });
});

it('its variables are taken out of the environment, all others stay', () => {
  const env = { ...WATCHED, PATH: '/bin', INVOCATION_ID: 'x' };
  const service = manager(env);
  expect(env).toEqual({ PATH: '/bin', INVOCATION_ID: 'x' });
  expect(service.variables).toEqual({ NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '4000000' });
});

it('says each state in one datagram; a reload with the time at which it began', () => {
  const service = manager({ ...NOTIFIED });
  service.ready('serving');
  service.reloading();
  service.replacedBy(9);
  service.stopping();
  expect(sent).toEqual([
    '@n READY=1\nSTATUS=serving',
    '@n RELOADING=1\nMONOTONIC_USEC=5000001\nSTATUS=reading its configuration',
    '@n MAINPID=9\nWATCHDOG=1\nSTATUS=taken over from the daemon before',
    '@n STOPPING=1\nSTATUS=stopping: what runs may finish',
  ]);
});

it('a manager whose queue is full gets all of it later, in order, and no more than the bound', () => {
  const service = manager({ ...NOTIFIED });
  status = EAGAIN;
  for (let count = 0; count < LIMITS.serviceMessagesMax + 5; count++) service.ready(String(count));
  expect(clock.timers).toHaveLength(1);
  status = 0;
  clock.pass(100);
  expect(sent.map((text) => text.split('=').at(-1))).toEqual([...Array(LIMITS.serviceMessagesMax).keys()].map(String));
  service.ready('again');
  expect(sent.at(-1)).toContain('again');
});

describe('watchdog', () => {
  it('a sign of life at half the time, none while it does not serve', () => {
    let serves = true;
    manager({ ...WATCHED }).beat(() => serves);
    clock.pass(1_999);
    expect(sent).toEqual([]);
    clock.pass(1);
    clock.pass(2_000);
    expect(sent).toEqual(['@n WATCHDOG=1', '@n WATCHDOG=1']);
    serves = false;
    clock.pass(2_000);
    expect(sent).toHaveLength(2);
    serves = true;
    clock.pass(2_000);
    expect(sent).toHaveLength(3);
  });

  it.each([
    ['stops', (service: ServiceManager) => service.stopping()],
    ['is replaced', (service: ServiceManager) => service.replacedBy(9)],
  ])('none any more once the daemon %s', (_what, end) => {
    const service = manager({ ...WATCHED });
    service.beat(() => true);
    end(service);
    const { length } = sent;
    for (let count = 0; count < 4; count++) clock.pass(2_000);
    expect(sent).toHaveLength(length);
  });

  it('a manager that is stuck: what counts is not crowded out by signs of life', () => {
    const service = manager({ ...WATCHED });
    service.beat(() => true);
    status = EAGAIN;
    for (let count = 0; count < 2 * LIMITS.serviceMessagesMax; count++) clock.pass(2_000);
    status = 0;
    service.replacedBy(9);
    clock.pass(100);
    expect(sent.at(-1)).toContain('MAINPID=9\n');
  });

  it('not for a process that the variables do not mean', () => {
    manager({ ...WATCHED }, 8).beat(() => true);
    expect(clock.timers).toEqual([]);
  });
});

it.each([
  ['a unit of systemd', { ...NOTIFIED, INVOCATION_ID: 'x' }, 7, true],
  ['nobody who would hear of it', { INVOCATION_ID: 'x' }, 7, false],
  ['another manager', { ...NOTIFIED }, 7, false],
  ['the first process of a container', { ...NOTIFIED, INVOCATION_ID: 'x' }, 1, false],
])('whether it is followed to a successor: %s', (_what, env, pid, follows) => {
  expect(manager({ ...env }, pid).follows).toBe(follows);
});
