/* System calls wrapped once: EINTR is retried, short transfers are finished, descriptors arrive close-on-exec. */
#ifndef HOOK_SUPERVISOR_IO_H
#define HOOK_SUPERVISOR_IO_H

#include <stddef.h>
#include <sys/types.h>

#define IO_FDS_MAX 8 /* descriptors in one message */

/* Writes all of buf to a blocking fd. 0 or -errno; how much went out is then unknown. */
int write_all(int fd, const void *buf, size_t length);

/* Reads exactly length bytes from a blocking fd. 0, -EPIPE if the peer closed first, or -errno; buf then undefined. */
int read_exactly(int fd, void *buf, size_t length);

/* Sends bytes and descriptors (fd_count <= IO_FDS_MAX, may be 0) as one sendmsg; flags as there, MSG_NOSIGNAL is added.
 * Returns the bytes sent or -errno. On a stream the descriptors have gone with the first byte even if the rest is
 * still to be sent. */
ssize_t send_with_fds(int sock, const void *buf, size_t length, const int *fds, size_t fd_count, int flags);

/* Receives one message or stream chunk; flags as for recvmsg. Returns its bytes (0: end of file) or -errno; *fd_count
 * descriptors lie in fds and are the caller's. More descriptors than fds_max are -EPROTO, a datagram longer than
 * capacity is -EMSGSIZE, and -EMFILE says that buf is filled but that this process may not have the descriptors that came with
 * it: then every descriptor of the message has been closed and *fd_count is 0. */
ssize_t receive_with_fds(int sock, void *buf, size_t capacity, int *fds, size_t fds_max, size_t *fd_count, int flags);

/* 0 or -errno. O_NONBLOCK belongs to the open file, so every process that shares it sees the change. */
int set_nonblock(int fd);

#endif
