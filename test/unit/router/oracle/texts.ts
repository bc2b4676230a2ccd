/** Shell texts and environments on and around the edge of what is recognised; the same seed gives the same ones. */

export type Random = () => number;

/** mulberry32. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function makeCaseSource(random: Random, folder: string) {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const chance = (share: number) => random() < share;
  const times = (max: number) => Math.floor(random() * (max + 1));
  const joined = (max: number, make: () => string) => Array.from({ length: times(max) }, make).join('');

  const names = [
    'A',
    'B',
    'AB',
    'EMPTY',
    'UNSET',
    'DIR',
    'HIGH',
    'HOME',
    'PWD',
    'OLDPWD',
    'PATH',
    'TERM',
    'SPACES',
    'GLOB',
  ];
  const rareNames = [
    '_',
    'IFS',
    'PPID',
    'RANDOM',
    'LINENO',
    'SHLVL',
    'UID',
    'OPTIND',
    'PS1',
    'PS4',
    'SHELL',
    'BASH',
    '1',
    '?',
  ];
  const name = () => pick(chance(0.1) ? rareNames : names);
  const byte = () => String.fromCharCode(0x80 + Math.floor(random() * 0x80));
  const oddByte = () => String.fromCharCode(1 + Math.floor(random() * 255));
  const literal = () =>
    pick([
      'a',
      'b',
      'x.py',
      '/p/q',
      '-u',
      '--k',
      'k=v',
      ':',
      ',',
      '@',
      '%',
      '+',
      ']',
      '!',
      '^',
      '0',
      '.',
      '..',
      byte(),
      '\xc3\x81',
    ]);
  const special = () =>
    pick([
      '*',
      '?',
      '[',
      '~',
      '#',
      '{a,b}',
      '}',
      ';',
      '&',
      '|',
      '>f',
      '<f',
      '(',
      ')',
      '`',
      '\n',
      '\r',
      '=',
      '$',
      '$(a)',
      "$'a'",
      '$"a"',
      oddByte(),
    ]);
  const expansion = () => (chance(0.5) ? `$${name()}` : `\${${name()}}`) + (chance(0.03) ? '\\\n' : '');
  const escaped = () =>
    `\\${chance(0.8) ? pick(['a', '$', '"', "'", '\\', ' ', '\n', '`', '*', '~', '#', byte()]) : oddByte()}`;
  const inDouble = () =>
    chance(0.35)
      ? expansion()
      : chance(0.35)
        ? escaped()
        : pick([literal(), ' ', "'", '*', '#', '~', '!', '\n', '\t', '{', ';', '&']);
  const inSingle = () => pick([literal(), ' ', '"', '\\', '$A', '`', '*', '\n', '!', '~']);
  const piece = (): string => {
    const roll = random();
    if (roll < 0.35) return literal();
    if (roll < 0.55) return `"${joined(4, inDouble)}"`;
    if (roll < 0.7) return `'${joined(3, inSingle)}'`;
    if (roll < 0.82) return expansion();
    if (roll < 0.92) return escaped();
    return chance(0.4) ? special() : literal();
  };
  const blank = () => (chance(0.85) ? ' ' : pick(['  ', '\t', ' \\\n ', '\\\n ', ' \\\n']));
  const command = () =>
    chance(0.85)
      ? pick([
          'show',
          `${folder}/bin/show`,
          'bin/show',
          './bin/show',
          '"show"',
          "s'how'",
          'sh\\ow',
          '"$DIR"/show',
          '$DIR/show',
          '$UNSET show',
        ])
      : pick([
          'echo',
          'true',
          'plain-text',
          'notes',
          'nothing-there',
          'exec',
          'if',
          '%1',
          "''",
          'link/bin/show',
          `${folder}//bin/show`,
          '"$A"',
          's=how',
        ]);
  const assignment = () =>
    `${pick(['A', 'B', 'C', 'NEW', 'Z_9', 'HOME', 'PATH', 'IFS', '_', 'LANG', 'A+', '1A'])}=${joined(2, piece)}`;
  const value = () =>
    pick([
      '',
      'plain',
      'a b',
      'a  b ',
      '*',
      'x*y',
      '[a]',
      'back\\slash',
      '~',
      'k=v',
      '"q"',
      "'",
      '$A',
      `hi${byte()}gh`,
      'tab\there',
      'two\nlines',
      '{a,b}',
      '\x01',
      '\x7f\x02',
      '#c',
      '-n',
      ';',
    ]);

  const variable = (): string =>
    pick([
      () => `${pick(['A', 'B', 'AB'])}=${value()}`,
      () => `${pick(['C', 'D_1', 'zeta', 'XYZZY', 'LD_X', 'MAIL', 'PS1', 'PS2', 'TZ', 'LANG', 'LC_CTYPE'])}=${value()}`,
      () => `V${Math.floor(random() * 400)}=${value()}`,
      () => pick(['SHLVL=0', 'SHLVL=1', 'SHLVL=12', 'SHLVL=997', 'SHLVL=x', 'SHLVL=07', 'SHLVL=']),
      () =>
        pick([
          `PWD=${folder}`,
          `PWD=${folder}/link`,
          `PWD=${folder}/./link`,
          'PWD=/tmp',
          'PWD=',
          'PWD=x',
          `PWD=${folder}/`,
        ]),
      () => pick(['OLDPWD=/tmp', 'OLDPWD=/nowhere', 'OLDPWD=', 'OLDPWD=bin', `OLDPWD=${folder}/bin/show`]),
      () => pick([`HOME=${folder}`, `HOME=${folder}/link`, 'HOME=/root', 'HOME=']),
      () =>
        pick([
          '_=x',
          'TERM=dumb',
          'SHELL=/bin/zsh',
          'HOSTNAME=h',
          'COLUMNS=80',
          'LC_ALL=C',
          'LC_ALL=none_XX',
          'ENV=/nowhere',
        ]),
      () =>
        chance(0.15)
          ? pick([
              'IFS=a',
              'PS4=p',
              'OPTIND=3',
              'UID=7',
              'PPID=3',
              'BASH_ENV=/nowhere',
              'a-b=c',
              '9=x',
              'nothing',
              '=x',
              'HISTSIZE=3',
            ])
          : 'OK=1',
    ])();
  const path = () =>
    chance(0.8)
      ? `PATH=/nowhere:${folder}/bin:/bin`
      : pick([
          `PATH=${folder}/bin/:/bin`,
          `PATH=:${folder}/bin`,
          'PATH=bin',
          `PATH=/usr/bin:${folder}/bin`,
          `PATH=${folder}/link/bin`,
          'PATH=',
          `PATH=${folder}:${folder}/bin`,
        ]);

  return {
    text(): string {
      const start = chance(0.9) ? '' : pick([' ', '\n', '\t', '\n\n ', '\\\n']);
      const assignments = chance(0.75) ? '' : joined(3, () => assignment() + blank());
      const args = joined(4, () => blank() + joined(3, piece));
      const end = chance(0.85) ? '' : pick([' ', '\n', ' \n', '\n\n', '\n ', ';', ' &', ' # c', '\\\n', ' \\\n', '\\']);
      return (start + assignments + command() + args + end).replaceAll('\0', '');
    },
    env(): string[] {
      const env = Array.from({ length: times(10) }, variable);
      const base = [
        'EMPTY=',
        `DIR=${folder}/bin`,
        'HIGH=\xc3\x81\x81\x88',
        `SPACES=${pick(['a b', 'a\tb', 'a\nb', ' '])}`,
        `GLOB=${pick(['*', '?', '[a]', 'a\\b'])}`,
      ];
      if (chance(0.95)) env.splice(times(env.length), 0, path());
      return chance(0.7) ? [...env, ...base] : env;
    },
  };
}
