/* The seccomp filter: a list of what a hook has no business with, everything else is allowed. It stands between a hook and
 * the parts of the kernel where most of its holes are found, and closes what namespaces and Landlock leave open. */
#ifndef HOOK_SUPERVISOR_FILTER_H
#define HOOK_SUPERVISOR_FILTER_H

#include <linux/filter.h>
#include <stdint.h>

#include "filter_rules.h"

#define FILTER_CODE_MAX 640 /* some 450 are used */

struct sandbox_filter {
  uint16_t length;
  struct sock_filter code[FILTER_CODE_MAX];
};

/* cases: enum filter_case. own_pid counts with FILTER_SHARED_SIGNALS only; without it one filter serves every child.
 * 0 or -E2BIG. */
int sandbox_filter_build(struct sandbox_filter *filter, uint32_t cases, uint32_t own_pid);
/* Needs no_new_privs. */
int sandbox_filter_load(const struct sandbox_filter *filter);

#endif
