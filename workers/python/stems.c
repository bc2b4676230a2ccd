#define _GNU_SOURCE
#include "stems.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fnv.h"

#define CAPACITY_MIN 64

/* Two that look alike cost an import by path. */
static uint64_t hash_of(const char *text, size_t length)
{
  uint64_t hash = fnv_add(FNV_START, text, length);
  return hash == 0 ? 1 : hash;
}

static uint64_t *place_of(const struct stems *stems, uint64_t hash)
{
  size_t at = hash & (stems->capacity - 1);
  while (stems->hashes[at] != 0 && stems->hashes[at] != hash) at = (at + 1) & (stems->capacity - 1);
  return &stems->hashes[at];
}

static int grow(struct stems *stems)
{
  struct stems larger = { .capacity = stems->capacity == 0 ? CAPACITY_MIN : 2 * stems->capacity, .count = stems->count };
  larger.hashes = calloc(larger.capacity, sizeof *larger.hashes);
  if (larger.hashes == NULL) return -ENOMEM;
  for (size_t i = 0; i < stems->capacity; i++)
    if (stems->hashes[i] != 0) *place_of(&larger, stems->hashes[i]) = stems->hashes[i];
  free(stems->hashes);
  *stems = larger;
  return 0;
}

static int add(struct stems *stems, uint64_t hash)
{
  if (2 * (stems->count + 1) > stems->capacity && grow(stems) < 0) return -ENOMEM;
  uint64_t *place = place_of(stems, hash);
  if (*place == 0) stems->count++;
  *place = hash;
  return 0;
}

int stems_read(struct stems *stems, const char *folder)
{
  int status = 0;
  if (stems->capacity > 0) memset(stems->hashes, 0, stems->capacity * sizeof *stems->hashes);
  stems->count = 0;
  DIR *names = opendir(folder);
  if (names == NULL) return errno == ENOTDIR ? -ENOTDIR : 0;
  for (struct dirent *entry; status == 0 && (entry = readdir(names)) != NULL;)
    status = add(stems, hash_of(entry->d_name, strcspn(entry->d_name, ".")));
  closedir(names);
  return status;
}

int stems_has(const struct stems *stems, const char *part, size_t length)
{
  return stems->count > 0 && *place_of(stems, hash_of(part, length)) != 0;
}
