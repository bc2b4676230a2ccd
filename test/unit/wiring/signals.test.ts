import { beforeEach, expect, it } from 'vitest';
import { type EndSignal, takeSignals } from '../../../supervisor/wiring/signals.js';

let listeners: Map<EndSignal, () => void>;
let told: string[];
beforeEach(() => {
  listeners = new Map();
  told = [];
});

const take = (hasTerminal: boolean) => takeSignals((signal, listener) => listeners.set(signal, listener), hasTerminal);
const send = (signal: EndSignal) => listeners.get(signal)?.();
const tell = (signals: ReturnType<typeof take>) =>
  signals.tell(
    (signal) => told.push(signal),
    () => told.push('reload'),
  );

it('each is taken at once, and none is asked for before it comes', () => {
  expect(take(false).endAsked()).toBeUndefined();
  expect([...listeners.keys()].sort()).toEqual(['SIGHUP', 'SIGINT', 'SIGTERM']);
});

it('what comes before anybody is told is kept, the first of several, and told once', () => {
  const signals = take(false);
  send('SIGINT');
  send('SIGTERM');
  expect(signals.endAsked()).toBe('SIGINT');
  tell(signals);
  expect(told).toEqual(['SIGINT']);
  send('SIGTERM');
  expect(told).toEqual(['SIGINT', 'SIGTERM']);
});

it('SIGHUP without a terminal asks for a reload, then or as soon as there is somebody to do it', () => {
  const signals = take(false);
  send('SIGHUP');
  expect(signals.endAsked()).toBeUndefined();
  tell(signals);
  send('SIGHUP');
  expect(told).toEqual(['reload', 'reload']);
});

it('a terminal that goes away early is an end asked for', () => {
  const signals = take(true);
  send('SIGHUP');
  expect(signals.endAsked()).toBe('SIGHUP');
});
