import { expect, test } from 'vitest';
import { Stop, type StopSignal } from '../../../supervisor/contract/stop.js';

/** What listeners hear that come and go before, during and after the stop. */
function heard(signal: StopSignal, abort: () => void): string[] {
  const told: string[] = [];
  const say = (word: string) => () => void told.push(`${word} ${signal.aborted}`);
  const [twice, gone, late, taken] = [say('twice'), say('gone'), say('late'), say('taken')];
  const first = () => {
    told.push('first');
    signal.removeEventListener('abort', taken);
  };
  for (const listener of [first, twice, gone, twice, taken]) signal.addEventListener('abort', listener, { once: true });
  signal.removeEventListener('abort', gone);
  told.push(String(signal.aborted));
  abort();
  abort();
  signal.addEventListener('abort', late);
  told.push(String(signal.aborted));
  return told;
}

test('a stop is told as an AbortSignal tells it', () => {
  const [stop, node] = [new Stop(), new AbortController()];
  const told = heard(stop, () => stop.abort());
  expect(told).toEqual(heard(node.signal, () => node.abort()));
  expect(told).toEqual(['false', 'first', 'twice true', 'true']);
});
