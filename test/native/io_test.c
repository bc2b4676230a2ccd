#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"

static int open_fd_count(void)
{
  int count = 0;
  for (int fd = 0; fd < 64; fd++) count += fcntl(fd, F_GETFD) >= 0;
  return count;
}

struct pair { int left; int right; };

static struct pair open_pair(int type)
{
  int fds[2];
  CHECK_EQUAL(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds), 0);
  return (struct pair){ fds[0], fds[1] };
}

static void close_pair(struct pair pair)
{
  close(pair.left);
  close(pair.right);
}

static unsigned char big[1 << 20];

static void *write_big(void *argument)
{
  return write_all(*(int *)argument, big, sizeof big) == 0 ? big : NULL;
}

TEST(a_megabyte_through_a_small_pipe_arrives_whole)
{
  int pipe_fds[2];
  CHECK_EQUAL(pipe(pipe_fds), 0);
  for (size_t i = 0; i < sizeof big; i++) big[i] = (unsigned char)(i * 31 >> 8);
  pthread_t thread;
  CHECK_EQUAL(pthread_create(&thread, NULL, write_big, &pipe_fds[1]), 0);
  static unsigned char got[sizeof big];
  CHECK_EQUAL(read_exactly(pipe_fds[0], got, sizeof got), 0);
  void *result;
  pthread_join(thread, &result);
  CHECK(result != NULL && memcmp(got, big, sizeof big) == 0);
  close(pipe_fds[1]);
  CHECK_EQUAL(read_exactly(pipe_fds[0], got, 1), -EPIPE);
  close(pipe_fds[0]);
  CHECK_EQUAL(write_all(pipe_fds[1], got, 1), -EBADF);
}

TEST(a_peer_that_closes_half_way_is_epipe)
{
  struct pair pair = open_pair(SOCK_STREAM);
  CHECK_EQUAL(write_all(pair.left, "abc", 3), 0);
  close(pair.left);
  char got[4];
  CHECK_EQUAL(read_exactly(pair.right, got, 4), -EPIPE);
  CHECK_EQUAL(send_with_fds(pair.right, "x", 1, NULL, 0, 0), -EPIPE); /* and no SIGPIPE */
  close(pair.right);
}

TEST(descriptors_arrive_in_order_and_close_on_exec)
{
  struct pair pair = open_pair(SOCK_SEQPACKET);
  int sent[2] = { open("/dev/null", O_RDONLY), open("/dev/zero", O_RDONLY) };
  CHECK_EQUAL(send_with_fds(pair.left, "hello", 5, sent, 2, MSG_DONTWAIT), 5);
  char buf[8];
  int fds[IO_FDS_MAX];
  size_t fd_count;
  CHECK_EQUAL(receive_with_fds(pair.right, buf, sizeof buf, fds, IO_FDS_MAX, &fd_count, 0), 5);
  CHECK_EQUAL(fd_count, 2);
  CHECK_EQUAL(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
  CHECK_EQUAL(read(fds[0], buf, 1), 0);
  CHECK_EQUAL(read(fds[1], buf, 1), 1);
  for (int i = 0; i < 2; i++) {
    close(sent[i]);
    close(fds[i]);
  }
  close_pair(pair);
}

TEST(messages_without_descriptors_pass_and_the_end_is_zero)
{
  struct pair pair = open_pair(SOCK_SEQPACKET);
  char buf[8];
  size_t fd_count = 9;
  CHECK_EQUAL(send_with_fds(pair.left, "x", 1, NULL, 0, 0), 1);
  CHECK_EQUAL(receive_with_fds(pair.right, buf, sizeof buf, NULL, 0, &fd_count, 0), 1);
  CHECK_EQUAL(fd_count, 0);
  CHECK_EQUAL(receive_with_fds(pair.right, buf, sizeof buf, NULL, 0, &fd_count, MSG_DONTWAIT), -EAGAIN);
  close(pair.left);
  CHECK_EQUAL(receive_with_fds(pair.right, buf, sizeof buf, NULL, 0, &fd_count, 0), 0);
  close(pair.right);
}

/* What is refused must leave none of its descriptors in our table. */
static void check_refused(size_t sent_count, size_t fds_max, size_t capacity, int wanted)
{
  struct pair pair = open_pair(SOCK_SEQPACKET);
  int sent[16];
  for (int i = 0; i < 16; i++) sent[i] = pair.left;
  int before = open_fd_count();
  union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof sent)]; } control = { 0 };
  struct iovec part = { .iov_base = "12345678", .iov_len = 8 };
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes,
    .msg_controllen = CMSG_SPACE(sent_count * sizeof(int))
  };
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sent_count * sizeof(int));
  memcpy(CMSG_DATA(rights), sent, sent_count * sizeof(int));
  CHECK_EQUAL(sendmsg(pair.left, &message, 0), 8);

  char buf[8];
  int fds[IO_FDS_MAX];
  size_t fd_count = 9;
  CHECK_EQUAL(receive_with_fds(pair.right, buf, capacity, fds, fds_max, &fd_count, 0), wanted);
  CHECK_EQUAL(fd_count, 0);
  CHECK_EQUAL(open_fd_count(), before);
  close_pair(pair);
}

