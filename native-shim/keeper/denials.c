#include "denials.h"

/* A hook cannot make us read more than this of what it writes. */
#define READ_MAX_BYTES (64u * 1024)

/* EACCES, EPERM and EROFS as programs say them: behind a colon, or in Python behind the bracket of the error's number. */
static const char *const words[DENIAL_WORDS] = {
  " permission denied",
  " operation not permitted",
  " read-only file system",
};

static unsigned char lower(unsigned char c) { return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : c; }

/* The words alone are an ordinary hook's own verdict: "permission denied by policy". */
static int introduces(unsigned char c) { return c == ':' || c == ']'; }

static uint8_t next(const struct denials *denials, const char *word, uint8_t matched, unsigned char c)
{
  if (matched > 0 && lower(c) == (unsigned char)word[matched]) return (uint8_t)(matched + 1);
  return c == word[0] && introduces(denials->last);
}

void denials_read(struct denials *denials, const unsigned char *bytes, size_t length)
{
  for (size_t i = 0; i < length && denials->read_bytes < READ_MAX_BYTES; i++, denials->read_bytes++) {
    for (int k = 0; k < DENIAL_WORDS; k++) {
      uint8_t matched = next(denials, words[k], denials->matched[k], bytes[i]);
      denials->told += words[k][matched] == '\0';
      denials->matched[k] = words[k][matched] == '\0' ? 0 : matched;
    }
    denials->last = bytes[i];
  }
}
