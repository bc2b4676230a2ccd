#include "layers.h"

#include <errno.h>
#include <stddef.h>

#define LAYER_NAME(name, text) text,
static const char *const names[] = { SANDBOX_LAYERS(LAYER_NAME) };

static const struct {
  uint32_t of, needs;
} needed[] = {
  { LAYER_BIT(LAYER_PRIVATE_MOUNTS), LAYER_BIT(LAYER_MOUNT) },
  { LAYER_BIT(LAYER_PROC), LAYER_BIT(LAYER_MOUNT) },
  { LAYER_BIT(LAYER_PROC), LAYER_BIT(LAYER_PID) },
  { LAYER_BIT(LAYER_LANDLOCK), LAYER_BIT(LAYER_NO_NEW_PRIVS) },
  { LAYER_BIT(LAYER_SECCOMP), LAYER_BIT(LAYER_NO_NEW_PRIVS) },
};

const char *sandbox_layer_name(enum sandbox_layer layer)
{
  return names[layer];
}

/* What follows name in text and the comma behind it; NULL: text begins with something else. */
static const char *after_name(const char *text, const char *name)
{
  for (; *name != '\0'; name++, text++)
    if (*text != *name) return NULL;
  if (*text == ',') return text + 1;
  return *text == '\0' ? text : NULL;
}

int sandbox_layers_parse(const char *text, uint32_t *layers)
{
  *layers = 0;
  while (*text != '\0') {
    const char *rest = NULL;
    for (int layer = LAYER_USER; layer < LAYER_COUNT && rest == NULL; layer++) {
      rest = after_name(text, names[layer]);
      if (rest != NULL) *layers |= LAYER_BIT(layer);
    }
    if (rest == NULL) return -EINVAL;
    text = rest;
  }
  return 0;
}

const char *sandbox_layers_lack(uint32_t layers)
{
  for (unsigned i = 0; i < sizeof needed / sizeof needed[0]; i++) {
    if (!(layers & needed[i].of) || (layers & needed[i].needs)) continue;
    return names[__builtin_ctz(needed[i].needs)];
  }
  return NULL;
}
