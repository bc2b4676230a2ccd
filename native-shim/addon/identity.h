/* Who is at the other end of a socket, as the kernel tells it. Nothing here is taken from the peer's word. */
#ifndef HOOK_SUPERVISOR_IDENTITY_H
#define HOOK_SUPERVISOR_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define IDENTITY_CGROUP_MAX_BYTES 4096

struct identity {
  pid_t pid;
  uid_t uid;
  gid_t gid;
  uint64_t mount_ns; /* inode numbers */
  uint64_t pid_ns;
  uint64_t user_ns;
  int no_new_privs;
  int seccomp;
  char cap_eff[17];
  char credentials[17]; /* hash of the Uid, Gid and Groups lines of /proc/PID/status */
  uint64_t root_device, root_inode; /* of its root folder: a chroot is seen by this alone */
  char security_label[256];         /* of AppArmor or SELinux; "" without such a module */
  char cgroup_path[IDENTITY_CGROUP_MAX_BYTES];
  int errnum; /* of the first read that failed; 0: all was read */
};

/* What need not be read of a peer, since it can make no difference. */
struct identity_skips {
  bool label;  /* no module gives labels here */
  bool cgroup; /* no group of ours exists */
};

/* The peer of a connected unix socket. Of another uid's process only pid, uid and gid are told. */
void identity_of_peer(int socket_fd, struct identity_skips skips, struct identity *identity);
void identity_of_self(struct identity *identity);

#endif
