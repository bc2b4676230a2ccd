/** What hooks do to a session of one tool call: their commands, and what becomes of the call. */
import type { AgentClient, WantedHooks } from './clients/client.js';

export type Decision = 'allowed' | 'denied' | 'rewritten';

export interface Case {
  name: string;
  hooks(says: AgentClient['says'], project: string): WantedHooks;
  /** Where the two agree, or of each. */
  decision: Decision | Record<AgentClient['name'], Decision>;
  /** Text that must be in what the model is told, so that the comparison is about something. */
  told?: string;
}

/** What the tool is asked for, what it runs if a hook rewrites it, and the file that tells which. What it says stands nowhere in
 *  the call itself. */
export const RAN_FILE = 'ran';
export const SAYS = "printf 'the tool %s\\n' speaks";
export const TOOL = `echo allowed >> ${RAN_FILE}; ${SAYS}`;
const REWRITTEN = `echo rewritten >> ${RAN_FILE}; ${SAYS} again`;
/** Where hooks note that they ran. */
export const NOTES_FILE = 'notes';
/** Of the project. */
export const FILES = {
  'guard.py': `import json, os, sys
event = json.load(sys.stdin)
command = event['tool_input']['command']
names = sorted(name for name in os.environ if name != '_')
print(json.dumps({'decision': 'block', 'reason': f'{event["tool_name"]}: {command}; {os.getcwd()}; {names}'}))
`,
  'guard.mjs': `import { readFileSync } from 'node:fs';
const event = JSON.parse(readFileSync(0, 'utf8'));
process.stderr.write(\`\${event.hook_event_name}: \${Object.keys(event)}; \${process.argv.length}; é \\u2028 \\n\`);
process.exit(2);
`,
  'guard.sh': '#!/bin/bash\nread -r event\ncase $event in *allowed*) echo "not on $BASH_VERSION" >&2; exit 2 ;; esac\n',
};

const beforeTool =
  (...commands: string[]) =>
  (): WantedHooks => ({ beforeTool: commands.map((command) => ({ command, timeoutMs: 20_000 })) });
const prints = (answer: object) =>
  `cat > /dev/null; printf '%s\\n' '${JSON.stringify(answer).replaceAll("'", "'\\''")}'`;

export const CASES: readonly Case[] = [
  { name: 'nothing said', hooks: beforeTool('cat > /dev/null'), decision: 'allowed', told: 'the tool speaks' },
  {
    name: 'exit 2 with a reason',
    hooks: beforeTool('echo "not this" >&2; exit 2'),
    decision: 'denied',
    told: 'not this',
  },
  { name: 'exit 2 without a word', hooks: beforeTool('exit 2'), decision: 'allowed' },
  {
    name: 'exit 2, a reason and an empty object',
    hooks: beforeTool('echo "{}"; echo "not this" >&2; exit 2'),
    decision: { gemini: 'allowed', codex: 'denied' },
  },
  {
    name: 'block as JSON',
    hooks: beforeTool(prints({ decision: 'block', reason: 'said by "JSON"' })),
    decision: 'denied',
    told: 'said by',
  },
  { name: 'exit 1', hooks: beforeTool('echo oh >&2; exit 1'), decision: 'allowed' },
  {
    name: 'exit 3 with a reason',
    hooks: beforeTool('echo "not this" >&2; exit 3'),
    decision: { gemini: 'denied', codex: 'allowed' },
  },
  { name: 'no such program', hooks: beforeTool('no-such-program'), decision: { gemini: 'denied', codex: 'allowed' } },
  { name: 'a crash', hooks: beforeTool('kill -SEGV $$'), decision: 'allowed' },
  { name: 'a hook that kills itself', hooks: beforeTool('echo so far; kill -KILL $$'), decision: 'allowed' },
  { name: 'broken JSON', hooks: beforeTool('echo \'{"decision": "block"\''), decision: 'allowed' },
  {
    name: 'a megabyte of plain text',
    hooks: beforeTool("head -c 1000000 /dev/zero | tr '\\0' x"),
    decision: 'allowed',
  },
  {
    name: 'the input rewritten',
    hooks: (says) => beforeTool(prints(says.rewrite(REWRITTEN)))(),
    decision: 'rewritten',
    told: 'the tool again',
  },
  { name: 'a Python script', hooks: beforeTool('python3 guard.py'), decision: 'denied', told: 'HS_NONCE' },
  { name: 'a Node script', hooks: beforeTool('node guard.mjs'), decision: 'denied', told: 'tool_input' },
  { name: 'a bash script', hooks: beforeTool('./guard.sh'), decision: 'denied', told: 'not on' },
  {
    name: 'a script by what the agent calls the project',
    hooks: (_says, project) => beforeTool(`${project}/guard.sh`)(),
    decision: 'denied',
    told: 'not on',
  },
  {
    name: 'three at once, of which one denies',
    hooks: beforeTool('sleep 0.3; echo late >> notes', 'echo "not this" >&2; exit 2', 'cat > /dev/null'),
    decision: 'denied',
    told: 'not this',
  },
  {
    name: 'the same hook twice',
    hooks: beforeTool('echo once >> notes', 'echo once >> notes'),
    decision: 'allowed',
  },
  {
    name: 'context from every moment, 100,000 characters after the tool',
    hooks: (says) => ({
      sessionStart: [{ command: prints(says.context('sessionStart', 'said at the start')) }],
      prompt: [{ command: prints(says.context('prompt', 'said at the prompt')) }],
      afterTool: [{ command: prints(says.context('afterTool', `said afterwards ${'x'.repeat(100_000)}`)) }],
    }),
    decision: 'allowed',
    told: 'said at the prompt',
  },
  {
    name: 'the result taken back after the tool',
    hooks: (_says) => ({ afterTool: [{ command: prints({ decision: 'block', reason: 'not this result' }) }] }),
    decision: 'allowed',
    told: 'not this result',
  },
  {
    name: 'the prompt refused',
    hooks: () => ({ prompt: [{ command: 'echo "no prompts today" >&2; exit 2' }] }),
    decision: 'denied',
  },
  {
    name: 'the end refused once',
    hooks: () => ({
      end: [
        {
          command: `if [ -e notes ]; then exit 0; fi; echo once > notes; ${prints({ decision: 'block', reason: 'go on' })}`,
        },
      ],
    }),
    decision: 'allowed',
    told: 'go on',
  },
  {
    name: 'a child left in the background that writes later',
    hooks: beforeTool('(sleep 0.7; echo child >> notes) > /dev/null 2>&1 < /dev/null &'),
    decision: 'allowed',
    told: 'the tool speaks',
  },
  {
    name: 'a child left in the background that holds the output',
    hooks: beforeTool('(sleep 1.5; echo child >> notes) & echo "not this" >&2; exit 2'),
    decision: 'denied',
    told: 'not this',
  },
];
