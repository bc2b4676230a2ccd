/** Commands that run another command, and what of their arguments is that command. */
import { optionsEnd } from './options.mjs';

/** `valued`: options that take the next word. `assignments`: NAME=value may stand before the command. `skips`: words between
 *  options and command. `asks`: with one of these options it runs nothing. */
const WRAPPERS = {
  sudo: {
    valued: [
      '-u',
      '-g',
      '-h',
      '-p',
      '-C',
      '-r',
      '-t',
      '-T',
      '-U',
      '-D',
      '-R',
      '--user',
      '--group',
      '--host',
      '--chdir',
    ],
    assignments: true,
  },
  doas: { valued: ['-u', '-C'] },
  run0: { valued: ['-u', '-g', '-D', '--user', '--group', '--chdir'] },
  env: { valued: ['-u', '-C', '--unset', '--chdir'], assignments: true },
  nice: { valued: ['-n', '--adjustment'] },
  ionice: { valued: ['-c', '-n', '--class', '--classdata'] },
  chrt: { valued: ['-T', '-P', '-D'], skips: 1 },
  taskset: { skips: 1 },
  nohup: {},
  setsid: {},
  stdbuf: { valued: ['-i', '-o', '-e', '--input', '--output', '--error'] },
  timeout: { valued: ['-s', '-k', '--signal', '--kill-after'], skips: 1 },
  time: { valued: ['-f', '-o', '--format', '--output'] },
  command: { asks: ['-v', '-V'] },
  builtin: {},
  exec: { valued: ['-a'] },
  xargs: {
    valued: ['-I', '-n', '-P', '-L', '-d', '-E', '-s', '-a', '--max-args', '--max-procs', '--arg-file', '--delimiter'],
  },
  parallel: { valued: ['-j', '--jobs', '-a', '--arg-file'] },
  chroot: { skips: 1 },
  unshare: { valued: ['-S', '-G', '-R', '-w', '--root', '--wd'] },
  strace: { valued: ['-o', '-e', '-p', '-s', '-u', '-E'] },
  ltrace: { valued: ['-o', '-e', '-p', '-s', '-u'] },
  flock: { valued: ['-w', '-E', '--timeout'], skips: 1 },
  busybox: {},
  toybox: {},
  caffeinate: {},
  'systemd-run': { valued: ['-p', '-u', '-M', '--unit', '--slice', '--property', '--description'] },
};

export const SHELLS = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'ash', 'mksh', 'fish', 'rbash']);
/** Options of shells that take the next word. */
const SHELL_VALUED = ['-o', '+o', '-O', '+O', '--rcfile', '--init-file'];

/** @returns the words of the command within, or undefined */
export function commandWithin(name, args) {
  const wrapper = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
  if (wrapper === undefined) return undefined;
  let start = optionsEnd(args, wrapper.valued);
  if (wrapper.asks !== undefined && args.slice(0, start).some((arg) => wrapper.asks.includes(arg))) return undefined;
  if (wrapper.assignments) while (/^\w+=/.test(args[start] ?? '')) start += 1;
  const words = args.slice(start + (wrapper.skips ?? 0));
  return words.length === 0 ? undefined : words;
}

/** Commands whose arguments are shell text: each says which. */
const TEXTS = {
  eval: (args) => [args.join(' ')],
  trap: (args) => (args.length > 1 ? [args[optionsEnd(args)] ?? ''] : []),
  alias: (args) => args.map((arg) => arg.slice(arg.indexOf('=') + 1)),
  watch: (args) => [args.slice(optionsEnd(args, ['-n', '--interval'])).join(' ')],
  ssh: (args) => [
    args
      .slice(
        optionsEnd(
          args,
          [...'bcDEeFIiJLlmOopQRSWw'].map((one) => `-${one}`),
        ) + 1,
      )
      .join(' '),
  ],
  su: (args) => afterOption(args, ['-c', '--command']),
  script: (args) => afterOption(args, ['-c', '--command']),
  flock: (args) => afterOption(args, ['-c', '--command']),
  env: (args) => afterOption(args, ['-S', '--split-string']),
};

function afterOption(args, names) {
  const at = args.findIndex((arg) => names.includes(arg));
  return at < 0 || args[at + 1] === undefined ? [] : [args[at + 1]];
}

/** @returns shell texts that the command runs */
export function textsWithin(name, args) {
  if (SHELLS.has(name)) return shellText(args);
  return (Object.hasOwn(TEXTS, name) ? TEXTS[name](args) : []).filter((text) => text.trim() !== '');
}

/** `sh -c TEXT`, `bash -lc TEXT`. */
function shellText(args) {
  const end = optionsEnd(args, SHELL_VALUED);
  const isCommand = args.slice(0, end).some((arg) => /^-[a-z]*c[a-z]*$/.test(arg));
  return isCommand && args[end] !== undefined ? [args[end]] : [];
}

/** Interpreters that run what comes by stdin, and the options after which they do not. */
const STDIN_READERS = {
  python: /^-[a-zA-Z]*[cm]/,
  python3: /^-[a-zA-Z]*[cm]/,
  perl: /^-[a-zA-Z]*[eEnp]/,
  ruby: /^-[a-zA-Z]*[enp]/,
  node: /^(-[ep]|--eval|--print)/,
  php: /^-[rBRE]/,
};

/** Whether the command takes its program from stdin. */
export function readsProgramFromStdin(name, args) {
  if (SHELLS.has(name)) {
    const end = optionsEnd(args, SHELL_VALUED);
    const options = args.slice(0, end);
    if (options.some((arg) => /^-[a-z]*c/.test(arg))) return false;
    return options.some((arg) => /^-[a-z]*s/.test(arg)) || [undefined, '-', '/dev/stdin'].includes(args[end]);
  }
  const other = Object.hasOwn(STDIN_READERS, name) ? STDIN_READERS[name] : undefined;
  if (other === undefined || args.some((arg) => other.test(arg))) return false;
  return [undefined, '-', '/dev/stdin'].includes(args[optionsEnd(args)]);
}
