/* What counts as a refusal in what a hook writes to stderr, however its writes are cut. */
#include "denials.h"
#include "harness.h"

#include <stddef.h>
#include <string.h>

static uint32_t told_in_pieces(const char *text, size_t piece)
{
  struct denials denials = { 0 };
  size_t length = strlen(text);
  for (size_t at = 0; at < length; at += piece)
    denials_read(&denials, (const unsigned char *)text + at, length - at < piece ? length - at : piece);
  return denials.told;
}

static uint32_t told(const char *text) { return told_in_pieces(text, strlen(text)); }

TEST(denials_in_the_words_of_each_language)
{
  CHECK_EQUAL(told("cat: /h/.ssh/id: Permission denied\n"), 1);
  CHECK_EQUAL(told("sh: 3: cannot create /h/.bashrc: Read-only file system\n"), 1);
  CHECK_EQUAL(told("chmod: changing permissions of 'x': Operation not permitted\n"), 1);
  CHECK_EQUAL(told("PermissionError: [Errno 13] Permission denied: '/h/.ssh/id'\n"), 1);
  CHECK_EQUAL(told("OSError: [Errno 30] Read-only file system: '/h/x'\n"), 1);
  CHECK_EQUAL(told("Error: EACCES: permission denied, open '/h/.ssh/id'\n"), 1);
  CHECK_EQUAL(told("open /h/.ssh/id: permission denied\nopen /h/x: read-only file system\n"), 2);
}

TEST(denials_are_not_an_ordinary_hooks_own_words)
{
  CHECK_EQUAL(told("Permission denied by policy\n"), 0);
  CHECK_EQUAL(told("blocked, permission denied\n"), 0);
  CHECK_EQUAL(told("cat: /h/x: No such file or directory\n"), 0);
  CHECK_EQUAL(told(": Permission granted, permission denied\n"), 0);
  CHECK_EQUAL(told(": Permission\ndenied\n"), 0);
}

TEST(denials_are_found_anew_after_what_only_began_like_one)
{
  CHECK_EQUAL(told(": Permission: Permission denied\n"), 1);
  CHECK_EQUAL(told(": Operation not: Read-only: Read-only file system\n"), 1);
  CHECK_EQUAL(told("a: Permission denied: Permission denied\n"), 2);
}

TEST(denials_are_found_however_writes_are_cut)
{
  const char *text = "cat: a: Permission denied\nOSError: [Errno 30] Read-only file system: 'x'\n";
  for (size_t piece = 1; piece < strlen(text); piece++) CHECK_EQUAL(told_in_pieces(text, piece), 2);
}

TEST(denials_are_read_up_to_a_bound)
{
  static unsigned char noise[64 * 1024];
  const unsigned char *words = (const unsigned char *)": Permission denied";
  struct denials before = { 0 }, behind = { 0 };
  denials_read(&before, noise, sizeof noise - strlen((const char *)words));
  denials_read(&before, words, strlen((const char *)words));
  CHECK_EQUAL(before.told, 1);
  denials_read(&behind, noise, sizeof noise - 1);
  denials_read(&behind, words, strlen((const char *)words));
  CHECK_EQUAL(behind.told, 0);
}
