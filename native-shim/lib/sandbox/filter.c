#include "filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include "filter_blocks.h"
#include "sys_call.h"

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#define X32_BIT 0x40000000u
#else
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define LEAF_ENTRIES 3
#define JUMP_MAX 255           /* of a comparison; a plain jump reaches everywhere */
#define TO_RULE 0x80000000u /* a plain jump whose k is a rule until link_blocks() */

/* Those that apply, in the order of their numbers. Insertion: some hundred, nearly sorted by family. */
static size_t select_entries(struct filter_entry *chosen, uint32_t cases)
{
  size_t count = 0;
  for (size_t i = 0; i < filter_entry_count; i++) {
    if (!(filter_entries[i].cases & (cases | FILTER_ALWAYS))) continue;
    size_t at = count++;
    for (; at > 0 && chosen[at - 1].number > filter_entries[i].number; at--) chosen[at] = chosen[at - 1];
    chosen[at] = filter_entries[i];
  }
  return count;
}

static void leaf(struct block *out, const struct filter_entry *entries, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    block_jump(out, BPF_JEQ, entries[i].number, 0, 1);
    if (entries[i].rule == RULE_EPERM) block_answer(out, FILTER_REFUSE(EPERM));
    else if (entries[i].rule == RULE_ENOSYS) block_answer(out, FILTER_REFUSE(ENOSYS));
    else block_add(out, BPF_JMP | BPF_JA, 0, 0, TO_RULE | entries[i].rule);
  }
  block_answer(out, SECCOMP_RET_ALLOW);
}

/* A search tree over the numbers: seven comparisons where a list would take a hundred. */
static int tree(struct block *out, const struct filter_entry *entries, size_t count)
{
  if (count <= LEAF_ENTRIES) {
    leaf(out, entries, count);
    return 0;
  }
  size_t half = count / 2, at = out->length;
  block_jump(out, BPF_JGE, entries[half].number, 0, 0);
  int status = tree(out, entries, half);
  size_t left = out->length - at - 1;
  if (status < 0 || left > JUMP_MAX || at >= out->capacity) return -E2BIG;
  out->code[at].jt = (uint8_t)left;
  return tree(out, entries + half, count - half);
}

/* Each block once, behind the tree, and every jump to it. */
static void link_blocks(struct block *out, size_t tree_start, size_t tree_end, uint32_t cases, uint32_t own_pid)
{
  for (int rule = RULE_FIRST_LOOKED_AT; rule < RULE_COUNT; rule++) {
    size_t start = out->length;
    int is_used = 0;
    for (size_t i = tree_start; i < tree_end; i++) {
      if (out->code[i].code != (BPF_JMP | BPF_JA) || out->code[i].k != (TO_RULE | (uint32_t)rule)) continue;
      out->code[i].k = (uint32_t)(start - i - 1);
      is_used = 1;
    }
    if (is_used) block_of_rule(out, (enum filter_rule)rule, cases, own_pid);
  }
}

int sandbox_filter_build(struct sandbox_filter *filter, uint32_t cases, uint32_t own_pid)
{
  struct filter_entry chosen[FILTER_ENTRIES_MAX];
  struct block out = { .code = filter->code, .capacity = FILTER_CODE_MAX };
  /* Numbers mean something else to another architecture: whoever uses one wants to get past this list. */
  block_load(&out, FILTER_OFFSET_ARCH);
  block_jump(&out, BPF_JEQ, OWN_ARCHITECTURE, 1, 0);
  block_answer(&out, SECCOMP_RET_KILL_PROCESS);
  block_load(&out, FILTER_OFFSET_NUMBER);
#ifdef X32_BIT
  block_jump(&out, BPF_JGE, X32_BIT, 0, 1);
  block_answer(&out, SECCOMP_RET_KILL_PROCESS);
#endif
  size_t start = out.length, count = select_entries(chosen, cases);
  int status = tree(&out, chosen, count);
  if (status < 0) return status;
  if (out.length > out.capacity) return -E2BIG;
  link_blocks(&out, start, out.length, cases, own_pid);
  if (out.length > out.capacity) return -E2BIG;
  filter->length = (uint16_t)out.length;
  return 0;
}

int sandbox_filter_load(const struct sandbox_filter *filter)
{
  struct sock_fprog program = { .len = filter->length, .filter = (struct sock_filter *)filter->code };
  return (int)SYS6(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program, 0, 0, 0);
}
