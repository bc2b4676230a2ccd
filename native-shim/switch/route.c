#include "route.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "wire.h"

/* ---- Key: the head but for how much stdin came with it and whether it is to be explained; then argv, env, cwd ------ */

struct key {
  struct call_head head;
  const unsigned char *blobs;
  size_t blobs_bytes;
};

static void key_of(const unsigned char *call, struct key *key)
{
  memcpy(&key->head, call, sizeof key->head);
  key->blobs = call + sizeof key->head;
  key->blobs_bytes = (size_t)key->head.argv_bytes + key->head.env_bytes + key->head.cwd_bytes;
  key->head.stdin_bytes = 0;
  key->head.flags &= ~(uint32_t)(CALL_EXPLAIN | CALL_STDIN_COMPLETE);
}

/* Finds, proves nothing: what it finds is compared byte by byte. Eight bytes a step, since environments are long. */
static uint64_t mix(uint64_t hash, const unsigned char *bytes, size_t length)
{
  uint64_t word;
  for (; length >= sizeof word; bytes += sizeof word, length -= sizeof word) {
    memcpy(&word, bytes, sizeof word);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
    hash ^= hash >> 32;
  }
  word = 0;
  memcpy(&word, bytes, length);
  hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
  return hash ^ hash >> 32;
}

static uint64_t hash_of(const struct key *key)
{
  return mix(mix(0xcbf29ce484222325ull, (const unsigned char *)&key->head, sizeof key->head), key->blobs,
             key->blobs_bytes);
}

static bool is_same(const struct route *route, const struct key *key)
{
  return route->key_bytes == sizeof key->head + key->blobs_bytes &&
         memcmp(route->key, &key->head, sizeof key->head) == 0 &&
         memcmp(route->key + sizeof key->head, key->blobs, key->blobs_bytes) == 0;
}

/* ---- Stamps -------------------------------------------------------------------------------------------------------- */

