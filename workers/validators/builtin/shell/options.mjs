/** Arguments as programs read them. */

/** How far the options of a command reach. `valued` lists those that take the next word: `-u`, `--user`.
 *  @returns index of the first word that is no option */
export function optionsEnd(args, valued = []) {
  let index = 0;
  while (index < args.length) {
    const arg = args[index];
    if (arg === '--') return index + 1;
    if (!arg.startsWith('-') || arg === '-') return index;
    index += takesNext(arg, valued) ? 2 : 1;
  }
  return index;
}

/** `-nu root`: the last letter takes the next word; `-uroot`: the word is there already. */
function takesNext(arg, valued) {
  if (arg.startsWith('--') || valued.includes(arg)) return valued.includes(arg);
  const first = [...arg.slice(1)].findIndex((letter) => valued.includes(`-${letter}`));
  return first >= 0 && first === arg.length - 2;
}

/** The words that are no options, wherever they stand, as GNU's programs read them. */
export function operands(args, valued = []) {
  const found = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index];
    if (arg === '--') return [...found, ...args.slice(index + 1)];
    if (!arg.startsWith('-') || arg === '-') found.push(arg);
    else if (takesNext(arg, valued)) index += 1;
  }
  return found;
}

/** Whether a flag is set, in a cluster too: `-rf` has `r` and `f`. Long names may be cut short, as getopt allows. */
export function hasFlag(args, letters, longNames = []) {
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  return options.some((arg) => {
    if (/^--[a-z]/.test(arg)) return longNames.some((name) => `--${name}`.startsWith(arg) && arg.length > 4);
    return /^-[A-Za-z]/.test(arg) && [...letters].some((letter) => arg.includes(letter));
  });
}

/** `key=value` words, as dd's. */
export function assigned(args, key) {
  const found = args.find((arg) => arg.startsWith(`${key}=`));
  return found?.slice(key.length + 1);
}
