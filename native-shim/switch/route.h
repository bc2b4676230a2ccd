/* Routes: calls that were planned once, so that the same call can be started again without planning it.
 *
 * The key of a route is all that the plan was made from: every byte of the CALL but its stdin. Beside it stand the
 * stamps of the files that the planner looked at; a route whose files are not what they were then is not used. */
#ifndef HOOK_SUPERVISOR_ROUTE_H
#define HOOK_SUPERVISOR_ROUTE_H

#include <stddef.h>
#include <stdint.h>

#define ROUTES_MAX 256
#define ROUTE_TABLE_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define ROUTE_STAMPS_MAX 512

/* What stat said of a path. A folder is the same as long as it is the same inode: files come and go in it. Where the names
 * in it count, it is a listing. */
struct route_stamp {
  const char *path; /* in the route's own memory */
  enum { STAMP_ABSENT, STAMP_FILE, STAMP_FOLDER, STAMP_LISTING } kind;
  uint64_t device, inode, size_bytes;
  int64_t mtime_ns, ctime_ns;
};

struct route {
  uint64_t hash;
  unsigned char *key;
  size_t key_bytes;
  unsigned char *start; /* struct start_head and the order, as RECORD_START begins */
  size_t start_bytes;
  char *paths;
  struct route_stamp *stamps;
  size_t stamp_count;
  void *channel; /* whose parked processes serve it; only compared here */
  void *token;   /* the owner's; given back by `release` */
  uint64_t used_at; /* ticks of the table */
  size_t memory_bytes;
  int holders; /* the table, and each call that runs by it */
};

struct route_table {
  struct route *routes[ROUTES_MAX];
  size_t count;
  size_t memory_bytes;
  uint64_t tick;
  void (*release)(void *owner, void *token);
  void *owner;
};

/* A CALL payload that frame_check_call has passed, and what to do with such a call. `stamps`: for each path the planner
 * asked for, path NUL stamp NUL, where stamp is "", "d:DEVICE:INODE", "f:DEVICE:INODE:SIZE:MTIME_NS:CTIME_NS" or the same
 * with "l:", for a listing.
 * 0: kept, and the table holds `token`. -EAGAIN: a file has changed since. -EINVAL: malformed. -E2BIG, -ENOMEM. */
struct route_lesson {
  const unsigned char *call;
  size_t call_bytes;
  const unsigned char *start;
  size_t start_bytes;
  const char *stamps;
  size_t stamps_bytes;
  void *channel;
  void *token;
};
int route_learn(struct route_table *table, const struct route_lesson *lesson);

/* The route of a call whose files are as they were, or NULL. One that has gone stale is dropped. */
struct route *route_find(struct route_table *table, const unsigned char *call, size_t call_bytes);

void route_hold(struct route *route);
void route_release(struct route_table *table, struct route *route);
/* Drops the routes of a channel; of all, where it is NULL. */
void route_forget(struct route_table *table, const void *channel);
/* Drops one, if the table still has it. */
void route_drop(struct route_table *table, struct route *route);

#endif
