/* The warm interpreter that forks parked processes: started, watched, asked, and started anew with back-off. Its parked
 * children do not need it any more. */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "fresh.h"
#include "io.h"

#define WARM_TIMEOUT_MS 10000u
#define EXIT_TIMEOUT_MS 1000u /* from closing its socket */

static void send_state(struct keeper *keeper)
{
  const struct zygote *zygote = &keeper->zygote;
  struct zygote_state state = {
    .pid = zygote->phase == ZYGOTE_SERVING ? (uint32_t)zygote->pid : 0,
    .generation = zygote->generation, .exit_status = zygote->exit_status,
  };
  struct ring_part part = { &state, sizeof state };
  link_send(&keeper->link, RECORD_ZYGOTE, 0, UINT32_MAX, zygote->generation, &part, 1);
}

static void send_learned(struct keeper *keeper, const struct zygote_message *message)
{
  struct learned learned = { .scripts = message->slot, .modules = message->generation };
  struct ring_part part = { &learned, sizeof learned };
  link_send(&keeper->link, RECORD_LEARNED, 0, UINT32_MAX, keeper->zygote.generation, &part, 1);
}

static void report(struct keeper *keeper, uint32_t stage, int errnum)
{
  report_failure(keeper, NULL, stage, errnum, keeper->options.zygote_argv[0]);
}

static void start_later(struct keeper *keeper)
{
  keeper->zygote.due_ns = now_ns() + backoff_ms(++keeper->zygote.failures) * NS_PER_MS;
}

/* In the child. The zygote tells a failed exec in its own language. */
_Noreturn static void become_zygote(const struct keeper *keeper, int socket_fd)
{
  (void)setrlimit(RLIMIT_NOFILE, &keeper->files_before);
  int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  int failed = null_fd < 0 || dup2(null_fd, 0) < 0 || fresh_session() < 0 || fresh_signals() < 0 ||
               dup2(socket_fd, ZYGOTE_FD) < 0 || fcntl(ZYGOTE_FD, F_SETFD, 0) < 0 ||
               fresh_descriptors(ZYGOTE_FD + 1) < 0 || fresh_death_signal(keeper->pid) < 0;
  if (!failed) execv(keeper->options.zygote_argv[0], keeper->options.zygote_argv);
  struct zygote_message message = { .kind = ZYGOTE_FAILED, .slot = UINT32_MAX, .errnum = errno };
  (void)send(failed ? socket_fd : ZYGOTE_FD, &message, sizeof message, MSG_NOSIGNAL);
  _exit(127);
}

static void start(struct keeper *keeper)
{
  struct zygote *zygote = &keeper->zygote;
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
    report(keeper, STAGE_SOCKETPAIR, errno);
    start_later(keeper);
    return;
  }
  pid_t pid = fork();
  if (pid == 0) {
    /* Our own folder of the group, since a write of 0 moves the writer. */
    if (keeper->zygote_leaf_fd >= 0 && cgroup_write(keeper->zygote_leaf_fd, "cgroup.procs", "0") < 0) _exit(126);
    become_zygote(keeper, pair[1]);
  }
  close(pair[1]);
  if (pid < 0) {
    close(pair[0]);
    report(keeper, STAGE_FORK, errno);
    start_later(keeper);
    return;
  }
  zygote->pid = pid;
  zygote->generation++;
  zygote->phase = ZYGOTE_WARMING;
  zygote->due_ns = now_ns() + WARM_TIMEOUT_MS * NS_PER_MS;
  port_open(&zygote->port, pair[0], port_tag(PORT_ZYGOTE, 0, zygote->generation));
  port_arm(&zygote->port, keeper->epoll_fd, EPOLLIN);
}

void zygote_tick(struct keeper *keeper)
{
  struct zygote *zygote = &keeper->zygote;
  if (keeper->options.runtime != RUNTIME_PYTHON || now_ns() < zygote->due_ns) return;
  if (zygote->phase == ZYGOTE_DOWN && zygote->pid == 0) {
    start(keeper);
  } else {
    if (zygote->phase == ZYGOTE_WARMING) report(keeper, STAGE_ZYGOTE_READY, ETIMEDOUT);
    (void)kill(zygote->pid, SIGKILL);
    zygote->due_ns = NEVER; /* its death sets the next start */
  }
}

static struct slot *starting_slot(struct keeper *keeper, const struct zygote_message *message)
{
  if (message->slot >= keeper->options.slots) return NULL;
  struct slot *slot = &keeper->slots[message->slot];
  return slot->state == SLOT_STARTING && slot->generation == message->generation ? slot : NULL;
}

void zygote_readable(struct keeper *keeper)
{
  struct zygote *zygote = &keeper->zygote;
  struct zygote_message message;
  if (zygote->port.fd < 0) return;
  ssize_t got = recv(zygote->port.fd, &message, sizeof message, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got != sizeof message) {
    /* It serves no more. Its death starts the next; its own exit status says more than ours by a kill. */
    port_close(&zygote->port, keeper->epoll_fd);
    zygote->phase = ZYGOTE_DOWN;
    zygote->due_ns = now_ns() + EXIT_TIMEOUT_MS * NS_PER_MS;
    return;
  }
  if (message.kind == ZYGOTE_WARM && zygote->phase == ZYGOTE_WARMING) {
    zygote->phase = ZYGOTE_SERVING;
    zygote->due_ns = NEVER;
    keeper->next_start_ns = 0;
    send_state(keeper);
  } else if (message.kind == ZYGOTE_LEARNED) {
    send_learned(keeper, &message);
  } else if (message.kind == ZYGOTE_FAILED && message.slot == UINT32_MAX) {
    report(keeper, STAGE_ZYGOTE_EXEC, message.errnum);
  } else if (message.kind == ZYGOTE_FAILED) {
    struct slot *slot = starting_slot(keeper, &message);
    struct setup_failure failure = { .stage = STAGE_FORK, .errnum = message.errnum };
    if (slot != NULL) slot_input(keeper, slot, INPUT_FAILED, &(struct input_data){ .failure = &failure, .text = "" });
  }
}

void zygote_died(struct keeper *keeper, int status)
{
  struct zygote *zygote = &keeper->zygote;
  port_close(&zygote->port, keeper->epoll_fd);
  zygote->phase = ZYGOTE_DOWN;
  zygote->pid = 0;
  zygote->exit_status = status;
  start_later(keeper);
  send_state(keeper);
}

int zygote_fork(struct keeper *keeper, struct slot *slot, const int child_fds[4])
{
  struct zygote_message message = {
    .kind = ZYGOTE_FORK, .slot = slot->index, .generation = slot->generation, .keeper_pid = (uint32_t)keeper->pid,
  };
  int fds[5] = { child_fds[0], child_fds[1], child_fds[2], child_fds[3], -1 };
  size_t fd_count = 4;
  if (slot->leaf_fd >= 0) {
    fds[4] = openat(slot->leaf_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    if (fds[4] < 0) return -errno;
    message.flags = ZYGOTE_HAS_LEAF;
    fd_count = 5;
  }
  ssize_t sent = send_with_fds(keeper->zygote.port.fd, &message, sizeof message, fds, fd_count, MSG_DONTWAIT);
  if (fds[4] >= 0) close(fds[4]);
  return sent < 0 ? (int)sent : 0;
}
