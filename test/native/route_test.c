#include "route.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "wire.h"

static int released;
static void count_release(void *owner, void *token)
{
  (void)owner;
  (void)token;
  released++;
}

static struct route_table new_table(void)
{
  released = 0;
  return (struct route_table){ .release = count_release };
}

/* The payload of a call with one argument, one variable, the folder "/" and some stdin. */
struct payload {
  unsigned char bytes[sizeof(struct call_head) + 256];
  size_t length;
};

static struct payload payload_of(const char *argument, const char *variable, const char *stdin_text, uint32_t flags)
{
  struct payload payload = { .length = sizeof(struct call_head) };
  struct call_head head = { .flags = flags, .argc = 1, .envc = 1, .cwd_bytes = 1 };
  head.argv_bytes = (uint32_t)strlen(argument) + 1;
  head.env_bytes = (uint32_t)strlen(variable) + 1;
  head.stdin_bytes = (uint32_t)strlen(stdin_text);
  memcpy(payload.bytes, &head, sizeof head);
  const struct { const char *text; size_t length; } parts[] = {
    { argument, head.argv_bytes }, { variable, head.env_bytes }, { "/", 1 }, { stdin_text, head.stdin_bytes },
  };
  for (size_t i = 0; i < 4; i++) {
    memcpy(payload.bytes + payload.length, parts[i].text, parts[i].length);
    payload.length += parts[i].length;
  }
  return payload;
}

static unsigned char start[sizeof(struct start_head) + 8];

static int learn(struct route_table *table, const struct payload *call, const char *stamps, size_t stamps_bytes,
                 void *channel)
{
  struct route_lesson lesson = {
    .call = call->bytes, .call_bytes = call->length, .start = start, .start_bytes = sizeof start,
    .stamps = stamps, .stamps_bytes = stamps_bytes, .channel = channel, .token = (void *)1,
  };
  return route_learn(table, &lesson);
}

static struct route *find(struct route_table *table, struct payload call)
{
  return route_find(table, call.bytes, call.length);
}

/* A file of the test's own, and its stamp as JavaScript writes it. */
struct scene {
  char folder[64], path[96], stamps[512];
  size_t stamps_bytes;
};

static void write_file(const char *path, const char *text)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
  close(fd);
}

