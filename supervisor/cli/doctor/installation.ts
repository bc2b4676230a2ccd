/** Is everything of ours there, and does it run? */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { execa } from 'execa';
import { loadSqlite, SQLITE_REMEDY } from '../../store/sqlite.js';
import type { Context } from '../context.js';
import { type Check, fail, ok, warn } from './check.js';

const BUILD = 'run `npm run build` in the hook-supervisor folder (needs gcc, make and python3)';

export async function installationChecks(context: Context): Promise<Check[]> {
  const { env } = context;
  return [nodeVersion(), nativePart(context), await client(context), await records(), extraCertificates(env)];
}

function nodeVersion(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const what = `${process.versions.node} at ${process.execPath}`;
  const isNewEnough = major > 20 || (major === 20 && minor >= 20);
  return isNewEnough ? ok('node', what) : fail('node', what, 'install Node 20.20 or newer');
}

function nativePart({ files }: Context): Check {
  const missing = [files.addon, files.keeper, files.probe].filter((file) => !existsSync(file));
  if (missing.length > 0) return fail('native part', `not built: ${missing.join(', ')}`, BUILD);
  return ok('native part', files.addon);
}

async function client({ files }: Context): Promise<Check> {
  const name = 'client';
  if (!existsSync(files.hook)) return fail(name, `not built: ${files.hook}`, BUILD);
  const { failed, stdout, shortMessage } = await execa(files.hook, ['--version'], { reject: false, timeout: 5000 });
  if (failed) return fail(name, shortMessage ?? 'it does not run', BUILD);
  const linkage = elfLinkage(files.hook);
  if (linkage !== 'static') return warn(name, `${files.hook} is ${linkage}: every hook starts slower`, BUILD);
  return ok(name, `${stdout.split('\n')[0]}, static, ${files.hook}`);
}

async function records(): Promise<Check> {
  const sqlite = await loadSqlite();
  if (!sqlite.ok) return warn('records', `${sqlite.reason}; calls are not recorded`, SQLITE_REMEDY);
  return ok('records', 'better-sqlite3 can be loaded');
}

/** A program header of type PT_INTERP names the dynamic loader: a static file has none. */
export function elfLinkage(path: string): 'static' | 'dynamic' | 'no ELF file' {
  const PT_INTERP = 3;
  const bytes = Buffer.alloc(4096);
  const fd = openSync(path, 'r');
  const lengthBytes = readSync(fd, bytes, 0, bytes.length, 0);
  closeSync(fd);
  const isElf64 = lengthBytes >= 64 && bytes.readUInt32BE(0) === 0x7f454c46 && bytes[4] === 2;
  if (!isElf64) return 'no ELF file';
  const tableOffset = Number(bytes.readBigUInt64LE(32));
  const entryBytes = bytes.readUInt16LE(54);
  const count = bytes.readUInt16LE(56);
  for (let index = 0; index < count; index++) {
    const at = tableOffset + index * entryBytes;
    if (at + 4 <= lengthBytes && bytes.readUInt32LE(at) === PT_INTERP) return 'dynamic';
  }
  return 'static';
}

function extraCertificates(env: NodeJS.ProcessEnv): Check {
  const name = 'node start';
  const major = Number(process.versions.node.split('.')[0]);
  if (!env.NODE_EXTRA_CA_CERTS || major >= 22) return ok(name, 'no certificates are read at every start');
  return warn(
    name,
    'NODE_EXTRA_CA_CERTS is set: each start of this Node reads those certificates, tens of milliseconds for a hook',
    'unset it for hooks that open no TLS connection, or use Node 22 or newer',
  );
}
