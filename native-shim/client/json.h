/* Tells whether the bytes so far are one closed JSON object or array. Agents write one to a hook's standard input and some
 * never close the pipe; waiting for its end would cost their timeout. Only brackets and strings are looked at. */
#ifndef HOOK_SUPERVISOR_CLIENT_JSON_H
#define HOOK_SUPERVISOR_CLIENT_JSON_H

#include <stddef.h>
#include <stdint.h>

enum json_state { JSON_BEFORE, JSON_INSIDE, JSON_STRING, JSON_ESCAPE, JSON_CLOSED, JSON_OTHER };
struct json_scan { /* all zero at the start */
  enum json_state state;
  uint32_t depth;
};

/* The bytes may be split anywhere. scan->state is JSON_CLOSED while nothing but white space has followed the end. */
void json_feed(struct json_scan *scan, const unsigned char *bytes, size_t length);

#endif
