/** `supervisor profile`: which is in force, why, and what it sets; or another for the daemon that runs. */
import { systemSources } from '../config/load.js';
import { LIMITS } from '../contract/limits.js';
import { FIRST_PROFILE, type ProfileChoice } from '../contract/profiles.js';
import { ExitCode } from '../contract/status.js';
import { Daemon } from './ask-daemon.js';
import { type Context, tellProblem } from './context.js';
import { daemonState } from './daemon-state.js';
import { profileRows } from './profile-rows.js';
import { tellReloaded } from './reload.js';
import { profileLines } from './render/profile.js';
import { loadSettings } from './settings.js';
import { PROFILE_SET } from './words.js';

/** @param name undefined: the one in force. */
async function showProfile(
  context: Context,
  name: ProfileChoice | undefined,
  { json }: { json?: boolean },
): Promise<number> {
  const loaded = await loadSettings(context, {});
  if (!loaded.ok) return loaded.exitCode;
  const daemon = await daemonState(loaded.config.runtimeFolder, context.uid);
  const inForce = daemon.kind === 'running' ? daemon.status.profile : null;
  const configured = { chosen: loaded.config.profile, chosenBy: loaded.profileFrom };
  const choice = name ?? inForce?.chosen ?? configured.chosen;
  // Of a choice that is not in force, what it would begin with.
  const isInForce = inForce !== null && (name === undefined || name === inForce.chosen);
  const shown = isInForce ? inForce.inForce : choice === 'adaptive' ? FIRST_PROFILE : choice;
  const { memoryTotalBytes } = systemSources(context.env, {});
  const settings = profileRows(loaded.under, choice, shown, memoryTotalBytes);
  const document = { schema: 'supervisor.profile/v1' as const, inForce, configured, shown: choice, settings };
  context.out(
    json ? `${JSON.stringify(document, null, 2)}\n` : `${profileLines(document, context.screen).join('\n')}\n`,
  );
  return ExitCode.OK;
}

async function setProfile(context: Context, profile: ProfileChoice): Promise<number> {
  const daemon = await Daemon.of(context);
  if (!daemon.ok) return daemon.exitCode;
  const asked = await daemon.value.ask('setProfile', { profile }, LIMITS.operatorAnswerTimeoutMs);
  if (!asked.ok) return asked.exitCode;
  const exitCode = tellReloaded(context, asked.value.reloaded, false);
  if (exitCode === ExitCode.OK)
    context.err(
      `supervisor: ${profile} is chosen until the daemon ends or is restarted; for good: "profile": "${profile}" in the configuration\n`,
    );
  return exitCode;
}

/** What of the words is no such thing is told here: which second word may stand depends on the first. */
export function profile(
  context: Context,
  first: ProfileChoice | typeof PROFILE_SET | undefined,
  second: ProfileChoice | undefined,
  options: { json?: boolean },
): Promise<number> {
  if (first === PROFILE_SET && second !== undefined && !options.json) return setProfile(context, second);
  if (first !== PROFILE_SET && second === undefined) return showProfile(context, first, options);
  const what = first === PROFILE_SET && second !== undefined ? 'set prints no JSON' : 'these words are not understood';
  tellProblem(context, {
    where: 'profile',
    what,
    remedy: 'supervisor profile [NAME], or: supervisor profile set NAME',
  });
  return Promise.resolve(ExitCode.USAGE);
}
