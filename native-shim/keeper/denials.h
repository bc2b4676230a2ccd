/* What a confined hook says itself of what it was refused. No kernel tells an ordinary user what Landlock or a read-only mount
 * has refused a process, so this is what there is: the kernel's own words for it in what the hook writes to stderr. */
#ifndef KEEPER_DENIALS_H
#define KEEPER_DENIALS_H

#include <stddef.h>
#include <stdint.h>

enum { DENIAL_WORDS = 3 };

/* Zeroed: nothing was read. */
struct denials {
  uint8_t matched[DENIAL_WORDS]; /* characters of each that the last bytes are */
  unsigned char last;
  uint32_t read_bytes, told;
};

void denials_read(struct denials *denials, const unsigned char *bytes, size_t length);

#endif
