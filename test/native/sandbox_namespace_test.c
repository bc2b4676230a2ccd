/* Namespaces and what is mounted in them. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "sandbox_fixture.h"

#define TMP_BYTES (8ull << 20)
#define TMP_FILES 64

static int user_namespace(void)
{
  struct sandbox_ids ids;
  int status = sandbox_unshare_user(&ids);
  return status < 0 ? status : sandbox_map_ids(&ids);
}

/* By a program that is not ours, or a fault of ours would skip its own tests. */
static int others_get_one(void *unused)
{
  (void)unused;
  int status;
  pid_t pid = fork();
  if (pid == 0) {
    execlp("unshare", "unshare", "-Urmn", "true", NULL);
    _exit(127);
  }
  return waitpid(pid, &status, 0) == pid ? status : -1;
}

static void user_namespace_or_skip(void)
{
  if (in_ordinary_child(others_get_one, NULL) != 0) harness_skip("unshare -Ur gives an ordinary user no namespace here");
}

static int ids_stay(void *unused)
{
  (void)unused;
  uid_t uid = geteuid();
  gid_t gid = getegid();
  EXPECT(user_namespace() == 0);
  EXPECT(geteuid() == uid && getegid() == gid);
  struct stat status;
  EXPECT(stat("/proc/self", &status) == 0 && status.st_uid == uid);
  /* All rights in here, none outside. */
  EXPECT_ERRNO(setuid(uid + 1), EINVAL);
  EXPECT_ERRNO(sethostname("x", 1), EPERM);
  EXPECT(sandbox_unshare(CLONE_NEWUTS) == 0 && sethostname("x", 1) == 0);
  return 0;
}

TEST(the_ids_are_what_they_were_and_no_other_can_be_had)
{
  user_namespace_or_skip();
  CHECK_IN_CHILD(ids_stay, NULL);
}

static int enter_all(void)
{
  int status = user_namespace();
  if (status == 0) status = sandbox_unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS);
  return status == 0 ? sandbox_detach_mounts() : status;
}

/* The result of a child of the child: the first to live in its pid namespace. */
static int in_first_process(int (*run)(void *), void *argument)
{
  int status, ends[2], result = __LINE__;
  EXPECT(pipe(ends) == 0);
  pid_t pid = fork();
  EXPECT(pid >= 0);
  if (pid == 0) {
    result = run(argument);
    _exit(write(ends[1], &result, sizeof result) != sizeof result);
  }
  EXPECT(waitpid(pid, &status, 0) == pid && status == 0);
  EXPECT(read(ends[0], &result, sizeof result) == sizeof result);
  return result;
}

static int as_first_process(void *outer)
{
  char path[64];
  EXPECT(getpid() == 1 && getppid() == 0);
  EXPECT_ERRNO(kill(*(pid_t *)outer, 0), ESRCH);
  EXPECT(sandbox_mount_proc("/proc") == 0);
  snprintf(path, sizeof path, "/proc/%d/status", *(pid_t *)outer);
  EXPECT_ERRNO(open(path, O_RDONLY), ENOENT);
  EXPECT(access("/proc/1/status", R_OK) == 0);
  return 0;
}

static int processes_are_gone(void *outer)
{
  EXPECT(enter_all() == 0);
  return in_first_process(as_first_process, outer);
}

TEST(other_processes_have_neither_a_number_nor_a_place_in_proc)
{
  user_namespace_or_skip();
  pid_t self = getpid();
  CHECK_IN_CHILD(processes_are_gone, &self);
}

static int private_folder(void *unused)
{
  (void)unused;
  struct statfs info;
  char block[4096] = { 0 };
  EXPECT(enter_all() == 0);
  EXPECT(sandbox_mount_private("/tmp", TMP_BYTES, TMP_FILES) == 0);
  EXPECT(statfs("/tmp", &info) == 0 && info.f_type == TMPFS_MAGIC);
  EXPECT((uint64_t)info.f_blocks * (uint64_t)info.f_bsize == TMP_BYTES && info.f_files == TMP_FILES);
  EXPECT_ERRNO(access(in_folder("secret"), F_OK), ENOENT);
  int fd = open("/tmp/fill", O_WRONLY | O_CREAT, 0600);
  EXPECT(fd >= 0);
  uint64_t written = 0;
  while (write(fd, block, sizeof block) == sizeof block) written += sizeof block;
  EXPECT(errno == ENOSPC && written <= TMP_BYTES);
  char name[32];
  for (int i = 0;; i++) {
    snprintf(name, sizeof name, "/tmp/%d", i);
    if (mkdir(name, 0700) == 0) continue;
    EXPECT(errno == ENOSPC && i < TMP_FILES);
    break;
  }
  EXPECT(sandbox_mount_cover("/sys") == 0);
  EXPECT_ERRNO(access("/sys/kernel", F_OK), ENOENT);
  EXPECT_ERRNO(mkdir("/sys/x", 0700), EROFS);
  return 0;
}

TEST(a_private_folder_hides_what_was_there_and_is_bounded)
{
  user_namespace_or_skip();
  make_folder();
  make_file(in_folder("secret"), "secret");
  CHECK_IN_CHILD(private_folder, NULL);
  CHECK_EQUAL(access(in_folder("secret"), F_OK), 0); /* and nothing is left of it outside */
  struct statfs info;
  CHECK(statfs("/tmp", &info) == 0);
  CHECK((uint64_t)info.f_blocks * (uint64_t)info.f_bsize != TMP_BYTES);
  remove_folder();
}

static int queue;

static int ipc_and_net(void *unused)
{
  (void)unused;
  struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0x01010101) };
  socklen_t length = sizeof there;
  struct msqid_ds info;
  EXPECT(enter_all() == 0);
  EXPECT_ERRNO(msgctl(queue, IPC_STAT, &info), EINVAL);
  EXPECT_ERRNO(connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&there, length), ENETUNREACH);
  EXPECT(if_nametoindex("lo") == 1 && if_nametoindex("eth0") == 0);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  EXPECT(sandbox_loopback_up() == 0);
  EXPECT(bind(listener, (struct sockaddr *)&here, sizeof here) == 0 && listen(listener, 1) == 0);
  EXPECT(getsockname(listener, (struct sockaddr *)&here, &length) == 0);
  EXPECT(connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&here, sizeof here) == 0);
  return 0;
}

TEST(queues_and_the_network_are_left_outside_and_the_loopback_works)
{
  user_namespace_or_skip();
  queue = msgget(IPC_PRIVATE, 0666);
  CHECK(queue >= 0);
  int as_we_are = in_child(ipc_and_net, NULL), as_user = in_ordinary_child(ipc_and_net, NULL);
  msgctl(queue, IPC_RMID, NULL);
  CHECK_EQUAL(as_we_are, 0);
  CHECK_EQUAL(as_user, 0);
}
