/** Programs that print how the interpreter has started. */
import { source } from '../../lib/source.js';

export const SHOW_START = source`
  import sys
  print(sys.argv, getattr(sys, 'orig_argv', None))
  print(sys.path)
  print(sys.flags)
  print(sys.executable, sys.prefix, sys.base_prefix, sys.exec_prefix)
  print(sys.warnoptions, sys._xoptions, sys.dont_write_bytecode, sys.pycache_prefix)
  print([(s.name, s.mode, s.encoding, s.errors, s.line_buffering, s.write_through, s.newlines, s.isatty())
         for s in (sys.stdin, sys.stdout, sys.stderr)])
  print(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors(), sys.getrecursionlimit(), sys.getswitchinterval())
`;

export const SHOW_MAIN = source`
  for name, value in list(globals().items()):
      print(name, type(value).__name__ if name in ('__loader__', '__spec__', '__builtins__') else repr(value))
`;
