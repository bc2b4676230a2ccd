/* Pieces of a filter program, and the blocks that look at a call's arguments. */
#ifndef HOOK_SUPERVISOR_FILTER_BLOCKS_H
#define HOOK_SUPERVISOR_FILTER_BLOCKS_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include "filter_rules.h"

#define FILTER_REFUSE(errnum) (SECCOMP_RET_ERRNO | (errnum))
#define FILTER_OFFSET_NUMBER offsetof(struct seccomp_data, nr)
#define FILTER_OFFSET_ARCH offsetof(struct seccomp_data, arch)

/* A program in the making. What does not fit is counted but not written: look at length once, at the end. */
struct block {
  struct sock_filter *code;
  size_t capacity, length;
};

void block_add(struct block *out, uint16_t code, uint8_t if_true, uint8_t if_false, uint32_t k);
void block_load(struct block *out, uint32_t offset);
void block_jump(struct block *out, uint16_t comparison, uint32_t k, uint8_t if_true, uint8_t if_false);
void block_answer(struct block *out, uint32_t answer);
void block_of_rule(struct block *out, enum filter_rule rule, uint32_t cases, uint32_t own_pid);

#endif
