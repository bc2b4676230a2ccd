/** Numbers for people. */

export function durationText(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const two = (number: number) => String(number).padStart(2, '0');
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  const hours = Math.floor(seconds / 3600);
  if (hours < 24) return `${hours}h ${two(Math.floor(seconds / 60) % 60)}m`;
  return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
}

export function bytesText(bytes: number): string {
  const units = ['B', 'K', 'M', 'G', 'T'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const text = value >= 10 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1);
  return `${text}${units[unit]}`;
}

/** Short times to a tenth, longer ones as durations. */
export function millisecondsText(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)}ms`;
  return milliseconds < 60_000 ? `${(milliseconds / 1000).toFixed(1)}s` : durationText(milliseconds);
}

/** Local time: it is compared with what the reader remembers. */
export function clockText(atMs: number): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const date = new Date(atMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
}

export function dateText(atMs: number): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const date = new Date(atMs);
  return [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
}
