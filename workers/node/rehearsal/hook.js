'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { kind } = require('./sibling.cjs');

class Guard {
  #patterns = [/\brm\s+-rf?\b/, /^sudo\b/i];
  check({ command = '' } = {}) {
    return this.#patterns.some((pattern) => pattern.test(command)) ? 'block' : 'approve';
  }
}

const input = JSON.parse('{"tool_input": {"command": "ls -l"}, "list": [1, 2, 3], "cwd": "/"}');
const decision = new Guard().check(input.tool_input);
const lines = fs
  .readFileSync(__filename, 'utf8')
  .split('\n')
  .map((line) => line.trim())
  .filter(Boolean);
const names = Object.entries(input).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
try {
  throw new TypeError(kind + decision);
} catch (error) {
  module.exports = [lines.length, names.sort().join(), path.join(__dirname, 'x'), fs.existsSync('/'), error.stack];
}
