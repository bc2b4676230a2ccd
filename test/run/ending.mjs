// What a script takes down when it is ended from outside: by a signal, or since nobody reads any more what it prints, as in
// `npm run bench | head`. One place, so that no script that starts a daemon leaves it behind.
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const standing = new Set();
let isListening = false;

/** @param takeDown says false, or throws, where something is left. @returns for when it has been taken down. */
export function takenDownAtEnd(takeDown) {
  if (!isListening) listen();
  standing.add(takeDown);
  return () => standing.delete(takeDown);
}

function listen() {
  isListening = true;
  let isEnding = false;
  const end = () => {
    if (isEnding) return; // what is taken down speaks, too
    isEnding = true;
    process.exit(takeAllDown() ? 130 : 1);
  };
  for (const signal of SIGNALS) process.on(signal, end);
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error;
      end();
    });
}

/** The last first: a script's own knows more than that of what it uses. */
function takeAllDown() {
  const isDown = [...standing].reverse().map((takeDown) => {
    try {
      return takeDown() !== false;
    } catch (error) {
      process.stderr.write(`${error.message}\n`);
      return false;
    }
  });
  return !isDown.includes(false);
}
