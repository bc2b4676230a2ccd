/* What the probe's child does; probe.c starts it and listens. */
#ifndef HOOK_SUPERVISOR_PROBE_LAYERS_H
#define HOOK_SUPERVISOR_PROBE_LAYERS_H

/* Enters every layer and writes one struct probe_result for each to this descriptor. */
_Noreturn void probe_layers(int report_fd);

#endif
