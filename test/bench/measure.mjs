// One line of the table: both ways of one row, from one parent, with one pause; where the row has a way to be compared with
// (`byPath`), that one too.
import { measureFromC, measureFromNode } from './parents.mjs';
import { median, quantile } from './statistics.mjs';

const WARM_TIMEOUT_MS = 20_000;

export async function measure(row, { parent, gapMs, rounds, program, supervisor, cwd }) {
  await supervisor.untilWarm(WARM_TIMEOUT_MS);
  const before = (await supervisor.status()).calls.byPath;
  const roundsHere = Math.min(rounds * row.roundsTimes, row.roundsMax);
  const how = { rounds: roundsHere, gapMs, atOnce: row.atOnce, env: supervisor.env, cwd };
  const commands = row.byPath === undefined ? row.commands : [...row.commands, row.byPath.command];
  const [directMs, supervisedMs, byPathMs] =
    parent === 'C' ? measureFromC(program, commands, how) : await measureFromNode(commands, how);
  const after = (await supervisor.status()).calls.byPath;
  const paths = { worker: after.worker - before.worker, exec: after.exec - before.exec };
  const times = median(directMs) / median(supervisedMs);
  const timesByPath = byPathMs && median(supervisedMs) / median(byPathMs);
  const addedMs = median(supervisedMs) - median(directMs);
  return {
    name: row.name,
    parent,
    gapMs,
    atOnce: row.atOnce,
    rounds: roundsHere,
    direct: summary(directMs),
    supervised: summary(supervisedMs),
    addedMs,
    times,
    byPath: byPathMs ? { name: row.byPath.name, times: timesByPath, ...summary(byPathMs) } : null,
    goal: row.goal
      ? { text: row.goal.text(parent), met: row.goal.isMet({ parent, times, timesByPath, addedMs }) }
      : null,
    paths,
    note: noteOn(paths, row.path, roundsHere * row.atOnce * (row.daemonCommands ?? commands.length - 1)),
  };
}

function summary(values) {
  return { median: median(values), p10: quantile(values, 0.1), p90: quantile(values, 0.9) };
}

/** Calls that went another way than the row is about; null when there are none. */
function noteOn(paths, path, calls) {
  const unseen = calls - paths.worker - paths.exec;
  if (unseen > 0) throw new Error(`${unseen} of ${calls} calls did not reach the daemon`);
  return paths[path] === calls ? null : `of ${calls} calls ${paths.worker} by worker, ${paths.exec} by exec`;
}
