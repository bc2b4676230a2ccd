/* The steps that confine a process, one function each, in the order in which they work. Each returns 0 or -errno and has
 * a number in stage.h; none needs a C library, memory or a lock, so a forked child and a program without libc may call them.
 * A process undoes none of them: they are for a child, on its way to the hook.
 *
 *   namespaces   sandbox_unshare_user, sandbox_map_ids, sandbox_unshare; then a fork for CLONE_NEWPID
 *   mounts       sandbox_detach_mounts first, without which the others would change the host's tree
 *   the process  keyring, resource limits, descriptors, no_new_privs, capabilities
 *   Landlock     after the mounts: it forbids any further one
 *   seccomp      last: it forbids most of what stands above */
#ifndef HOOK_SUPERVISOR_SANDBOX_H
#define HOOK_SUPERVISOR_SANDBOX_H

#include <stddef.h>
#include <stdint.h>

/* ---- namespaces.c ---- */

struct sandbox_ids {
  uint32_t uid;
  uint32_t gid;
};

/* Tells in *ids who we were, which the namespace no longer does. */
int sandbox_unshare_user(struct sandbox_ids *ids);
/* Maps these ids to themselves and no others, so that the hook sees the names it is used to. Needs a dumpable process: of
 * any other /proc/self belongs to root. */
int sandbox_map_ids(const struct sandbox_ids *ids);
/* CLONE_NEW*. After CLONE_NEWPID the next child is process 1 of its namespace, and its end is that of all in it. */
int sandbox_unshare(uint64_t kinds);
/* In a network namespace of our own: hooks that talk to their own children by 127.0.0.1 go on to. */
int sandbox_loopback_up(void);

/* ---- mounts.c ---- */

int sandbox_detach_mounts(void);
/* An empty folder of our own, bounded in bytes and in files. What lay there is hidden from paths only: a folder that is
 * open stays open. */
int sandbox_mount_private(const char *path, uint64_t max_bytes, uint64_t max_files);
/* Hides a folder: an empty one above it, read-only. For /sys/fs/cgroup, where a hook of our uid could leave its limits. */
int sandbox_mount_cover(const char *path);
/* In a pid namespace, as a process of it. */
int sandbox_mount_proc(const char *path);
/* What becomes a root of its own: folders, links and places to bind to, no content. */
int sandbox_mount_root(const char *path);

/* ---- trees.c: a part of the file tree, shown in a second place. Needs Linux 5.12 ---- */

#define TREE_READ_ONLY 1u /* with all that is mounted below it */
#define TREE_NO_DEVICES 2u

/* A descriptor, close-on-exec, of what is to be attached. Path: as for openat, of folder; "": folder itself, then a file
 * may be meant too. Never setuid. */
int sandbox_tree_open(int folder, const char *path, uint32_t flags);
/* On a folder or file that is there; a link in the last place is not followed but covered. Path as above. */
int sandbox_tree_attach(int tree, int folder, const char *path);
int sandbox_tree_move(const char *from, const char *to);
/* The mount that path lies in becomes read-only, with all below it. */
int sandbox_tree_lock(const char *path);
/* Takes that back for one mount, which must be of our own making. */
int sandbox_tree_unlock(const char *path);
/* Makes root the root of this namespace and of who lives in it, read-only, and takes the old one away. */
int sandbox_enter_root(const char *root);

/* ---- process.c ---- */

/* A session keyring of our own: the caller's may hold its tokens. */
int sandbox_new_keyring(void);
int sandbox_no_new_privs(void);
/* -EPERM without CAP_SETPCAP. Then the bounding set stays, which no_new_privs makes harmless: no exec can draw from it. */
int sandbox_lock_privileges(void);
/* Empties the effective, permitted, inheritable and ambient sets and reads them back. */
int sandbox_drop_capabilities(void);

struct sandbox_rlimit {
  int resource; /* RLIMIT_* */
  uint64_t max;
};
extern const struct sandbox_rlimit sandbox_rlimits[];
extern const size_t sandbox_rlimit_count;
/* Lowers soft and hard limits to at most max; never raises one. */
int sandbox_lower_rlimits(const struct sandbox_rlimit *limits, size_t count);

/* ---- descriptors.c ---- */

/* Closes every descriptor from first up, then looks whether any is left: -EBADFD if so. Needs /proc. */
int sandbox_close_from(int first);

/* ---- landlock.c ---- */

#define SANDBOX_READ 1u    /* files and names of folders */
#define SANDBOX_EXECUTE 2u /* implies nothing: a program must be readable too */
#define SANDBOX_WRITE 4u   /* write, truncate, make, rename, link and remove; no device nodes */
#define SANDBOX_RULES_MAX 256
#define SANDBOX_PATHS_MAX 96 /* of those given in a command line, of each kind */

struct sandbox_rule {
  const char *path; /* NULL: fd */
  int fd;
  uint32_t rights;
};

/* The kernel's version, 1 or more; -ENOSYS: built without, -EOPNOTSUPP: not started. */
int sandbox_landlock_abi(void);
/* A descriptor, close-on-exec. Denies every file right this kernel knows, signals and abstract sockets outside the sandbox
 * (ABI 6), and TCP where is_tcp_denied (ABI 4). One ruleset may serve many children. */
int sandbox_landlock_make(int abi, int is_tcp_denied);
/* *failed is the index of the rule that did. A path that is not there is left out: that allows less, never more. Paths are
 * followed as they stand: give none whose folders a hook may write to. */
int sandbox_landlock_allow(int ruleset, int abi, const struct sandbox_rule *rules, size_t count, size_t *failed);
/* Needs no_new_privs. Descriptors that are open keep their rights. */
int sandbox_landlock_restrict(int ruleset);

#endif
