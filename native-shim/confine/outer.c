#include "outer.h"

#include <linux/sched.h>

#include "failure.h"
#include "layers.h"
#include "layers_enter.h"
#include "sandbox.h"
#include "sys.h"
#include "wire.h"

/* Each by its own name in case of a failure. */
static void must_net(const struct confine_options *options, int status)
{
  must(options, STAGE_NAMESPACE, status, sandbox_layer_name(LAYER_NET));
}

static void must_user(const struct confine_options *options, int status)
{
  must(options, STAGE_USER_NAMESPACE, status, sandbox_layer_name(LAYER_USER));
}

static void hand_over(const struct confine_options *options)
{
  int user = sys_open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC, 0);
  must_user(options, user);
  int net = sys_open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC, 0);
  must_net(options, net);
  struct park_report report = { .kind = PARK_OUTER, .pid = (uint32_t)sys_pid() };
  struct { size_t length; int level, type, fds[2]; } rights = {
    .length = CMSG_LEN(2 * sizeof(int)), .level = SOL_SOCKET, .type = SCM_RIGHTS, .fds = { user, net },
  };
  struct iovec part = { .iov_base = &report, .iov_len = sizeof report };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights };
  must_net(options, (int)SYS6(SYS_sendmsg, ORDER_FD, &message, MSG_NOSIGNAL, 0, 0, 0));
  sys_close(user);
  sys_close(net);
}

static void enter_kept(const struct confine_options *options)
{
  must_user(options, (int)SYS6(SYS_setns, OUTER_USER_FD, CLONE_NEWUSER, 0, 0, 0, 0));
  must_net(options, (int)SYS6(SYS_setns, OUTER_NET_FD, CLONE_NEWNET, 0, 0, 0, 0));
  sys_close(OUTER_USER_FD);
  sys_close(OUTER_NET_FD);
}

void outer_enter(const struct confine_options *options)
{
  if (options->outer == OUTER_KEPT) return enter_kept(options);
  enter_user_namespace(options);
  must_net(options, sandbox_unshare(CLONE_NEWNET));
  hand_over(options);
}
