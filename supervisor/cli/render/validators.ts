/** Validators in `supervisor status`. */
import type { RunningStatus } from '../../contract/status.js';
import type { EventsStatus, ValidatorStatus } from '../../contract/validating.js';
import type { Paint } from './styles.js';
import { type Column, table, wrap } from './table.js';

/** Nothing where none is configured. */
export function validatorLines({ validators }: RunningStatus, width: number, paint: Paint): string[] {
  if (validators.length === 0) return [];
  const why = validators.filter((one) => one.why !== '');
  return [
    ...table(validators, columns(paint), width, paint),
    ...sharedProcesses(validators).flatMap((text) => wrap(text, width, '    ')),
    ...why.flatMap((one) => wrap(`  ${one.name}: ${one.why}`, width, '    ')),
    '',
  ];
}

/** Those of which several validators live in one. */
function sharedProcesses(validators: readonly ValidatorStatus[]): string[] {
  const byPid = new Map<number, string[]>();
  for (const { name, workers } of validators) {
    for (const { pid } of workers) if (pid !== null) byPid.set(pid, [...(byPid.get(pid) ?? []), name]);
  }
  const shared = [...byPid].filter(([, names]) => names.length > 1);
  return shared.map(([pid, names]) => `one process, pid ${pid}: ${names.join(', ')}`);
}

/** Of stages those in which something went wrong. */
export function eventsText({ total, byDecision, byOutcome, stages }: EventsStatus): string {
  const { answered: _, ...others } = byOutcome;
  const counts = Object.entries({ ...byDecision, ...others }).map(([word, count]) => `${word} ${count}`);
  const troubles = stages.flatMap(({ name, late, failed, busy }) => {
    const said = Object.entries({ late, failed, busy }).flatMap(([word, count]) =>
      count > 0 ? [`${word} ${count}`] : [],
    );
    return said.length === 0 ? [] : [`${name} ${said.join(', ')}`];
  });
  return [[`${total} total`, ...counts].join(', '), ...troubles].join('; ');
}

function columns(paint: Paint): Column<ValidatorStatus>[] {
  return [
    { title: 'VALIDATOR', text: ({ name }) => name, narrowestColumns: 10 },
    { title: 'STATE', text: (one) => stateText(one, paint) },
    { title: 'RUNTIME', text: ({ runtime }) => runtime, dropOrder: 3 },
    { title: 'LEVEL', text: ({ level }) => level, dropOrder: 2 },
    { title: 'WORKERS', text: ({ workers }) => String(workers.length), align: 'right', dropOrder: 4 },
    { title: 'ASKED', text: ({ asked }) => String(asked), align: 'right' },
    { title: 'KEPT', text: ({ fromCache }) => String(fromCache), align: 'right', dropOrder: 5 },
    { title: 'DENIED', text: ({ denied }) => String(denied), align: 'right' },
    { title: 'FAILED', text: ({ failed }) => String(failed), align: 'right' },
    { title: 'RESTARTS', text: ({ restarts }) => String(restarts), align: 'right', dropOrder: 1 },
  ];
}

function stateText({ breaker, why, workers }: ValidatorStatus, paint: Paint): string {
  if (breaker === 'open') return paint('yellow', 'open');
  if (why !== '') return paint('yellow', 'held back');
  if (breaker === 'halfOpen') return paint('yellow', 'half open');
  return workers.some(({ state }) => state === 'ready') ? 'ready' : 'not started';
}
