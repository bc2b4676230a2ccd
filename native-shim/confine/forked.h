#ifndef CONFINE_FORKED_H
#define CONFINE_FORKED_H

/* argv: the options of supervisor-confine, and a word after `--`. Descriptors up to 4 are kept, others closed. Returns in the
 * sandbox; ends where a step fails. */
void confine_forked(char **argv);

#endif
