/** The texts of a tool's input, with their names. */
const DEPTH_MAX = 8;
const TEXTS_MAX = 1_000;
/** What an edit takes away is leaving, not coming. */
const LEAVES = new Set(['old_string', 'oldString', 'old_str']);

/** @returns {{name: string, text: string}[]} */
export function textsIn(input) {
  const found = [];
  const visit = (value, name, depth) => {
    if (found.length >= TEXTS_MAX || depth > DEPTH_MAX) return;
    if (typeof value === 'string') found.push({ name, text: value });
    else if (Array.isArray(value)) for (const one of value) visit(one, name, depth + 1);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, one] of Object.entries(value)) if (!LEAVES.has(key)) visit(one, key, depth + 1);
    }
  };
  visit(input, '', 0);
  return found;
}