TEST(surplus_descriptors_are_refused_and_closed)
{
  check_refused(1, 0, 8, -EPROTO);
  check_refused(2, 1, 8, -EPROTO);
  check_refused(IO_FDS_MAX, 3, 8, -EPROTO);
  check_refused(IO_FDS_MAX + 1, IO_FDS_MAX, 8, -EPROTO); /* the kernel cuts this one: MSG_CTRUNC */
  check_refused(16, IO_FDS_MAX, 8, -EPROTO);
}

TEST(without_room_for_a_descriptor_its_bytes_come_and_the_next_message_is_whole)
{
  struct pair pair = open_pair(SOCK_SEQPACKET);
  CHECK_EQUAL(send_with_fds(pair.left, "lost", 4, &pair.left, 1, 0), 4);
  CHECK_EQUAL(send_with_fds(pair.left, "kept", 4, &pair.left, 1, 0), 4);
  int before = open_fd_count();
  struct rlimit files, none;
  CHECK_EQUAL(getrlimit(RLIMIT_NOFILE, &files), 0);
  none = (struct rlimit){ 0, files.rlim_max };
  CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &none), 0);
  char buf[8];
  int fd;
  size_t fd_count = 9;
  CHECK_EQUAL(receive_with_fds(pair.right, buf, sizeof buf, &fd, 1, &fd_count, 0), -EMFILE);
  CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &files), 0);
  CHECK_EQUAL(fd_count, 0);
  CHECK_EQUAL(memcmp(buf, "lost", 4), 0);
  CHECK_EQUAL(open_fd_count(), before);
  CHECK_EQUAL(receive_with_fds(pair.right, buf, sizeof buf, &fd, 1, &fd_count, 0), 4);
  CHECK_EQUAL(fd_count, 1);
  CHECK_EQUAL(memcmp(buf, "kept", 4), 0);
  close(fd);
  close_pair(pair);
}

TEST(a_datagram_that_is_cut_is_refused_and_its_descriptors_closed)
{
  check_refused(2, IO_FDS_MAX, 7, -EMSGSIZE);
}

TEST(set_nonblock_makes_an_empty_socket_answer_eagain)
{
  struct pair pair = open_pair(SOCK_STREAM);
  char byte;
  CHECK_EQUAL(set_nonblock(pair.right), 0);
  CHECK_EQUAL(read(pair.right, &byte, 1), -1);
  CHECK_EQUAL(errno, EAGAIN);
  CHECK_EQUAL(set_nonblock(-1), -EBADF);
  close_pair(pair);
}
