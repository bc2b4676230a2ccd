/* Byte strings without libc. */
#ifndef HOOK_SUPERVISOR_CLIENT_TEXT_H
#define HOOK_SUPERVISOR_CLIENT_TEXT_H

#include <stddef.h>
#include <stdint.h>

size_t text_length(const char *text);
int text_equal(const char *a, const char *b);
/* What follows prefix in text, or NULL. */
const char *text_after(const char *text, const char *prefix);
/* The value of NAME in the environment, perhaps empty, or NULL. */
const char *text_environment(char *const *env, const char *name);

/* A line in the making. What does not fit is cut off, so look at is_cut where a path is made. */
#define LINE_MAX_BYTES 4608 /* a path of PATH_MAX and some words */
struct line {
  size_t length;
  int is_cut;
  char bytes[LINE_MAX_BYTES + 1];
};
void line_start(struct line *line);
/* Adds text; keeps line->bytes NUL-terminated. */
void line_add(struct line *line, const char *text);
void line_add_bytes(struct line *line, const char *bytes, size_t length);
void line_add_number(struct line *line, int64_t number);
/* Why a program cannot be executed; error is -errno. */
void line_add_error(struct line *line, int error);
/* Adds text as a quoted JSON string; bytes outside printable ASCII become '?' so that the result is valid UTF-8. */
void line_add_json(struct line *line, const char *text);

/* Writes all of bytes, waiting as long as it takes. 0 or -errno. */
int write_all(int fd, const void *bytes, size_t length);
/* One line on standard error: "supervisor-hook: " text "\n". */
void complain(const char *text);

#endif
