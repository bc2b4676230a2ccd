/* One attack by name, its result as one line of JSON. Started as a hook. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hostile.h"

extern const char *strerrorname_np(int number);

const char *outcome(long result)
{
  return result < 0 ? strerrorname_np(errno) : "done";
}

static const struct attack *find(const char *name)
{
  const struct attack *const lists[] = { process_attacks, self_attacks, socket_attacks, load_attacks, stream_attacks };
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    for (const struct attack *one = lists[i]; one->name; one++)
      if (strcmp(one->name, name) == 0) return one;
  return NULL;
}

int main(int argc, char **argv)
{
  if (argc < 2) return 64;
  alarm(ATTACK_MAX_S);
  const struct attack *attack = find(argv[1]);
  const char *got = attack ? attack->run(argv + 2) : try_system_call(argv[1]);
  if (!got) return 64;
  printf("{\"got\":\"%s\"}\n", got);
  return fflush(stdout) == 0 ? 0 : 1;
}
