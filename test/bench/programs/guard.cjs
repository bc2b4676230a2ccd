// As imports.py, for Node: reads its event, decides, answers.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const event = JSON.parse(fs.readFileSync(0, 'utf8'));
const { command } = event.tool_input;
if (/\brm\s+-\w*r/.test(command) && path.isAbsolute(command.split(' ').at(-1))) process.exit(2);
console.log(JSON.stringify({ decision: 'allow', id: event.tool_use_id }));
