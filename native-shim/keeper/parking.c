/* From READY to the order, and every way a process can end before it has one. */
#include "keeper.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

void call_clear(struct slot *slot)
{
  buffer_unmap(&slot->call.payload);
  buffer_unmap(&slot->call.input);
  slot->call = (struct call){ 0 };
}

void slot_release(struct keeper *keeper, struct slot *slot)
{
  port_close(&slot->order, keeper->epoll_fd);
  port_close(&slot->input, keeper->epoll_fd);
  port_close(&slot->output, keeper->epoll_fd);
  port_close(&slot->error, keeper->epoll_fd);
  if (slot->order_far_fd >= 0) close(slot->order_far_fd);
  slot->order_far_fd = -1;
  slot->due_ns = NEVER;
  call_clear(slot);
}

/* Kills a process that has never had an order, and so has no descendants. */
static enum slot_state condemn_parked(struct keeper *keeper, struct slot *slot)
{
  if (slot->pid == 0) {
    slot_release(keeper, slot);
    return SLOT_EMPTY;
  }
  (void)kill(slot->pid, SIGKILL);
  slot->due_ns = now_ns() + REKILL_MS * NS_PER_MS;
  call_clear(slot);
  return SLOT_KILLING;
}

static enum slot_state fail_start(struct keeper *keeper, struct slot *slot, uint32_t stage, int errnum,
                                  const char *text)
{
  report_failure(keeper, slot, stage, errnum, text);
  return condemn_parked(keeper, slot);
}

/* Our own live child? A zygote's child tells us its pid, and telling is not proof. */
static int is_child(pid_t pid)
{
  siginfo_t info = { .si_pid = 0 };
  return pid > 1 && waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

static int pid_is_taken(const struct keeper *keeper, const struct slot *asking, pid_t pid)
{
  for (uint32_t i = 0; i < keeper->options.slots; i++)
    if (&keeper->slots[i] != asking && keeper->slots[i].pid == pid) return 1;
  return pid == keeper->zygote.pid;
}

static int has_output(const struct slot *slot)
{
  int output = 0, error = 0;
  (void)ioctl(slot->output.fd, FIONREAD, &output);
  (void)ioctl(slot->error.fd, FIONREAD, &error);
  return output > 0 || error > 0;
}

/* What a failing start left on its stderr: a struct setup_failure of ours, or an interpreter's words. */
static void read_last_words(const struct slot *slot, struct setup_failure *failure, char *text, size_t capacity)
{
  *failure = (struct setup_failure){ .stage = STAGE_READY };
  ssize_t length = read(slot->error.fd, text, capacity - 1);
  if (length < 0) length = 0;
  text[length] = '\0';
  struct setup_failure told;
  if (length < (ssize_t)sizeof told) return;
  memcpy(&told, text, sizeof told);
  if (told.stage == STAGE_NONE || told.stage > STAGE_LAST || length != (ssize_t)(sizeof told + told.subject_bytes)) return;
  *failure = told;
  memmove(text, text + sizeof told, told.subject_bytes + 1);
}

static enum slot_state fail_with_last_words(struct keeper *keeper, struct slot *slot, int errnum)
{
  struct setup_failure failure;
  char text[512];
  read_last_words(slot, &failure, text, sizeof text);
  return fail_start(keeper, slot, failure.stage, failure.errnum != 0 ? failure.errnum : errnum, text);
}

enum slot_state act_announce(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  /* Behind a pid namespace it does not know the number by which we know it; the order socket is held by nobody else. */
  pid_t pid = has_own_pids(keeper) ? slot->pid : data->pid;
  if (slot->pid != 0 ? pid != slot->pid : !is_child(pid) || pid_is_taken(keeper, slot, pid))
    return fail_start(keeper, slot, STAGE_READY, ESRCH, "");
  if (slot->pid == 0) (void)leaf_adopt(keeper, slot, pid); /* a zygote's child; the proof follows */
  slot->pid = slot->session = pid;
  strays_forget(keeper, pid);
  /* What it has written so far would be taken for the first bytes of the hook. */
  if (has_output(slot)) return fail_with_last_words(keeper, slot, EPROTO);

  char path[sizeof keeper->group_path + 16] = "";
  ssize_t path_bytes = 0;
  if (keeper->options.cgroup_fd >= 0) path_bytes = leaf_prove(keeper, slot, slot->pid, path, sizeof path);
  if (path_bytes < 0) return fail_start(keeper, slot, STAGE_LEAF_PROOF, (int)-path_bytes, path);

  keeper->start_failures = keeper->zygote.failures = 0;
  keeper->next_start_ns = 0;
  slot->due_ns = NEVER;
  figures_begin(keeper, slot);
  slot->parked_ns = now_ns();
  struct parked parked = {
    .pid = (uint32_t)slot->pid, .is_unknown = (uint32_t)data->is_unknown, .memory_kib = data->memory_kib,
    .cgroup_path_bytes = (uint32_t)path_bytes,
    .layers = keeper->options.confinement.layers, /* supervisor-confine enters them all, or ends */
    .start_ms = (uint32_t)((slot->parked_ns - slot->begun_ns) / NS_PER_MS),
  };
  struct ring_part parts[] = { { &parked, sizeof parked }, { path, (size_t)path_bytes } };
  link_send(&keeper->link, RECORD_PARKED, 0, slot->index, slot->generation, parts, 2);
  return SLOT_PARKED;
}

enum slot_state act_start_failed(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  return fail_start(keeper, slot, data->failure->stage, data->failure->errnum, data->text);
}

enum slot_state act_start_died(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  enum slot_state next = fail_with_last_words(keeper, slot, 0); /* first the reason, then what follows from it */
  if (keeper->options.runtime == RUNTIME_NODE) {
    struct zygote_state state = { .generation = slot->generation, .exit_status = data->status };
    struct ring_part part = { &state, sizeof state };
    link_send(&keeper->link, RECORD_ZYGOTE, 0, UINT32_MAX, slot->generation, &part, 1);
  }
  return next;
}

/* Its streams are closed without a word. Of our own child the status is still to come; that of a zygote's child whose pid we
 * never learned is not. */
enum slot_state act_start_drained(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  if (slot->pid == 0) return act_start_died(keeper, slot, data);
  port_arm(&slot->output, keeper->epoll_fd, 0);
  port_arm(&slot->error, keeper->epoll_fd, 0);
  return SLOT_STARTING;
}

enum slot_state act_start_late(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  (void)data;
  /* A zygote that leaves a request unanswered this long is stuck; its death starts another. */
  if (slot->pid == 0 && keeper->zygote.pid != 0) (void)kill(keeper->zygote.pid, SIGKILL);
  return fail_with_last_words(keeper, slot, ETIMEDOUT);
}

static void send_gone(struct keeper *keeper, const struct slot *slot, int status)
{
  struct gone gone = { .pid = (uint32_t)slot->session, .exit_status = status };
  struct ring_part part = { &gone, sizeof gone };
  link_send(&keeper->link, RECORD_GONE, 0, slot->index, slot->generation, &part, 1);
}

enum slot_state act_parked_died(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  send_gone(keeper, slot, data->status);
  slot_release(keeper, slot);
  return SLOT_EMPTY;
}

enum slot_state act_retire(struct keeper *keeper, struct slot *slot, const struct input_data *data)
{
  (void)data;
  send_gone(keeper, slot, -1);
  return condemn_parked(keeper, slot);
}
