/** `builtin:secrets`: keys and tokens in what a tool is given: a file's new content, a command, an address, a prompt. What it has found
 *  it never repeats. */
import { defineValidator } from '../api/validator.mjs';
import { verdictOf } from './lib/findings.mjs';
import { remembered, ruled, settingsOf } from './lib/settings.mjs';
import { PATTERNS } from './secrets/patterns.mjs';
import { textsIn } from './secrets/texts.mjs';

const SHAPE = { rules: ['object', {}], ignore: ['texts', []] };
const TEXT_MAX_CHARACTERS = 2 * 1024 * 1024;
const SHOWN_CHARACTERS = 4;

const prepared = remembered((given) => {
  const { rules, ignore } = settingsOf(given, SHAPE);
  return { rules: ruled(PATTERNS, rules), ignore };
});

export default defineValidator({
  name: 'secrets',
  validate(event, { settings }) {
    const { rules, ignore } = prepared(settings);
    const input =
      event.toolInput ?? (event.name === 'beforeShellExecution' ? { command: event.raw.command } : undefined);
    return verdictOf(textsIn(input).flatMap((text) => findingsIn(text, rules, ignore)));
  },
});

function findingsIn({ name, text }, rules, ignore) {
  const looked = text.slice(0, TEXT_MAX_CHARACTERS);
  const findings = rules.flatMap(({ decision, what, pattern, check }) =>
    [...looked.matchAll(pattern)]
      .map(([found]) => found)
      .filter((found) => check(found) && !ignore.some((one) => found.includes(one)))
      .map((found) => ({ decision, words: `${name} holds ${what} (${masked(found)})` })),
  );
  if (looked.length < text.length) {
    findings.push({
      decision: 'inform',
      words: `secrets: only the first ${TEXT_MAX_CHARACTERS} characters of ${name} were looked at`,
    });
  }
  return findings;
}

function masked(found) {
  return `${found.slice(0, SHOWN_CHARACTERS)}..., ${found.length} characters`;
}
