// Builds what a clone or an installed package needs. `node native-shim/build.mjs [native|javascript]`; both without an
// argument. Incremental: make and tsc decide what is stale. Uses Node built-ins only: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** One line that says what is missing and what to do, instead of a page of compiler output. */
function fail(message) {
  process.stderr.write(`hook-supervisor: ${message}\n`);
  process.exit(1);
}

function isOnPath(command) {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}

function run(command, args, what) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (result.error) fail(`cannot build the ${what}: ${command}: ${result.error.message}`);
  if (result.status !== 0) fail(`cannot build the ${what}: \`${[command, ...args].join(' ')}\` failed, see above`);
}

function buildNative() {
  const packages = { gcc: 'gcc libc6-dev', make: 'make', python3: 'python3' };
  const missing = Object.keys(packages).filter((command) => !isOnPath(command));
  if (missing.length > 0) {
    const remedy = missing.map((command) => packages[command]).join(' ');
    fail(
      `cannot build the native part: ${missing.join(', ')} not found on PATH; on Debian or Ubuntu: apt-get install ${remedy}`,
    );
  }
  run('make', ['--no-print-directory', '-s', '-C', 'native-shim', 'all'], 'native part');
  copyWorkers();
  linkNode();
}

/** For the client, which starts the daemon by --autostart and must not look for Node by a PATH that it has from anybody. */
function linkNode() {
  const link = join(root, 'build', 'node');
  rmSync(link, { force: true });
  symlinkSync(process.execPath, link);
}

/** The daemon looks for its workers beside its own code, in a clone and in an installed package alike. */
function copyWorkers() {
  const isNeeded = (file) => !/(\.[ch]|__pycache__)$/.test(file);
  const to = (runtime) => join(root, 'dist', 'workers', runtime);
  for (const runtime of ['python', 'node', 'validators']) {
    rmSync(to(runtime), { recursive: true, force: true });
    cpSync(join(root, 'workers', runtime), to(runtime), { recursive: true, filter: isNeeded });
  }
  for (const name of ['unbash', 'picomatch']) copyPackage(name, join(to('validators'), 'node_modules', name));
  copyFileSync(join(root, 'build', 'park.node'), join(to('node'), 'park.node'));
  copyFileSync(join(root, 'build', 'resident.node'), join(to('node'), 'resident.node'));
  // No name of a module: Python would take it for resident.py.
  copyFileSync(join(root, 'build', 'resident.so'), join(to('python'), 'resident-native.so'));
  const frames = join(root, 'build', 'hs_frames.so');
  if (existsSync(frames)) copyFileSync(frames, join(to('python'), 'hs_frames.so'));
}

/** What built-in validators import lies beside them: a sandbox shows that one folder, not all packages. As far as there is anything
 *  installed yet. */
function copyPackage(name, to) {
  for (let folder = root; folder !== dirname(folder); folder = dirname(folder)) {
    const from = join(folder, 'node_modules', name);
    if (existsSync(from)) return cpSync(from, to, { recursive: true, dereference: true });
  }
}

async function buildJavaScript() {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!existsSync(compiler)) {
    if (existsSync(join(root, 'dist', 'main.js'))) return; // installed without development packages, already compiled
    fail('cannot compile: typescript is not installed; run `npm ci` with development packages');
  }
  run(process.execPath, [compiler, '--project', root], 'daemon and command line');
  await bundleZod();
  await publishConfigSchema();
  await writeManual();
}

/** In place of what tsc makes of the same source. With its licence, since a package has the code only here. */
async function bundleZod() {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({ input: join(root, 'supervisor', 'config', 'zod.ts'), platform: 'node' });
  const licence = readFileSync(join(root, 'node_modules', 'zod', 'LICENSE'), 'utf8');
  await bundle.write({ file: join(root, 'dist', 'config', 'zod.js'), banner: `/*! zod\n\n${licence}*/` });
  await bundle.close();
}

/** For editors: the schema of the configuration file, as the code has it. */
async function publishConfigSchema() {
  const { configJsonSchema } = await import(pathToFileURL(join(root, 'dist', 'config', 'schema.js')).href);
  const file = join(root, 'docs', 'config.schema.json');
  const text = `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

/** From the table of verbs and options that the command line parses. */
async function writeManual() {
  const load = (file) => import(pathToFileURL(join(root, 'dist', 'cli', file)).href);
  const [{ describeProgram }, { systemContext }, { manualPage }] = await Promise.all(
    ['program.js', 'context.js', 'render/manual.js'].map(load),
  );
  const context = systemContext();
  mkdirSync(join(root, 'dist', 'man'), { recursive: true });
  const text = manualPage(
    describeProgram(context, () => {}),
    context.files.version,
  );
  writeFileSync(join(root, 'dist', 'man', 'supervisor.1'), text);
}

const part = process.argv[2];
if (part !== undefined && part !== 'native' && part !== 'javascript')
  fail(`no part called ${part}: native, javascript`);
if (part !== 'javascript') buildNative();
if (part !== 'native') await buildJavaScript();
