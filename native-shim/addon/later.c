#include "module.h"

/* Runs as many as were queued before this turn: what is queued meanwhile waits for the next, so that a busy owner
 * cannot keep the loop here. */
static void on_idle(uv_handle_t *idle)
{
  struct module *module = uv_handle_get_data(idle);
  size_t left = 0;
  for (struct later *each = module->later_first; each != NULL; each = each->next) left++;
  for (; left > 0 && module->later_first != NULL; left--) {
    struct later *later = module->later_first;
    later_cancel(module, later);
    later->run(later->owner);
  }
}

void later_schedule(struct module *module, struct later *later)
{
  if (later->is_queued) return;
  later->is_queued = true;
  later->next = NULL;
  if (module->later_first == NULL) uv_idle_start(module->idle, on_idle);
  *module->later_last = later;
  module->later_last = &later->next;
}

void later_cancel(struct module *module, struct later *later)
{
  if (!later->is_queued) return;
  struct later **link = &module->later_first;
  while (*link != later) link = &(*link)->next;
  *link = later->next;
  if (module->later_last == &later->next) module->later_last = link;
  later->is_queued = false;
  if (module->later_first == NULL) uv_idle_stop(module->idle);
}
