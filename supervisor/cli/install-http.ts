/** `install --http`: whether the agent can ask this daemon for its hooks by HTTP, and what is lost by it. */
import { join } from 'node:path';
import type { Agent } from '../agents/agent.js';
import type { HttpWishes } from '../agents/http/wrapping.js';
import type { Found } from '../agents/install/find.js';
import { digestOf } from '../agents/install/read-file.js';
import type { Config } from '../contract/config.js';
import { HTTP_TOKEN_FILE, HTTP_TOKEN_VARIABLE } from '../contract/http.js';
import { agentVersion, isAtLeast } from './agent-version.js';
import { type Context, tellProblem } from './context.js';
import { type InstallOptions, otherReaders } from './install-wishes.js';

/** Settings by which an organisation or a user narrows what http hooks may do: whether ours may, only the agent knows. */
const NARROWED_BY = ['allowedHttpHookUrls', 'httpHookAllowedEnvVars'];

/** What has to hold whatever the agent. */
export function httpAgrees(
  context: Context,
  { http, onUnavailable, autostart }: InstallOptions,
  config: Config,
): boolean {
  if (http !== true) return true;
  if (!config.http.on || config.http.port === 0) {
    const what = 'the daemon serves no http hooks on a port that stays';
    const remedy = 'set "http": {"on": true, "port": 8377} in its configuration, then: supervisor restart';
    tellProblem(context, { where: '--http', what, remedy });
    return false;
  }
  if (autostart === true) context.err('supervisor: --autostart: a hook that is asked for by HTTP starts no daemon\n');
  if (onUnavailable === 'allow' || onUnavailable === 'block') return true;
  const what = 'while no daemon runs nothing can run such a hook, so it has to be said what the agent is to do then';
  tellProblem(context, { where: '--http', what, remedy: '--on-unavailable allow or --on-unavailable block' });
  return false;
}

/** `isSound: false`: told why not. */
export async function httpWishesFor(
  context: Context,
  agent: Agent,
  { http, onUnavailable }: InstallOptions,
  found: readonly Found[],
  { port }: Config['http'],
): Promise<{ wishes: HttpWishes | undefined; isSound: boolean }> {
  if (http !== true || found.length === 0) return { wishes: undefined, isSound: true };
  if (agent.httpFrom === undefined) {
    context.err(`${agent.title}: knows no http hooks, so they go through the client\n`);
    return { wishes: undefined, isSound: true };
  }
  const [reader] = otherReaders(context, agent);
  if (reader !== undefined) {
    const why = `the agent of ${reader} can read its hooks, too, and nobody says that it asks by HTTP`;
    context.err(`${agent.title}: ${why}: they go through the client\n`);
    return { wishes: undefined, isSound: true };
  }
  const refuse = (what: string, remedy: string) => {
    tellProblem(context, { where: `--http, ${agent.title}`, what, remedy });
    return { wishes: undefined, isSound: false };
  };
  const blocks = onUnavailable === 'block';
  const least = blocks ? agent.httpFrom.onFailure : agent.httpFrom.hooks;
  const version = await agentVersion(agent.name, context.env);
  if (version === undefined || !isAtLeast(version, least)) {
    const needs = blocks ? 'hooks that block while they cannot be asked for' : 'http hooks';
    return refuse(`${needs} need version ${least}, and this is ${version ?? 'unknown'}`, 'install without --http');
  }
  const narrow = NARROWED_BY.find((name) =>
    found.some(({ content }) => content.kind === 'read' && content.text.includes(name)),
  );
  if (narrow !== undefined) return refuse(`${narrow} is set in its settings`, 'install without --http');
  return { wishes: { port, blocks, digestOf }, isSound: true };
}

/** Once, if any hook is to be asked for by HTTP. */
export function tellHttpLosses(context: Context, { stateFolder }: Config): void {
  const tokenFile = join(stateFolder, HTTP_TOKEN_FILE);
  context.err(
    [
      'supervisor: hooks that are asked for by HTTP',
      '  get nothing of the environment of the agent (keys, PATH, virtual environments), but PATH and the like of the daemon',
      '  find CLAUDE_PROJECT_DIR guessed: the nearest folder above the current one with .git or .claude',
      '  show no stderr and no exit status, only what JSON can say in their place',
      '  run only while the daemon does; whoever has its port meanwhile gets their events and the token, and answers them',
      `  need the token: where the agent is started, export ${HTTP_TOKEN_VARIABLE}="$(cat ${tokenFile})"`,
      '',
    ].join('\n'),
  );
}
