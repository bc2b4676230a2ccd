/** Parts of an answer that are gathered at once, each with a deadline of its own: one that is slow or fails costs only itself. */

/** @param {Record<string, (signal: AbortSignal) => Promise<string | undefined>>} parts undefined: there is nothing to tell
 *  @returns {Promise<{told: string[], missing: string[]}>} in the order of the parts */
export async function gather(parts, timeoutMs, signal) {
  const results = await Promise.all(
    Object.entries(parts).map(([name, part]) => gatherOne(name, part, timeoutMs, signal)),
  );
  return {
    told: results.flatMap(({ told }) => told ?? []),
    missing: results.flatMap(({ missing }) => missing ?? []),
  };
}

async function gatherOne(name, part, timeoutMs, signal) {
  const controller = new AbortController();
  const stop = () => controller.abort();
  signal?.addEventListener('abort', stop, { once: true });
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs, { missing: `${name}: took longer than ${timeoutMs} ms` });
  });
  try {
    return await Promise.race([part(controller.signal).then((told) => ({ told })), late]);
  } catch (error) {
    return { missing: `${name}: ${error.message}` };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    controller.abort(); // of a part that is late, the process goes, too
  }
}
