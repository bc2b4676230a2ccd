/** What a check of `supervisor doctor` says. */
export interface Check {
  name: string;
  verdict: 'OK' | 'WARN' | 'FAIL';
  what: string;
  /** The command or change that helps; '' where nothing is wrong. */
  remedy: string;
}

export function ok(name: string, what: string): Check {
  return { name, verdict: 'OK', what, remedy: '' };
}

export function warn(name: string, what: string, remedy: string): Check {
  return { name, verdict: 'WARN', what, remedy };
}

export function fail(name: string, what: string, remedy: string): Check {
  return { name, verdict: 'FAIL', what, remedy };
}
