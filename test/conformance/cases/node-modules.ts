/** What a Node hook loads: siblings, packages, formats, and what it is told of itself. */
import { expect } from 'vitest';
import { source } from '../../lib/source.js';
import type { HookCase } from '../case.js';
import { module, NODE, script } from './node-hook.js';

/** (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)) */
const WASM_ADD =
  '\0asm\x01\0\0\0\x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\x03\x02\x01\0\x07\x07\x01\x03add\0\0\x0a\x09\x01\x07\0\x20\0\x20\x01\x6a\x0b';
const PACKAGE = { 'node_modules/dep/package.json': '{"name": "dep", "main": "lib/main.js", "version": "1.2.3"}' };
const OWN_PACKAGE = {
  'package.json': source`
    {
      "name": "hooks",
      "exports": { "./rules": { "import": "./rules.mjs", "require": "./rules.cjs" }, "./hidden/*": null },
      "imports": { "#log": "./log.cjs", "#env/*": "./env/*.cjs" }
    }
  `,
  'rules.mjs': "export default 'rules for import';\n",
  'rules.cjs': "module.exports = 'rules for require';\n",
  'log.cjs': "module.exports = 'log';\n",
  'env/node.cjs': "module.exports = 'env of node';\n",
};

export const nodeModules: HookCase[] = [
  script(
    'siblings, a folder and JSON by require',
    source`
      console.log(require('./a'), require('./a.js') === require('./a'), require('./folder'), require('./data'));
      console.log(require('./data.json').list[1], module.children.map(({ id }) => id), Object.keys(require.cache));
      try { require('./broken.json'); } catch (error) { console.log(error.name, error.message); }
      try { require('./none'); } catch (error) { console.log(error.code, error.requireStack); }
    `,
    { exitCode: 0, stdout: expect.stringContaining('{ list: [ 1, 2 ] }') },
    {
      files: {
        'a.js': "exports.name = 'a'; exports.parent = module.parent.id;\n",
        'folder/index.js': "module.exports = __dirname.endsWith('folder');\n",
        'data.json': '{"list": [1, 2]}',
        'broken.json': '{"list": ',
      },
    },
  ),
  script(
    'modules that require each other',
    "console.log(require('./a'), require('./b'));\n",
    { exitCode: 0, stdout: "{ early: 1, late: 'b saw early' } b saw early\n" },
    {
      files: {
        'a.js': "exports.early = 1; exports.late = require('./b');\n",
        'b.js': "module.exports = `b saw ${Object.keys(require('./a'))}`;\n",
      },
    },
  ),
  script(
    'a .cjs script in a package of modules',
    '',
    { exitCode: 0, stdout: 'true true\n' },
    {
      command: [NODE, 'guard.cjs'],
      files: {
        'package.json': '{"type": "module"}',
        'guard.cjs': 'console.log(require.main === module, this === module.exports);\n',
      },
    },
  ),
  script(
    'a script without extension',
    '',
    { exitCode: 0, stdout: 'guard true\n' },
    {
      command: [NODE, './guard'],
      files: { guard: "console.log(require('path').basename(__filename), require.main === module);\n" },
    },
  ),
  script(
    'a script named without its extension',
    '',
    { exitCode: 0, stdout: 'guard.js\n' },
    {
      command: [NODE, 'guard'],
      files: { 'guard.js': "console.log(require('path').basename(__filename));\n" },
    },
  ),
  script(
    'a folder with a package',
    '',
    { exitCode: 0, stdout: expect.stringMatching(/^main\.js \/.*\/package\n$/) },
    {
      command: [NODE, 'package'],
      files: {
        'package/package.json': '{"main": "main.js"}',
        'package/main.js': "console.log(require('path').basename(__filename), process.argv[1]);\n",
      },
    },
  ),
  script(
    'import and export in a .js file, without a package',
    "import { sep } from 'node:path';\nexport const it = sep;\nconsole.log(it, typeof require);\n",
    { exitCode: expect.any(Number) }, // Node 20 does not take it
    { command: [NODE, '--no-warnings', 'hook.js'] },
  ),
  script(
    'a package in node_modules beside the script',
    source`
      console.log(require('dep'), require('dep/package.json').version, require.resolve('dep').endsWith('lib/main.js'));
      console.log(require.resolve.paths('dep')[0].endsWith('/node_modules'), require('@scope/tool').kind);
    `,
    { exitCode: 0, stdout: 'dep main 1.2.3 true\ntrue scoped\n' },
    {
      files: {
        ...PACKAGE,
        'node_modules/dep/lib/main.js': "module.exports = 'dep main';\n",
        'node_modules/@scope/tool/index.js': "exports.kind = 'scoped';\n",
      },
    },
  ),
  module(
    "a package's exports, and its own imports, by import",
    source`
      import rules from 'hooks/rules';
      import log from '#log';
      import env from '#env/node';
      console.log(rules, log, env);
      for (const name of ['hooks/none', 'hooks/hidden/x', '#none']) {
        await import(name).catch((error) => console.log(error.code, error.message));
      }
    `,
    { exitCode: 0, stdout: expect.stringContaining('rules for import log env of node\nERR_PACKAGE_PATH_NOT_EXPORTED') },
    { files: OWN_PACKAGE },
  ),
  script(
    "a package's exports, and its own imports, by require",
    source`
      console.log(require('hooks/rules'), require('#log'), require('#env/node'));
      try { require('hooks/none'); } catch (error) { console.log(error.code, error.message); }
    `,
    { exitCode: 0, stdout: expect.stringContaining('rules for require log env of node\n') },
    { files: OWN_PACKAGE },
  ),
  script(
    'import() of siblings by a script',
    source`
      import('./a.mjs').then(async (a) => {
        console.log(a, (await import('./b.cjs')).default, (await import('./a.mjs')) === a);
        await import('./none.mjs').catch((error) => console.log(error.code));
      });
    `,
    { exitCode: 0, stdout: "[Module: null prototype] { a: 1, default: 'a' } { b: 2 } true\nERR_MODULE_NOT_FOUND\n" },
    { files: { 'a.mjs': "export const a = 1;\nexport default 'a';\n", 'b.cjs': 'exports.b = 2;\n' } },
  ),
  module(
    'a JSON module',
    source`
      import data from './data.json' with { type: 'json' };
      console.log(data, (await import('./data.json', { with: { type: 'json' } })).default === data);
      await import('./data.json').catch((error) => console.log(error.name));
    `,
    { exitCode: 0, stderr: '', stdout: '{ list: [ 1, 2 ] } true\nTypeError\n' },
    { command: [NODE, '--no-warnings', 'hook.mjs'], files: { 'data.json': '{"list": [1, 2]}' } },
  ),
  script(
    'WebAssembly, at once and later',
    source`
      const bytes = require('fs').readFileSync('add.wasm');
      console.log(new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.add(2, 3));
      WebAssembly.instantiate(bytes).then(async ({ instance }) => {
        console.log(instance.exports.add(40, 2));
        await WebAssembly.compile(Buffer.from('no')).catch((error) => console.log(error.name));
      });
    `,
    { exitCode: 0, stdout: '5\n42\nCompileError\n' },
    { files: { 'add.wasm': WASM_ADD } },
  ),
  module(
    'createRequire',
    source`
      import { builtinModules, createRequire } from 'node:module';
      const require = createRequire(import.meta.url);
      console.log(require('./a.cjs'), require.main, typeof require.resolve('./a.cjs'), Object.keys(require.cache).length);
      console.log(createRequire('/nowhere/x.js').resolve.paths('y'), builtinModules.includes('fs'));
    `,
    { exitCode: 0, stdout: expect.stringContaining("'/nowhere/node_modules'") },
    { files: { 'a.cjs': 'exports.parent = module.parent;\n' } },
  ),
  module(
    'import.meta',
    source`
      console.log(import.meta, Object.getPrototypeOf(import.meta), Object.keys(import.meta));
      console.log(import.meta.resolve('./a.mjs'), import.meta.resolve('node:fs'), import.meta.main);
      try { import.meta.resolve('absent'); } catch (error) { console.log(error.code); }
    `,
    { exitCode: 0, stdout: expect.stringContaining('node:fs') },
  ),
  module(
    'modules in a cycle, live bindings, and one that throws',
    source`
      import { count, grow } from './a.mjs';
      grow();
      console.log(count);
      await import('./throws.mjs').catch((error) => console.log(error.message));
      await import('./throws.mjs').catch((error) => console.log('again', error.message));
      await import('./broken.mjs').catch((error) => console.log(error.name, error.message));
    `,
    { exitCode: 0, stdout: expect.stringContaining('again thrown\nSyntaxError') },
    {
      files: {
        'a.mjs':
          "import { step } from './b.mjs';\nexport let count = 0;\nexport const grow = () => { count += step(); };\n",
        'b.mjs': "import { count } from './a.mjs';\nexport const step = () => count + 2;\n",
        'throws.mjs': "throw new Error('thrown');\n",
        'broken.mjs': 'export const = 1;\n',
      },
    },
  ),
  script(
    'a symbolic link to a script',
    '',
    { exitCode: 0, stdout: 'real sibling /real/guard.js /link.js\n' },
    { command: [NODE, 'link.js'], files: linked() },
  ),
  script(
    'a symbolic link to a script, kept',
    '',
    { exitCode: 0, stdout: 'sibling of the link /link.js /link.js\n' },
    { command: [NODE, '--preserve-symlinks-main', 'link.js'], files: linked() },
  ),
  module(
    'a symbolic link to a module',
    '',
    { exitCode: 0, stdout: expect.stringMatching(/^real sibling file:.*\/real\/guard.mjs\n$/) },
    { command: [NODE, './link.mjs'], files: linked() },
  ),
  script(
    'a link that leads nowhere',
    '',
    { exitCode: 1, stderr: expect.stringContaining('Cannot find module') },
    { command: [NODE, 'nowhere.js'], files: { 'nowhere.js': '-> absent.js' } },
  ),
  script(
    'a folder without a package',
    '',
    { exitCode: 1, stderr: expect.stringContaining('Cannot find module') },
    { command: [NODE, './folder'], files: { 'folder/x.txt': '' } },
  ),
  script(
    'a script that deletes and edits itself',
    source`
      const fs = require('fs');
      fs.writeFileSync(__filename, 'module.exports = "edited";\n');
      delete require.cache[__filename];
      console.log(require(__filename));
      fs.unlinkSync(__filename);
      throw new Error('deleted');
    `,
    { exitCode: 1, stdout: 'edited\n', stderr: expect.stringContaining('Error: deleted') },
  ),
];

function linked(): Record<string, string> {
  const text =
    "console.log(require('./sibling'), __filename.slice(process.cwd().length), process.argv[1].slice(process.cwd().length));\n";
  return {
    'link.js': '-> real/guard.js',
    'link.mjs': '-> real/guard.mjs',
    'sibling.js': "module.exports = 'sibling of the link';\n",
    'real/guard.js': text,
    'real/guard.mjs': "import kind from './sibling.js';\nconsole.log(kind, import.meta.url);\n",
    'real/sibling.js': "module.exports = 'real sibling';\n",
  };
}
