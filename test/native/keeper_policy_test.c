/* What the keeper decides without acting: refill, back-off, its command line, its byte queue. */
#include "buffer.h"
#include "harness.h"
#include "layers.h"
#include "options.h"
#include "refill.h"
#include "watch.h"
#include "wire.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define MS 1000000ull

static const struct refill_view calm = {
  .now_ns = 1000 * MS, .short_since_ns = 1000 * MS, .starts_at_once = 2, .target_parked = 4, .occupied_max = 8, .empty = 8,
};

TEST(refill_starts_one_for_each_core_and_no_more)
{
  struct refill_view view = calm;
  CHECK_EQUAL(refill_count(&view), 2);
  view.starting = 1;
  CHECK_EQUAL(refill_count(&view), 1);
  view.starting = 2;
  CHECK_EQUAL(refill_count(&view), 0);
  view.starts_at_once = 16;
  CHECK_EQUAL(refill_count(&view), 2);
  view.starting = 0, view.starts_at_once = 1;
  CHECK_EQUAL(refill_count(&view), 1);
}

TEST(refill_counts_what_is_on_its_way)
{
  struct refill_view view = calm;
  view.parked = 3, view.starting = 1;
  CHECK_EQUAL(refill_count(&view), 0);
  view.parked = 3, view.starting = 0;
  CHECK_EQUAL(refill_count(&view), 1);
}

TEST(refill_waits_until_the_hooks_of_a_burst_have_answered)
{
  struct refill_view view = calm;
  view.task_started_ns = 999 * MS, view.working = 4; /* nothing is parked, but nobody asks either */
  CHECK_EQUAL(refill_count(&view), 0);
  CHECK_EQUAL(refill_held_until_ns(&view), 999 * MS + REFILL_HOLD_MS * MS);
  view.task_started_ns = 0, view.working = 0;
  CHECK_EQUAL(refill_count(&view), 2);
  CHECK_EQUAL(refill_held_until_ns(&view), UINT64_MAX);
}

TEST(refill_waits_no_longer_than_the_bound)
{
  struct refill_view view = calm;
  view.working = 1, view.task_started_ns = view.short_since_ns = view.now_ns - REFILL_HOLD_MS * MS + 1;
  CHECK_EQUAL(refill_count(&view), 0);
  CHECK_EQUAL(refill_held_until_ns(&view), view.now_ns + 1);
  view.now_ns++; /* a hook that takes long */
  CHECK_EQUAL(refill_count(&view), 2);
  CHECK_EQUAL(refill_held_until_ns(&view), UINT64_MAX);
  view.task_started_ns = view.now_ns; /* hooks without a pause between them */
  CHECK_EQUAL(refill_count(&view), 2);
}

TEST(refill_waits_for_a_quiet_moment_while_something_is_parked)
{
  struct refill_view view = calm;
  view.parked = 3, view.answered_ns = 999 * MS, view.quiet_ns = REFILL_QUIET_MS * MS;
  CHECK_EQUAL(refill_count(&view), 0);
  CHECK_EQUAL(refill_held_until_ns(&view), 999 * MS + REFILL_QUIET_MS * MS);
  view.parked = 0; /* the next call would have to wait */
  CHECK_EQUAL(refill_count(&view), 2);
  view.parked = 3, view.short_since_ns = view.now_ns - REFILL_HOLD_MS * MS; /* it is never quiet */
  CHECK_EQUAL(refill_count(&view), 1);
  view.short_since_ns = view.now_ns, view.now_ns += REFILL_QUIET_MS * MS;
  CHECK_EQUAL(refill_count(&view), 1);
}

TEST(refill_is_not_held_by_a_task_that_has_run_long_when_the_gap_comes)
{
  struct refill_view view = calm;
  view.working = 1, view.task_started_ns = view.now_ns - REFILL_HOLD_MS * MS;
  CHECK_EQUAL(refill_count(&view), 2);
}

TEST(refill_starts_at_once_what_calls_wait_for_and_no_more)
{
  struct refill_view view = calm;
  view.working = 4, view.task_started_ns = 999 * MS, view.target_parked = 5, view.calls_waiting = 1;
  CHECK_EQUAL(refill_count(&view), 1);
  view.starting = 1;
  CHECK_EQUAL(refill_count(&view), 0);
  view.calls_waiting = 3, view.target_parked = 7;
  CHECK_EQUAL(refill_count(&view), 1); /* as many as there are cores */
}

