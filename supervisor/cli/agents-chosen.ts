/** The agents that a verb is for: the one that was named, or all we know. */
import type { Agent } from '../agents/agent.js';
import { AGENTS, UNSUPPORTED } from '../agents/known.js';
import { type Context, tellProblem } from './context.js';

/** Undefined: told that it is not supported. */
export function chosenAgents(context: Context, name: string | undefined): readonly Agent[] | undefined {
  if (name === undefined) return AGENTS;
  const unsupported = UNSUPPORTED.find((agent) => agent.name === name);
  if (unsupported === undefined) return AGENTS.filter((agent) => agent.name === name);
  const remedy = 'put the client in front of a hook by hand, and compare its answers with a direct run';
  tellProblem(context, { where: unsupported.title, what: `is not supported: ${unsupported.why}`, remedy });
  return undefined;
}
