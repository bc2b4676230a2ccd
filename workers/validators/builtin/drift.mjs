/** `builtin:drift`: what goes wrong slowly, seen over the tool calls of a session. It decides nothing; what it remembers is lost with
 *  its worker. */
import { defineValidator } from '../api/validator.mjs';
import { coordinationDrift } from './drift/coordination.mjs';
import { History } from './drift/history.mjs';
import { resourceDrift } from './drift/resource.mjs';
import { resultOf } from './drift/result.mjs';
import { sequentialDrift } from './drift/sequential.mjs';
import { settingsOf } from './lib/settings.mjs';

const ANALYSERS = { sequential: sequentialDrift, coordination: coordinationDrift, resource: resourceDrift };
const SHAPE = {
  sequential: ['boolean', true],
  coordination: ['boolean', true],
  resource: ['boolean', true],
  repeatsMin: ['count', 3],
  eventsBack: ['count', 50],
  growthFactor: ['number', 3],
  durationMinMs: ['count', 5_000],
  outputMinCharacters: ['count', 20_000],
};

export function drift(history) {
  return defineValidator({
    name: 'drift',
    validate(event, { settings }) {
      const result = resultOf(event);
      if (result === undefined) return undefined;
      const wanted = settingsOf(settings, SHAPE);
      const told = Object.entries(ANALYSERS).flatMap(([name, analyse]) =>
        wanted[name] ? analyse(result, history, wanted) : [],
      );
      history.add(result);
      return told.length === 0 ? undefined : { context: told.join('\n') };
    },
  });
}

export default drift(new History());
