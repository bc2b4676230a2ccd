/** What a validator prints is for people: it must never be taken for an answer. */
export function toStderr() {
  process.stdout.write = process.stderr.write.bind(process.stderr); // the console's stream, too
}
