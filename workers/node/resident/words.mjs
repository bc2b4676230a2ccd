const WORDS_MAX_CHARACTERS = 1_000;

/** What was thrown, which may be anything, for people. */
export function words(thrown) {
  try {
    const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return text.slice(0, WORDS_MAX_CHARACTERS);
  } catch {
    return 'an exception that cannot be told';
  }
}

/** The last line that a worker says is what people are shown. */
export function oneLine(text) {
  return text.replace(/\s*\n\s*/g, ' ');
}
