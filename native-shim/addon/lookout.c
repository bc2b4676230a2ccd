#include "lookout.h"

#include <poll.h>
#include <sched.h>
#include <stdlib.h>

#include "channel.h"
#include "clock.h"
#include "module.h"

/* Before answers are looked for so many have come quickly one after the other: with a validator that takes longer, a processor that
 * others need, or a single core, next to no time is lost. */
#define QUICK_IN_A_ROW_MIN 8
/* As long as the lookout, and what it takes to be woken. */
#define QUICK_NS (2 * LOOKOUT_NS)
/* Between two looks at the rest of the loop. */
#define LOOKS_AT_RING 100

static void rest_a_little(void)
{
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static bool is_pending(uv_loop_t *loop)
{
  struct pollfd events = { .fd = uv_backend_fd(loop), .events = POLLIN };
  return poll(&events, 1, 0) != 0;
}

/* The peer is not to be believed: it can make us look in vain, which is bounded, and what it writes is checked when it is read. */
static void look_out(struct awaited *awaited, uv_loop_t *loop)
{
  struct ring *ring = awaited->channel == NULL ? NULL : &awaited->channel->from_keeper;
  uint64_t until_ns = now_ns() + LOOKOUT_NS;
  if (ring != NULL) ring_disarm(ring);
  while (!is_pending(loop)) {
    for (int i = 0; i < LOOKS_AT_RING; i++) {
      if (ring != NULL && ring_has_come(ring)) return;
      rest_a_little();
    }
    if (now_ns() < until_ns) continue;
    awaited->quick_in_a_row = 0;
    return;
  }
}

static void look(struct module *module)
{
  struct lookout *lookout = &module->lookout;
  struct awaited *awaited = lookout->awaited;
  struct channel *channel = awaited->channel;
  bool has_come = awaited->since_ns == 0;
  /* Somebody has work to do in the next turn already, which comes at once. */
  if (!has_come && uv_backend_timeout(module->loop) == 0) return;
  bool is_likely = !has_come && !lookout->is_several && awaited->quick_in_a_row >= QUICK_IN_A_ROW_MIN;
  lookout_forget(module, awaited);
  if (!is_likely || lookout->is_alone || (channel != NULL && !channel_is_alive(channel))) return;
  look_out(awaited, module->loop);
  if (channel != NULL) channel_on_later(channel); /* reads, and arms the ring again */
}

static void on_prepare(uv_handle_t *prepare)
{
  struct module *module = uv_handle_get_data(prepare);
  look(module);
  /* What has come was passed on to somebody, whose next word is awaited now. */
  if (module->lookout.awaited != NULL) look(module);
}

bool lookout_open(struct module *module)
{
  struct lookout *lookout = &module->lookout;
  cpu_set_t processors;
  lookout->is_alone = sched_getaffinity(0, sizeof processors, &processors) == 0 && CPU_COUNT(&processors) == 1;
  lookout->prepare = malloc(uv_handle_size(UV_PREPARE));
  if (lookout->prepare == NULL) return false;
  uv_prepare_init(module->loop, lookout->prepare);
  uv_handle_set_data(lookout->prepare, module);
  uv_unref(lookout->prepare);
  return true;
}

static void on_closed(uv_handle_t *prepare) { free(prepare); }

void lookout_close(struct module *module)
{
  if (module->lookout.prepare != NULL) uv_close(module->lookout.prepare, on_closed);
}

void lookout_await(struct module *module, struct awaited *awaited)
{
  struct lookout *lookout = &module->lookout;
  const struct awaited *other = lookout->awaited;
  if (other == NULL) uv_prepare_start(lookout->prepare, on_prepare);
  else if (other != awaited && other->since_ns != 0) lookout->is_several = true;
  awaited->since_ns = now_ns();
  lookout->awaited = awaited;
}

void lookout_came(struct awaited *awaited)
{
  if (awaited->since_ns == 0) return;
  if (now_ns() - awaited->since_ns > QUICK_NS) awaited->quick_in_a_row = 0;
  else if (awaited->quick_in_a_row < QUICK_IN_A_ROW_MIN) awaited->quick_in_a_row++;
  awaited->since_ns = 0;
}

void lookout_forget(struct module *module, const struct awaited *awaited)
{
  struct lookout *lookout = &module->lookout;
  if (lookout->awaited != awaited) return;
  uv_prepare_stop(lookout->prepare);
  lookout->awaited = NULL;
  lookout->is_several = false;
}
