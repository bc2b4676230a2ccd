/** One happening to everyone it is for: the journal, the log, the records. */
import { HAPPENING_KINDS, type Tell } from '../contract/happening.js';
import type { Journal } from '../monitor/journal.js';
import type { Logger } from '../monitor/log.js';
import type { Store } from '../store/store.js';

export function teller(journal: Journal, log: Logger, store: Pick<Store, 'audit'>): Tell {
  return (happening) => {
    const { kind, pool, about, inputs, seq } = journal.add(happening);
    const { severity, isAudited } = HAPPENING_KINDS[kind];
    log[severity]({ happening: kind, seq, ...(pool !== undefined && { pool }), ...inputs }, about);
    if (isAudited) void store.audit(kind, pool === undefined ? about : `${pool}: ${about}`);
  };
}
