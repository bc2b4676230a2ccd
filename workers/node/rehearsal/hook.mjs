import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { kind } from './sibling.mjs';

const file = fileURLToPath(import.meta.url);
await null;
export const lines = [kind, path.basename(file), readFileSync(file, 'utf8').split('\n').length];
