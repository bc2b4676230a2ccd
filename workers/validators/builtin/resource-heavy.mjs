/** `builtin:resource-heavy`: tells the model what a shell command may cost. It decides nothing unless it is configured to. */
import { defineValidator } from '../api/validator.mjs';
import { verdictOf } from './lib/findings.mjs';
import { remembered, ruled, settingsOf } from './lib/settings.mjs';
import { shellTextOf } from './lib/tools.mjs';
import { RULES } from './resource-heavy/rules.mjs';
import { readScript } from './shell/reader.mjs';

const SHAPE = { rules: ['object', {}], jobsMax: ['count', 32] };

const prepared = remembered((given) => {
  const { rules, jobsMax } = settingsOf(given, SHAPE);
  return {
    rules: ruled(
      RULES.map((rule) => ({ ...rule, decision: 'inform' })),
      rules,
    ),
    jobsMax,
  };
});

export default defineValidator({
  name: 'resource-heavy',
  validate(event, { settings, cwd }) {
    const text = shellTextOf(event);
    if (text === undefined) return undefined;
    const { rules, jobsMax } = prepared(settings);
    const scene = { jobsMax, isBackground: event.toolInput?.run_in_background === true };
    const { commands } = readScript(text, event.cwd || cwd);
    return verdictOf(
      rules.flatMap(({ decision, reason, hits }) =>
        commands
          .filter((command) => hits(command, scene))
          .map(({ source }) => ({ decision, words: `\`${source}\` ${reason}` })),
      ),
    );
  },
});
