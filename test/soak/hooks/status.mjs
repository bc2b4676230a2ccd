// Ends with the status its argument says.
import { readFileSync } from 'node:fs';

const event = readFileSync(0, 'utf8');
process.stdout.write(event);
process.stderr.write(`e:${event}`);
process.exitCode = Number(process.argv[2]);