TEST(refill_keeps_to_free_slots_and_the_bound_on_work)
{
  struct refill_view view = calm;
  view.empty = 1;
  CHECK_EQUAL(refill_count(&view), 1);
  view.empty = 0;
  CHECK_EQUAL(refill_count(&view), 0);
  view.empty = 8, view.working = 7;
  CHECK_EQUAL(refill_count(&view), 1);
  view.working = 8;
  CHECK_EQUAL(refill_count(&view), 0);
  view.working = 9; /* the bound was lowered meanwhile */
  CHECK_EQUAL(refill_count(&view), 0);
  view.working = 0, view.target_parked = 0;
  CHECK_EQUAL(refill_count(&view), 0);
}

TEST(backoff_doubles_from_100_ms_to_5_s)
{
  const unsigned wanted[] = { 100, 200, 400, 800, 1600, 3200, 5000, 5000 };
  for (unsigned i = 0; i < sizeof wanted / sizeof *wanted; i++) CHECK_EQUAL(backoff_ms(i + 1), wanted[i]);
  CHECK_EQUAL(backoff_ms(4000000000u), 5000);
}

#define COMPLETE "keeper", "--channel", "3", "--ring", "4", "--ring-bytes", "262144", "--pool", "p", "--slots", "2"

static int parse(struct options *options, int argc, char **argv)
{
  extern int optind;
  const char *complaint = NULL;
  optind = 0; /* glibc: start anew */
  int status = options_parse(options, argc, argv, &complaint);
  CHECK((status == 0) == (complaint == NULL));
  return status;
}
#define PARSE(options, ...) \
  parse(options, (int)(sizeof (char *[]){ __VA_ARGS__ } / sizeof(char *)), (char *[]){ __VA_ARGS__, NULL })

TEST(options_take_a_whole_command_line)
{
  struct options options;
  char limit[] = "cpu.max=90000 100000";
  char *line[] = { COMPLETE, "--runtime", "python", "--parked", "2", "--generation", "18446744073709551615", "--limit",
                   limit, "--cpu-time-max-ms", "1500", "--", "/usr/bin/python3", "-c", NULL };
  CHECK_EQUAL(parse(&options, (int)(sizeof line / sizeof *line) - 1, line), 0);
  CHECK_EQUAL(options.ring_bytes, 262144);
  CHECK_EQUAL(options.generation, UINT64_MAX);
  CHECK_EQUAL(options.cgroup_fd, -1);
  CHECK_EQUAL(options.cpu_time_max_ms, 1500);
  CHECK_EQUAL(options.limit_count, 1);
  CHECK(strcmp(options.limits[0].file, "cpu.max") == 0 && strcmp(options.limits[0].text, "90000 100000") == 0);
  CHECK(strcmp(options.zygote_argv[1], "-c") == 0);
}

TEST(options_refuse_a_limit_without_a_file_of_the_leaf_and_one_too_many)
{
  struct options options;
  char no_text[] = "cpu.max", no_file[] = "=1", elsewhere[] = "../cpu.max=1";
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "exec", "--limit", no_text), -EINVAL);
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "exec", "--limit", no_file), -EINVAL);
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "exec", "--limit", elsewhere), -EINVAL);

  char texts[LEAF_LIMITS_MAX + 1][8];
  char *line[16 + 2 * (LEAF_LIMITS_MAX + 1)] = { COMPLETE, "--runtime", "exec" };
  int count = 0;
  while (line[count] != NULL) count++;
  for (unsigned i = 0; i <= LEAF_LIMITS_MAX; i++) {
    line[count++] = "--limit";
    line[count++] = strcpy(texts[i], "a=1");
  }
  CHECK_EQUAL(parse(&options, count, line), -EINVAL);
  for (unsigned i = 0; i <= LEAF_LIMITS_MAX; i++) strcpy(texts[i], "a=1");
  CHECK_EQUAL(parse(&options, count - 2, line), 0);
  CHECK_EQUAL(options.limit_count, LEAF_LIMITS_MAX);
}

TEST(options_take_a_controller_with_its_descriptor_only)
{
  struct options options;
  char good[] = "memory=6", no_name[] = "=6", no_number[] = "memory=x";
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "exec", "--controller", good), 0);
  CHECK_EQUAL(options.controller_count, 1);
  CHECK(strcmp(options.controllers[0].name, "memory") == 0 && options.controllers[0].fd == 6);
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "exec", "--controller", no_name), -EINVAL);
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "exec", "--controller", no_number), -EINVAL);
}

