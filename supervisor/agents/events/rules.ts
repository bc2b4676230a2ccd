/** The agents whose events are answered here, and what is the same for all of them. */
import type { AgentEvent, EventAgent } from '../../contract/validating.js';
import { AGENTS } from '../known.js';
import { claude } from './claude/claude.js';
import { behindFirstLine } from './claude/first-line.js';
import { codex } from './codex/codex.js';
import { copilot } from './copilot/copilot.js';
import { cursor } from './cursor/cursor.js';
import { gemini } from './gemini/gemini.js';
import type { Abilities, CommandEnd, EventRules, Outcome } from './verdicts.js';

export const RULES: Readonly<Record<EventAgent, EventRules>> = { claude, gemini, codex, cursor, copilot };

export function titleOf(agent: EventAgent): string {
  return AGENTS.find(({ name }) => name === agent)?.title ?? agent;
}

/** By which it runs the texts of its hooks. */
export function shellOf(agent: EventAgent): string {
  return AGENTS.find(({ name }) => name === agent)?.shell ?? '/bin/sh';
}

export function abilitiesAt(event: AgentEvent): Abilities {
  return RULES[event.agent].can(event);
}

/** Undefined: not yet known. */
export function saysAsync(agent: EventAgent, stdout: Buffer): boolean | undefined {
  return RULES[agent].isAsync === undefined ? false : RULES[agent].isAsync(stdout);
}

/** What one that has said so says behind its first line. */
export function readUnawaited(event: AgentEvent, end: CommandEnd): Outcome {
  return readHook(event, { ...end, stdout: behindFirstLine(end.stdout) });
}

/** What a wrapped hook says to an agent that has started it itself. */
export function readHook(event: AgentEvent, end: CommandEnd): Outcome {
  return RULES[event.agent].read(event, end);
}
