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