static void set_scene(struct scene *scene, char kind)
{
  struct stat status;
  memset(scene, 0, sizeof *scene);
  snprintf(scene->folder, sizeof scene->folder, "/tmp/hs-route-XXXXXX");
  CHECK(mkdtemp(scene->folder) != NULL);
  snprintf(scene->path, sizeof scene->path, "%s/file", scene->folder);
  write_file(scene->path, "one");
  const char *path = kind != 'f' ? scene->folder : scene->path;
  CHECK(stat(path, &status) == 0);
  int length = snprintf(scene->stamps, sizeof scene->stamps, "%s%c%c:%" PRIu64 ":%" PRIu64, path, 0, kind,
                        (uint64_t)status.st_dev, (uint64_t)status.st_ino);
  if (kind != 'd')
    length += snprintf(scene->stamps + length, sizeof scene->stamps - (size_t)length, ":%lld:%lld%09ld:%lld%09ld",
                       (long long)status.st_size, (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                       (long long)status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
  scene->stamps_bytes = (size_t)length + 1;
}

static void strike_scene(struct scene *scene)
{
  unlink(scene->path);
  rmdir(scene->folder);
}

TEST(the_same_call_with_other_stdin_is_found)
{
  struct route_table table = new_table();
  struct payload call = payload_of("hook", "A=1", "{}", CALL_STDIN_COMPLETE);
  CHECK_EQUAL(learn(&table, &call, "", 0, &table), 0);
  struct route *route = find(&table, payload_of("hook", "A=1", "{\"other\":1}", CALL_STDIN_COMPLETE));
  CHECK(route != NULL && route->token == (void *)1 && route->channel == &table);
  CHECK(find(&table, payload_of("hook", "A=1", "", CALL_EXPLAIN)) == route);
  route_forget(&table, NULL);
  CHECK_EQUAL(released, 1);
}

TEST(a_call_that_differs_in_any_other_byte_is_not)
{
  struct route_table table = new_table();
  struct payload call = payload_of("hook", "A=1", "{}", CALL_STDIN_COMPLETE);
  CHECK_EQUAL(learn(&table, &call, "", 0, &table), 0);
  CHECK(find(&table, payload_of("hool", "A=1", "{}", CALL_STDIN_COMPLETE)) == NULL);
  CHECK(find(&table, payload_of("hook", "A=2", "{}", CALL_STDIN_COMPLETE)) == NULL);
  CHECK(find(&table, payload_of("hook", "A=1", "{}", CALL_STDIN_COMPLETE | CALL_SHELL_TEXT)) == NULL);
  CHECK(find(&table, payload_of("hoo", "kA=1", "{}", CALL_STDIN_COMPLETE)) == NULL);
  for (size_t at = 4; at < sizeof(struct call_head); at++) {
    if (at >= offsetof(struct call_head, argv_bytes) && at < offsetof(struct call_head, reserved)) continue; /* lengths */
    struct payload other = call;
    other.bytes[at] ^= 1;
    CHECK(find(&table, other) == NULL);
  }
  CHECK(find(&table, call) != NULL);
  route_forget(&table, NULL);
}

TEST(a_file_that_was_written_to_ends_its_route)
{
  struct scene scene;
  struct route_table table = new_table();
  struct payload call = payload_of("hook", "A=1", "{}", CALL_STDIN_COMPLETE);
  set_scene(&scene, 'f');
  CHECK_EQUAL(learn(&table, &call, scene.stamps, scene.stamps_bytes, &table), 0);
  CHECK(find(&table, call) != NULL);
  write_file(scene.path, "longer");
  CHECK(find(&table, call) == NULL);
  CHECK_EQUAL(table.count, 0);
  CHECK_EQUAL(released, 1);
  strike_scene(&scene);
}

TEST(a_file_that_changed_before_the_lesson_is_no_ground_for_a_route)
{
  struct scene scene;
  struct route_table table = new_table();
  struct payload call = payload_of("hook", "A=1", "{}", CALL_STDIN_COMPLETE);
  set_scene(&scene, 'f');
  write_file(scene.path, "longer");
  CHECK_EQUAL(learn(&table, &call, scene.stamps, scene.stamps_bytes, &table), -EAGAIN);
  CHECK_EQUAL(table.count, 0);
  strike_scene(&scene);
}

TEST(a_file_that_was_absent_and_has_come_ends_its_route)
{
  struct scene scene;
  struct route_table table = new_table();
  struct payload call = payload_of("hook", "A=1", "{}", CALL_STDIN_COMPLETE);
  char stamps[160] = { 0 };
  set_scene(&scene, 'f');
  unlink(scene.path);
  memcpy(stamps, scene.path, strlen(scene.path));
  CHECK_EQUAL(learn(&table, &call, stamps, strlen(scene.path) + 2, &table), 0);
  CHECK(find(&table, call) != NULL);
  write_file(scene.path, "here");
  CHECK(find(&table, call) == NULL);
  strike_scene(&scene);
}

TEST(files_come_and_go_in_a_folder_without_ending_a_route)
{
  struct scene scene;
  struct route_table table = new_table();
  struct payload call = payload_of("hook", "A=1", "{}", CALL_STDIN_COMPLETE);
  set_scene(&scene, 'd');
  CHECK_EQUAL(learn(&table, &call, scene.stamps, scene.stamps_bytes, &table), 0);
  unlink(scene.path);
  CHECK(find(&table, call) != NULL);
  rmdir(scene.folder);
  CHECK(find(&table, call) == NULL);
}

TEST(a_name_that_comes_into_a_listing_ends_its_route)
{
  struct scene scene;
  struct route_table table = new_table();
  struct payload call = payload_of("hook", "A=1", "{}", CALL_STDIN_COMPLETE);
  set_scene(&scene, 'l');
  CHECK_EQUAL(learn(&table, &call, scene.stamps, scene.stamps_bytes, &table), 0);
  CHECK(find(&table, call) != NULL);
  unlink(scene.path);
  CHECK(find(&table, call) == NULL);
  rmdir(scene.folder);
}

TEST(malformed_stamps_are_refused)
{
  static const struct { const char *text; size_t bytes; } bad[] = {
    { "/x", 2 }, { "/x\0", 3 }, { "/x\0f:1:2\0", 9 }, { "/x\0z\0", 5 }, { "/x\0f:1:2:3:4:5x\0", 16 }, { "/x\0d:\0", 6 },
    { "/x\0l:1:2\0", 9 },
  };
  struct route_table table = new_table();
  struct payload call = payload_of("hook", "A=1", "{}", CALL_STDIN_COMPLETE);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    CHECK_EQUAL(learn(&table, &call, bad[i].text, bad[i].bytes, &table), -EINVAL);
  CHECK_EQUAL(table.count, 0);
}

TEST(the_table_keeps_the_routes_used_last)
{
  struct route_table table = new_table();
  char name[16];
  for (int i = 0; i < ROUTES_MAX; i++) {
    snprintf(name, sizeof name, "hook%d", i);
    struct payload call = payload_of(name, "A=1", "", CALL_STDIN_COMPLETE);
    CHECK_EQUAL(learn(&table, &call, "", 0, &table), 0);
  }
  CHECK(find(&table, payload_of("hook0", "A=1", "", CALL_STDIN_COMPLETE)) != NULL);
  struct payload one_more = payload_of("one more", "A=1", "", CALL_STDIN_COMPLETE);
  CHECK_EQUAL(learn(&table, &one_more, "", 0, &table), 0);
  CHECK_EQUAL(table.count, ROUTES_MAX);
  CHECK(find(&table, payload_of("hook0", "A=1", "", CALL_STDIN_COMPLETE)) != NULL);
  CHECK(find(&table, payload_of("hook1", "A=1", "", CALL_STDIN_COMPLETE)) == NULL);
  route_forget(&table, NULL);
  CHECK_EQUAL(released, ROUTES_MAX + 1);
  CHECK_EQUAL(table.memory_bytes, 0);
}

TEST(a_second_lesson_replaces_the_first)
{
  struct route_table table = new_table();
  struct payload call = payload_of("hook", "A=1", "", CALL_STDIN_COMPLETE);
  int first, second;
  CHECK_EQUAL(learn(&table, &call, "", 0, &first), 0);
  CHECK_EQUAL(learn(&table, &call, "", 0, &second), 0);
  CHECK_EQUAL(table.count, 1);
  CHECK(find(&table, call)->channel == &second);
  route_forget(&table, &first);
  CHECK_EQUAL(table.count, 1);
  route_forget(&table, &second);
  CHECK_EQUAL(table.count, 0);
}

TEST(a_route_lives_as_long_as_a_call_holds_it)
{
  struct route_table table = new_table();
  struct payload call = payload_of("hook", "A=1", "", CALL_STDIN_COMPLETE);
  CHECK_EQUAL(learn(&table, &call, "", 0, &table), 0);
  struct route *route = find(&table, call);
  route_hold(route);
  route_forget(&table, NULL);
  CHECK_EQUAL(released, 0);
  CHECK_EQUAL(memcmp(route->start, start, sizeof start), 0);
  route_release(&table, route);
  CHECK_EQUAL(released, 1);
}