static int64_t in_ns(struct timespec time)
{
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static bool holds(const struct route_stamp *stamp)
{
  struct stat now;
  if (stat(stamp->path, &now) < 0) return stamp->kind == STAMP_ABSENT;
  if (stamp->kind == STAMP_ABSENT || now.st_dev != stamp->device || now.st_ino != stamp->inode) return false;
  if (stamp->kind == STAMP_FOLDER) return S_ISDIR(now.st_mode);
  return !S_ISDIR(now.st_mode) == (stamp->kind == STAMP_FILE) && (uint64_t)now.st_size == stamp->size_bytes &&
         in_ns(now.st_mtim) == stamp->mtime_ns && in_ns(now.st_ctim) == stamp->ctime_ns;
}

static bool all_hold(const struct route *route)
{
  for (size_t i = 0; i < route->stamp_count; i++)
    if (!holds(&route->stamps[i])) return false;
  return true;
}

static bool parse_stamp(const char *text, struct route_stamp *stamp)
{
  int end = 0;
  if (*text == '\0') {
    stamp->kind = STAMP_ABSENT;
    return true;
  }
  stamp->kind = *text == 'd' ? STAMP_FOLDER : *text == 'l' ? STAMP_LISTING : STAMP_FILE;
  if (stamp->kind == STAMP_FOLDER)
    return sscanf(text, "d:%" SCNu64 ":%" SCNu64 "%n", &stamp->device, &stamp->inode, &end) == 2 && text[end] == '\0';
  if (*text != 'f' && *text != 'l') return false;
  return sscanf(text + 1, ":%" SCNu64 ":%" SCNu64 ":%" SCNu64 ":%" SCNd64 ":%" SCNd64 "%n", &stamp->device, &stamp->inode,
                &stamp->size_bytes, &stamp->mtime_ns, &stamp->ctime_ns, &end) == 5 && text[1 + end] == '\0';
}

/* Into the route, which owns the text from then on. 0 or -errno. */
static int take_stamps(struct route *route, const struct route_lesson *lesson)
{
  if (lesson->stamps_bytes > 0 && lesson->stamps[lesson->stamps_bytes - 1] != '\0') return -EINVAL;
  route->paths = malloc(lesson->stamps_bytes + 1);
  if (route->paths == NULL) return -ENOMEM;
  memcpy(route->paths, lesson->stamps, lesson->stamps_bytes);
  const char *end = route->paths + lesson->stamps_bytes;
  size_t strings = 0;
  for (const char *at = route->paths; at < end; at++) strings += *at == '\0';
  if (strings % 2 != 0) return -EINVAL;
  if (strings / 2 > ROUTE_STAMPS_MAX) return -E2BIG;
  route->stamps = calloc(strings / 2 + 1, sizeof *route->stamps);
  if (route->stamps == NULL) return -ENOMEM;
  for (const char *at = route->paths; at < end;) {
    struct route_stamp *stamp = &route->stamps[route->stamp_count++];
    stamp->path = at;
    at += strlen(at) + 1;
    if (!parse_stamp(at, stamp)) return -EINVAL;
    at += strlen(at) + 1;
  }
  /* The planner may have looked before somebody wrote: then the plan is of what was there before. */
  return all_hold(route) ? 0 : -EAGAIN;
}

/* ---- Table --------------------------------------------------------------------------------------------------------- */

static void route_free(struct route *route)
{
  free(route->key);
  free(route->start);
  free(route->paths);
  free(route->stamps);
  free(route);
}

void route_hold(struct route *route)
{
  route->holders++;
}

void route_release(struct route_table *table, struct route *route)
{
  if (--route->holders > 0) return;
  table->release(table->owner, route->token);
  route_free(route);
}

static void remove_at(struct route_table *table, size_t at)
{
  struct route *route = table->routes[at];
  table->routes[at] = table->routes[--table->count];
  table->memory_bytes -= route->memory_bytes;
  route_release(table, route);
}

void route_drop(struct route_table *table, struct route *route)
{
  for (size_t i = 0; i < table->count; i++) {
    if (table->routes[i] != route) continue;
    remove_at(table, i);
    return;
  }
}

void route_forget(struct route_table *table, const void *channel)
{
  for (size_t i = table->count; i > 0; i--)
    if (channel == NULL || table->routes[i - 1]->channel == channel) remove_at(table, i - 1);
}

static void make_room(struct route_table *table, size_t memory_bytes)
{
  while (table->count == ROUTES_MAX || table->memory_bytes + memory_bytes > ROUTE_TABLE_MAX_BYTES) {
    size_t oldest = 0;
    for (size_t i = 1; i < table->count; i++)
      if (table->routes[i]->used_at < table->routes[oldest]->used_at) oldest = i;
    remove_at(table, oldest);
  }
}

static struct route *find_key(struct route_table *table, const struct key *key, uint64_t hash)
{
  for (size_t i = 0; i < table->count; i++)
    if (table->routes[i]->hash == hash && is_same(table->routes[i], key)) return table->routes[i];
  return NULL;
}

static int fill(struct route *route, const struct route_lesson *lesson, const struct key *key)
{
  route->key_bytes = sizeof key->head + key->blobs_bytes;
  route->start_bytes = lesson->start_bytes;
  route->key = malloc(route->key_bytes);
  route->start = malloc(route->start_bytes);
  if (route->key == NULL || route->start == NULL) return -ENOMEM;
  memcpy(route->key, &key->head, sizeof key->head);
  memcpy(route->key + sizeof key->head, key->blobs, key->blobs_bytes);
  memcpy(route->start, lesson->start, lesson->start_bytes);
  int status = take_stamps(route, lesson);
  route->memory_bytes = sizeof *route + route->key_bytes + route->start_bytes + lesson->stamps_bytes +
                        route->stamp_count * sizeof *route->stamps;
  return status;
}

int route_learn(struct route_table *table, const struct route_lesson *lesson)
{
  struct key key;
  if (lesson->call_bytes < sizeof key.head || lesson->start_bytes < sizeof(struct start_head)) return -EINVAL;
  if (lesson->start_bytes > RECORD_PAYLOAD_MAX_BYTES) return -E2BIG;
  key_of(lesson->call, &key);
  struct route *route = calloc(1, sizeof *route);
  if (route == NULL) return -ENOMEM;
  int status = fill(route, lesson, &key);
  if (status == 0 && route->memory_bytes > ROUTE_TABLE_MAX_BYTES / 16) status = -E2BIG;
  if (status < 0) {
    route_free(route);
    return status;
  }
  route->hash = hash_of(&key);
  struct route *older = find_key(table, &key, route->hash);
  if (older != NULL) route_drop(table, older);
  make_room(table, route->memory_bytes);
  route->channel = lesson->channel;
  route->token = lesson->token;
  route->used_at = ++table->tick;
  route->holders = 1;
  table->memory_bytes += route->memory_bytes;
  table->routes[table->count++] = route;
  return 0;
}

struct route *route_find(struct route_table *table, const unsigned char *call, size_t call_bytes)
{
  struct key key;
  if (table->count == 0 || call_bytes < sizeof key.head) return NULL;
  key_of(call, &key);
  struct route *route = find_key(table, &key, hash_of(&key));
  if (route == NULL) return NULL;
  if (!all_hold(route)) {
    route_drop(table, route);
    return NULL;
  }
  route->used_at = ++table->tick;
  return route;
}
