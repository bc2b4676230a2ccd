import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Context } from '../../../supervisor/cli/context.js';
import { withOwnHome } from '../../../supervisor/cli/own-home.js';

const root = mkdtempSync(join(tmpdir(), 'hook-supervisor-home-'));
const home = join(root, 'home');
mkdirSync(home);
symlinkSync(home, join(root, 'link'));
afterAll(() => rmSync(root, { recursive: true }));

function ask(HOME: string | undefined, ofAccount: () => string = () => home) {
  let told = '';
  const err = (text: string) => {
    told += text;
  };
  const context = { env: { HOME }, err } as unknown as Context;
  return { own: withOwnHome(context, ofAccount)?.env.HOME, told };
}

describe('HOME', () => {
  it('is own: absent, as the system has it, with a slash, by a link, and where the folder is not there; goes on by the name that the system has', () => {
    for (const given of [undefined, home, `${home}/`, join(root, 'link')])
      expect(ask(given), given).toEqual({ own: home, told: '' });
    expect(ask('/not/there', () => '/not/there').own).toBe('/not/there');
  });

  it('is not own: another folder, one that is not there; says which it is', () => {
    for (const given of [root, join(root, 'absent'), '', 'home']) {
      const { own, told } = ask(given);
      expect(own, given).toBeUndefined();
      expect(told).toContain(`HOME=${given}: the home of this user is ${home}\n`);
    }
    expect(ask('/nor/this', () => '/not/there').own, 'two that are absent').toBeUndefined();
  });

  it('is not own where the system knows no such user', () => {
    const unknown = () => {
      throw new Error('ENOENT');
    };
    for (const given of [undefined, home]) {
      const { own, told } = ask(given, unknown);
      expect(own).toBeUndefined();
      expect(told).toContain('the system knows no home of this user');
    }
  });
});
