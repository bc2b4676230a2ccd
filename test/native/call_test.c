#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "harness.h"

struct sample {
  struct call_head head;
  const char *blobs; /* argv, env, cwd, stdin */
  size_t blob_bytes;
};

/* {"sh", ""} with A=1 and an empty entry, in /tmp, with three bytes of stdin that hold a NUL. */
static struct sample good_sample(void)
{
  static const char blobs[] = "sh\0\0" "A=1\0\0" "/tmp" "{\0}";
  struct sample sample = { .blobs = blobs, .blob_bytes = sizeof blobs - 1 };
  sample.head.argc = 2;
  sample.head.argv_bytes = 4;
  sample.head.envc = 2;
  sample.head.env_bytes = 5;
  sample.head.cwd_bytes = 4;
  sample.head.stdin_bytes = 3;
  return sample;
}

/* `surplus` bytes more (or fewer) than the sample holds, in a block of exactly that length. */
static int check_sized(const struct sample *sample, ptrdiff_t surplus)
{
  size_t length = sizeof sample->head + sample->blob_bytes;
  size_t given = (size_t)((ptrdiff_t)length + surplus);
  unsigned char *payload = calloc(1, length > given ? length : given);
  memcpy(payload, &sample->head, sizeof sample->head);
  memcpy(payload + sizeof sample->head, sample->blobs, sample->blob_bytes);
  unsigned char *exact = malloc(given);
  memcpy(exact, payload, given);
  int status = frame_check_call(exact, given);
  free(payload);
  free(exact);
  return status;
}

TEST(a_whole_call_passes)
{
  struct sample sample = good_sample();
  CHECK_EQUAL(check_sized(&sample, 0), 0);
}

TEST(a_call_without_environment_cwd_and_stdin_passes)
{
  struct sample sample = { .head = { .argc = 1, .argv_bytes = 3 }, .blobs = "ls", .blob_bytes = 3 };
  CHECK_EQUAL(check_sized(&sample, 0), 0);
}

TEST(a_call_that_is_cut_at_any_byte_or_longer_than_it_says_is_refused)
{
  struct sample sample = good_sample();
  for (ptrdiff_t cut = 1; cut < (ptrdiff_t)(sizeof sample.head + sample.blob_bytes); cut++)
    CHECK_EQUAL(check_sized(&sample, -cut), -EBADMSG);
  CHECK_EQUAL(check_sized(&sample, 1), -EBADMSG);
}

TEST(lengths_that_wrap_round_to_the_right_sum_are_refused)
{
  struct sample sample = good_sample();
  sample.head.env_bytes += 0x80000000u;
  sample.head.stdin_bytes += 0x80000000u;
  CHECK_EQUAL(check_sized(&sample, 0), -EBADMSG);
}

TEST(counts_that_are_not_the_number_of_strings_are_refused)
{
  static const int offs[] = { -1, 1 };
  for (int i = 0; i < 2; i++) {
    struct sample sample = good_sample();
    sample.head.argc += (uint32_t)offs[i];
    CHECK_EQUAL(check_sized(&sample, 0), -EBADMSG);
    sample = good_sample();
    sample.head.envc += (uint32_t)offs[i];
    CHECK_EQUAL(check_sized(&sample, 0), -EBADMSG);
  }
}

TEST(an_empty_argv_is_refused)
{
  struct sample sample = { .blobs = "", .blob_bytes = 0 };
  CHECK_EQUAL(check_sized(&sample, 0), -EBADMSG);
}

TEST(a_string_without_its_nul_is_refused)
{
  struct sample sample = good_sample();
  sample.head.argv_bytes = 5; /* "sh", "", "A": two NULs, the last string open */
  sample.head.env_bytes = 4;
  CHECK_EQUAL(check_sized(&sample, 0), -EBADMSG);
  sample = good_sample();
  sample.head.env_bytes = 6; /* runs on into the cwd */
  sample.head.cwd_bytes = 3;
  CHECK_EQUAL(check_sized(&sample, 0), -EBADMSG);
}

TEST(a_cwd_with_a_nul_and_a_reserved_word_in_use_are_refused)
{
  struct sample sample = good_sample();
  sample.head.cwd_bytes = 6;
  sample.head.stdin_bytes = 1;
  CHECK_EQUAL(check_sized(&sample, 0), -EBADMSG);
  sample = good_sample();
  sample.head.reserved = 1;
  CHECK_EQUAL(check_sized(&sample, 0), -EBADMSG);
}
