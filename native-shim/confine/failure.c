#include "failure.h"

#include "sys.h"
#include "text.h"

#define SUBJECT_MAX_BYTES 400 /* the keeper reads 512 with the rest */

static void tell_keeper(enum stage stage, int status, const char *subject)
{
  size_t length = text_length(subject);
  if (length > SUBJECT_MAX_BYTES) length = SUBJECT_MAX_BYTES;
  struct setup_failure failure = { .stage = stage, .errnum = -status, .subject_bytes = (uint32_t)length };
  struct iovec parts[] = { { &failure, sizeof failure }, { (void *)subject, length } };
  SYS6(SYS_writev, 2, parts, 2, 0, 0, 0); /* below PIPE_BUF, so it arrives whole */
}

static void tell_in_words(enum stage stage, int status, const char *subject)
{
  struct line line;
  line_start(&line);
  line_add(&line, "supervisor-confine: stage ");
  line_add_number(&line, stage);
  line_add(&line, ", errno ");
  line_add_number(&line, -status);
  line_add(&line, ": ");
  line_add(&line, subject);
  line_add(&line, "\n");
  write_all(2, line.bytes, line.length);
}

void fail_at(const struct confine_options *options, enum stage stage, int status, const char *subject)
{
  if (options->is_kept_by_keeper) tell_keeper(stage, status, subject);
  else tell_in_words(stage, status, subject);
  sys_exit(EXIT_NOT_CONFINED);
}

void must(const struct confine_options *options, enum stage stage, int status, const char *subject)
{
  if (status < 0) fail_at(options, stage, status, subject);
}
