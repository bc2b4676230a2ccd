/** `supervisor cache`: answers of validators that are used again. */
import type { CacheStats } from '../contract/caching.js';
import { ExitCode } from '../contract/status.js';
import { Daemon } from './ask-daemon.js';
import { type Context, tellProblem } from './context.js';
import { bytesText } from './render/units.js';
import type { CacheAction } from './words.js';

export async function cache(
  context: Context,
  action: CacheAction,
  validator: string | undefined,
  { json }: { json?: boolean },
): Promise<number> {
  if (action === 'stats' && validator !== undefined) {
    tellProblem(context, { where: 'cache stats', what: 'it takes no validator', remedy: 'supervisor status has each' });
    return ExitCode.USAGE;
  }
  const daemon = await Daemon.of(context);
  if (!daemon.ok) return daemon.exitCode;
  if (action === 'clear') {
    const asked = await daemon.value.ask('clearCache', { validator });
    if (!asked.ok) return asked.exitCode;
    context.err(`supervisor: ${asked.value.done ?? 'done'}\n`);
    return ExitCode.OK;
  }
  const status = await daemon.value.status();
  if (!status.ok) return status.exitCode;
  const { cache: stats } = status.value;
  const document = { schema: 'supervisor.cache/v1', ...stats };
  context.out(json ? `${JSON.stringify(document, null, 2)}\n` : `${cacheLines(stats).join('\n')}\n`);
  return ExitCode.OK;
}

function cacheLines(stats: CacheStats): string[] {
  const { entries, bytes, hits, shared, misses, evictions, expired, unkeyed, hitRatio } = stats;
  const ratio = hitRatio === null ? 'none asked for yet' : `${(hitRatio * 100).toFixed(1)} % needed no question`;
  return [
    `kept      ${entries} answers, ${bytesText(bytes)}`,
    `used      ${hits} again, ${shared} shared, ${misses} asked for: ${ratio}`,
    `gone      ${expired} too old, ${evictions} to make room`,
    ...(unkeyed === 0 ? [] : [`unkept    ${unkeyed} whose inputs could not be told`]),
  ];
}
