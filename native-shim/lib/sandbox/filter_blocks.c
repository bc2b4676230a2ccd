#include "filter_blocks.h"

#include <asm/ioctls.h>
#include <asm/sockios.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define REFUSED FILTER_REFUSE(EPERM)
#define ALLOWED SECCOMP_RET_ALLOW

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif
#define NEW_NAMESPACES                                                                                           \
  (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

#ifndef PR_SCHED_CORE
#define PR_SCHED_CORE 62
#endif
#ifndef F_SETSIG
#define F_SETSIG 10
#endif
#ifndef F_SETOWN_EX
#define F_SETOWN_EX 15
#endif

#define PERSONALITY_ASK 0xffffffffu
#define IO_PRIORITY_OF_USER 3 /* no header for programs says so */

void block_add(struct block *out, uint16_t code, uint8_t if_true, uint8_t if_false, uint32_t k)
{
  if (out->length < out->capacity)
    out->code[out->length] = (struct sock_filter){ .code = code, .jt = if_true, .jf = if_false, .k = k };
  out->length++;
}

void block_load(struct block *out, uint32_t offset)
{
  block_add(out, BPF_LD | BPF_W | BPF_ABS, 0, 0, offset);
}

void block_jump(struct block *out, uint16_t comparison, uint32_t k, uint8_t if_true, uint8_t if_false)
{
  block_add(out, BPF_JMP | comparison | BPF_K, if_true, if_false, k);
}

void block_answer(struct block *out, uint32_t answer)
{
  block_add(out, BPF_RET | BPF_K, 0, 0, answer);
}

/* The low half, which is all the kernel itself looks at in the arguments that we test: a filter that compared the upper
 * half too could be passed by setting it. */
static void load_argument(struct block *out, uint32_t index)
{
  block_load(out, (uint32_t)(offsetof(struct seccomp_data, args) + 8 * index));
}

static void answer_if(struct block *out, uint32_t value, uint32_t answer)
{
  block_jump(out, BPF_JEQ, value, 0, 1);
  block_answer(out, answer);
}

static void socket_block(struct block *out, uint32_t cases)
{
  load_argument(out, 0);
  if (cases & FILTER_UNIX_SOCKETS) answer_if(out, AF_UNIX, ALLOWED);
  if (cases & FILTER_INET_SOCKETS) {
    answer_if(out, AF_INET, ALLOWED);
    answer_if(out, AF_INET6, ALLOWED);
    /* The list of interfaces, without which Node's os.networkInterfaces() throws. */
    block_jump(out, BPF_JEQ, AF_NETLINK, 0, 3);
    load_argument(out, 2);
    answer_if(out, NETLINK_ROUTE, ALLOWED);
  }
  block_answer(out, FILTER_REFUSE(EAFNOSUPPORT));
}

static void ioctl_block(struct block *out, uint32_t cases)
{
  load_argument(out, 1);
  answer_if(out, TIOCSTI, REFUSED);
  answer_if(out, TIOCLINUX, REFUSED);
  if (cases & FILTER_SHARED_SIGNALS) {
    answer_if(out, FIOSETOWN, REFUSED);
    answer_if(out, SIOCSPGRP, REFUSED);
  }
  block_answer(out, ALLOWED);
}

static void prctl_block(struct block *out)
{
  load_argument(out, 0);
  answer_if(out, PR_SET_PTRACER, REFUSED);
  answer_if(out, PR_SET_MM, REFUSED);
  answer_if(out, PR_SCHED_CORE, REFUSED);
  block_answer(out, ALLOWED);
}

/* (kind, who): "all of the user's" is the one kind for which 0 is not ourselves. */
static void priority_block(struct block *out, uint32_t of_user)
{
  load_argument(out, 0);
  answer_if(out, of_user, REFUSED);
  load_argument(out, 1);
  answer_if(out, 0, ALLOWED);
  block_answer(out, REFUSED);
}

static void fcntl_block(struct block *out)
{
  load_argument(out, 1);
  answer_if(out, F_SETOWN, REFUSED);
  answer_if(out, F_SETOWN_EX, REFUSED);
  answer_if(out, F_SETSIG, REFUSED);
  block_answer(out, ALLOWED);
}

static void allow_first(struct block *out, const uint32_t *values, int count, uint32_t otherwise)
{
  load_argument(out, 0);
  for (int i = 0; i < count; i++) answer_if(out, values[i], ALLOWED);
  block_answer(out, otherwise);
}

static void answer_if_any(struct block *out, uint32_t index, uint32_t bits, uint32_t answer)
{
  load_argument(out, index);
  block_jump(out, BPF_JSET, bits, 0, 1);
  block_answer(out, answer);
  block_answer(out, ALLOWED);
}

void block_of_rule(struct block *out, enum filter_rule rule, uint32_t cases, uint32_t own_pid)
{
  switch (rule) {
  case RULE_CLONE: answer_if_any(out, 0, NEW_NAMESPACES | CLONE_PARENT, REFUSED); break;
  case RULE_SOCKET: socket_block(out, cases); break;
  case RULE_SOCKETPAIR: allow_first(out, (uint32_t[]){ AF_UNIX }, 1, FILTER_REFUSE(EAFNOSUPPORT)); break;
  case RULE_IOCTL: ioctl_block(out, cases); break;
  case RULE_PRCTL: prctl_block(out); break;
  case RULE_PERSONALITY: allow_first(out, (uint32_t[]){ 0, PERSONALITY_ASK }, 2, REFUSED); break;
  case RULE_SELF: allow_first(out, (uint32_t[]){ 0 }, 1, REFUSED); break;
  case RULE_PRIORITY: priority_block(out, PRIO_USER); break;
  case RULE_IO_PRIORITY: priority_block(out, IO_PRIORITY_OF_USER); break;
  case RULE_KILL: allow_first(out, (uint32_t[]){ 0, own_pid, -own_pid }, 3, REFUSED); break;
  case RULE_THREAD_KILL: allow_first(out, &own_pid, 1, REFUSED); break;
  case RULE_FCNTL: fcntl_block(out); break;
  case RULE_HUGE_MAP: answer_if_any(out, 3, MAP_HUGETLB, FILTER_REFUSE(ENOMEM)); break;
  case RULE_HUGE_FILE: answer_if_any(out, 1, MFD_HUGETLB, FILTER_REFUSE(ENOMEM)); break;
  case RULE_EPERM:
  case RULE_ENOSYS:
  case RULE_COUNT: break;
  }
}
