/** `builtin:command-safety`: shell commands that would end a system, a disk, a home or a shared branch. */
import { defineValidator } from '../api/validator.mjs';
import { FORK_BOMB, RULES, UNREADABLE } from './command-safety/rules.mjs';
import { verdictOf } from './lib/findings.mjs';
import { disk, projectOf } from './lib/project.mjs';
import { remembered, ruled, settingsOf } from './lib/settings.mjs';
import { shellTextOf } from './lib/tools.mjs';
import { readScript } from './shell/reader.mjs';

const PROBLEMS_MAX = 3;
const SHAPE = {
  rules: ['object', {}],
  protect: ['texts', []],
  branches: ['texts', ['main', 'master']],
};

const prepared = remembered((given) => {
  const { rules, protect, branches } = settingsOf(given, SHAPE);
  return { protect, branches, rules: ruled([...RULES, FORK_BOMB, UNREADABLE], rules) };
});

/** @param {import('./lib/project.mjs').Marks} marks */
export function commandSafety(marks) {
  return defineValidator({
    name: 'command-safety',
    validate(event, { settings, cwd, projectFolder }) {
      const text = shellTextOf(event);
      if (text === undefined) return undefined;
      const { rules, ...configured } = prepared(settings);
      const folder = event.cwd || cwd;
      const scene = {
        ...configured,
        /** Looked for only when a command may remove it. */
        get project() {
          return projectFolder || projectOf(folder, marks);
        },
      };
      return verdictOf(findingsIn(readScript(text, folder), rules, scene));
    },
  });
}

export default commandSafety(disk);

function findingsIn({ commands, bombs, problems }, rules, scene) {
  return rules.flatMap((rule) => {
    const found = (words) => ({ decision: rule.decision, words });
    if (rule.id === FORK_BOMB.id) return bombs.map((name) => found(`\`${name}\` ${rule.reason}`));
    if (rule.id === UNREADABLE.id)
      return problems.length === 0
        ? []
        : [found(`the command ${rule.reason}: ${problems.slice(0, PROBLEMS_MAX).join(', ')}`)];
    return commands
      .filter((command) => rule.hits(command, scene))
      .map(({ source }) => found(`\`${source}\` ${rule.reason}`));
  });
}