TEST(watch_looks_when_the_budget_may_be_used_up_and_not_more_often_than_the_bound)
{
  CHECK_EQUAL(watch_wait_ns(1000000, 1), 1000 * MS);
  CHECK_EQUAL(watch_wait_ns(1000000, 4), 250 * MS);
  CHECK_EQUAL(watch_wait_ns(0, 1), WATCH_LEAST_MS * MS);
  CHECK_EQUAL(watch_wait_ns(1000, 0), WATCH_LEAST_MS * MS);
}

TEST(options_refuse_what_is_missing_unknown_or_no_number)
{
  struct options options;
  CHECK_EQUAL(PARSE(&options, COMPLETE), -EINVAL);
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "perl"), -EINVAL);
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "exec", "--slots", "257"), -EINVAL);
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "exec", "--parked", "-1"), -EINVAL);
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "exec", "--parked", "1x"), -EINVAL);
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "exec", "--nonsense", "1"), -EINVAL);
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "python"), -EINVAL);
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "exec", "--", "x"), -EINVAL);
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "exec"), 0);
}

#define CONFINED COMPLETE, "--runtime", "exec", "--level", "untrusted", "--layers", "mountNamespace,pidNamespace,ownProc"

TEST(options_of_a_level_are_kept_for_supervisor_confine_but_for_what_the_keeper_holds)
{
  struct options options;
  CHECK_EQUAL(PARSE(&options, CONFINED, "--read", "/usr", "--write", "/w", "--protect", "/w/p", "--tmp-max-bytes", "5"), 0);
  const struct confinement *confinement = &options.confinement;
  CHECK_EQUAL(confinement->level, LEVEL_UNTRUSTED);
  CHECK_EQUAL(confinement->layers, LAYER_BIT(LAYER_MOUNT) | LAYER_BIT(LAYER_PID) | LAYER_BIT(LAYER_PROC));
  const char *const passed[] = { "--level", "untrusted", "--layers", "mountNamespace,pidNamespace,ownProc", "--read", "/usr",
                                 "--write", "/w", "--tmp-max-bytes", "5" };
  CHECK_EQUAL(confinement->argument_count, sizeof passed / sizeof *passed);
  for (size_t i = 0; i < confinement->argument_count; i++) CHECK(strcmp(confinement->arguments[i], passed[i]) == 0);
  CHECK(confinement->protect_count == 1 && strcmp(confinement->protects[0], "/w/p") == 0);
}

TEST(options_of_a_level_are_refused_without_it_and_where_they_do_not_fit)
{
  struct options options;
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "exec", "--layers", "seccomp"), -EINVAL);
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "exec", "--protect", "/w"), -EINVAL);
  CHECK_EQUAL(PARSE(&options, COMPLETE, "--runtime", "exec", "--level", "untrusted"), -EINVAL);
  CHECK_EQUAL(PARSE(&options, CONFINED, "--layers", "ownProc,pidNamespace"), -EINVAL);
  CHECK_EQUAL(PARSE(&options, CONFINED, "--layers", "networkNamespace", "--network", "host"), -EINVAL);
  CHECK_EQUAL(PARSE(&options, CONFINED, "--network", "door"), -EINVAL);
  CHECK_EQUAL(PARSE(&options, CONFINED, "--door", "9"), -EINVAL);
  CHECK_EQUAL(PARSE(&options, CONFINED, "--network", "door", "--door", "9"), 0);
  CHECK_EQUAL(PARSE(&options, CONFINED, "--level", "contained"), -EINVAL);
  CHECK_EQUAL(PARSE(&options, CONFINED, "--write", "w"), -EINVAL);
}

TEST(buffer_keeps_order_over_many_laps_and_refuses_what_does_not_fit)
{
  struct buffer buffer = { 0 };
  CHECK_EQUAL(buffer_map(&buffer, 4096), 0);
  unsigned char in = 0, out = 0, piece[700];
  for (int lap = 0; lap < 200; lap++) {
    for (size_t i = 0; i < sizeof piece; i++) piece[i] = in++;
    while (buffer_append(&buffer, piece, sizeof piece) == -ENOBUFS) {
      for (int i = 0; i < 500; i++) CHECK_EQUAL(buffer_at(&buffer)[i], out++);
      buffer_take(&buffer, 500);
    }
  }
  CHECK_EQUAL(buffer_append(&buffer, piece, 4096), -ENOBUFS);
  CHECK(buffer_length(&buffer) <= 4096);
  buffer_unmap(&buffer);
  CHECK(buffer.bytes == NULL);
}
