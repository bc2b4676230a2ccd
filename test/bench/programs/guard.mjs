// As guard.cjs, as an ES module that reads its event as a stream.
import path from 'node:path';

let text = '';
process.stdin.setEncoding('utf8');
for await (const part of process.stdin) text += part;
const event = JSON.parse(text);
const { command } = event.tool_input;
if (/\brm\s+-\w*r/.test(command) && path.isAbsolute(command.split(' ').at(-1))) process.exit(2);
console.log(JSON.stringify({ decision: 'allow', id: event.tool_use_id }));
