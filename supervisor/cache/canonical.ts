/** JSON in one form: equal values, equal text. Keys are sorted; nothing else is changed. */
import { LIMITS } from '../contract/limits.js';

/** @returns undefined where it is too large or too deep, or a value is none of JSON. What it is given was written by a model or by
 *  whoever it has read: neither the stack nor the event loop may be its victim. */
export function canonicalJson(value: unknown, charactersMax: number): string | undefined {
  const writer = new Writer(charactersMax);
  return writer.write(value, 0) ? writer.text : undefined;
}

class Writer {
  text = '';

  constructor(private readonly charactersMax: number) {}

  /** @returns whether it could be written. */
  write(value: unknown, depth: number): boolean {
    if (value === null || typeof value === 'boolean') return this.put(String(value));
    // What JSON has no number for must not look like null.
    if (typeof value === 'number') return Number.isFinite(value) && this.put(JSON.stringify(value));
    if (typeof value === 'string') return this.fits(value.length) && this.put(JSON.stringify(value));
    if (typeof value !== 'object' || depth >= LIMITS.cacheJsonDepthMax) return false;
    return Array.isArray(value) ? this.writeArray(value, depth) : this.writeObject(value, depth);
  }

  private writeArray(values: readonly unknown[], depth: number): boolean {
    if (!this.fits(values.length) || !this.put('[')) return false;
    for (const [index, value] of values.entries()) {
      if (index > 0 && !this.put(',')) return false;
      if (!this.write(value, depth + 1)) return false;
    }
    return this.put(']');
  }

  private writeObject(value: object, depth: number): boolean {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    // Before they are sorted.
    if (!this.fits(entries.length) || !this.put('{')) return false;
    entries.sort(([one], [other]) => (one < other ? -1 : 1));
    for (const [index, [key, one]] of entries.entries()) {
      if (index > 0 && !this.put(',')) return false;
      if (!this.write(key, depth) || !this.put(':') || !this.write(one, depth + 1)) return false;
    }
    return this.put('}');
  }

  private fits(characters: number): boolean {
    return this.text.length + characters <= this.charactersMax;
  }

  private put(text: string): boolean {
    this.text += text;
    return this.text.length <= this.charactersMax;
  }
}
