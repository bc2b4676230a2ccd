#include "json.h"

static int is_space(unsigned char byte)
{
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static enum json_state next_inside(struct json_scan *scan, unsigned char byte)
{
  if (byte == '"') return JSON_STRING;
  if (byte == '{' || byte == '[') scan->depth++;
  if (byte == '}' || byte == ']') scan->depth--;
  return scan->depth == 0 ? JSON_CLOSED : JSON_INSIDE;
}

static enum json_state next(struct json_scan *scan, unsigned char byte)
{
  switch (scan->state) {
    case JSON_BEFORE:
      if (is_space(byte)) return JSON_BEFORE;
      return byte == '{' || byte == '[' ? next_inside(scan, byte) : JSON_OTHER;
    case JSON_INSIDE: return next_inside(scan, byte);
    case JSON_STRING: return byte == '"' ? JSON_INSIDE : byte == '\\' ? JSON_ESCAPE : JSON_STRING;
    case JSON_ESCAPE: return JSON_STRING;
    case JSON_CLOSED: return is_space(byte) ? JSON_CLOSED : JSON_OTHER;
    case JSON_OTHER: break;
  }
  return JSON_OTHER;
}

void json_feed(struct json_scan *scan, const unsigned char *bytes, size_t length)
{
  for (size_t i = 0; i < length && scan->state != JSON_OTHER; i++) scan->state = next(scan, bytes[i]);
}
