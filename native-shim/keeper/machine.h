/* The life of a slot as a table: every state by every input is decided in machine.c, "nothing happens" included.
 *
 *   EMPTY --BEGIN--> STARTING --READY--> PARKED --ORDER--> RUNNING --DIED--> DRAINING --DRAINED--> EMPTY | LINGERING
 *                       |                  |                  |DUE CANCEL CAP     ^
 *                       +--FAILED----------+--RETIRE----------+----------> KILLING --DIED-+ (without a call: EMPTY)
 *                                                             +--FINISHED-> LEAVING --DIED--> EMPTY | LINGERING
 */
#ifndef KEEPER_MACHINE_H
#define KEEPER_MACHINE_H

struct keeper;
struct slot;

enum slot_state {
  SLOT_EMPTY,     /* no process; the leaf is empty */
  SLOT_STARTING,  /* forked or asked of the zygote; READY has not come */
  SLOT_PARKED,    /* waits for an order */
  SLOT_RUNNING,   /* has, or is being given, an order */
  SLOT_KILLING,   /* condemned: the main process has not been reaped */
  SLOT_LEAVING,   /* answered, since its main process said that it was finished; it has not been reaped */
  SLOT_DRAINING,  /* the main process is reaped, its output is not all read */
  SLOT_LINGERING, /* answered; descendants live on */
  SLOT_STATES
};

enum slot_input {
  INPUT_BEGIN,    /* refill wants a process here */
  INPUT_READY,    /* PARK_READY */
  INPUT_FAILED,   /* a start step failed */
  INPUT_DECLINED, /* PARK_DECLINED */
  INPUT_ORDER,    /* a whole START for this generation */
  INPUT_FINISHED, /* nothing but the exit of the main process is left */
  INPUT_DIED,     /* the main process has been reaped */
  INPUT_DUE,      /* the slot's time is up: what for depends on the state */
  INPUT_CANCEL,   /* CANCEL for its call */
  INPUT_CAP,      /* a stream is longer than allowed */
  INPUT_OVER,     /* the task has used more than it may of what its leaf does not bound by itself */
  INPUT_DRAINED,  /* both output pipes are at their end */
  INPUT_RETIRE,   /* one parked process too many, or one not to be trusted */
  INPUT_STRAY,    /* a process of unknown slot has been reaped: somebody's last one, perhaps */
  SLOT_INPUTS
};

/* What an input carries; unused members are 0. */
struct input_data {
  const struct setup_failure *failure; /* FAILED */
  const char *text;                    /* FAILED: subject */
  const unsigned char *order_bytes;    /* ORDER: start_head, order, stdin */
  unsigned long long call_id;          /* ORDER */
  int pid;                             /* READY */
  int is_unknown;                      /* READY: PARK_READY_UNKNOWN */
  unsigned memory_kib;                 /* READY */
  int status;                          /* DIED, FINISHED: as waitpid gives it */
  const struct rusage *usage;          /* DIED; FINISHED: NULL if it is to be asked */
  unsigned signal;                     /* CANCEL */
  unsigned limit;                      /* OVER: enum limit_kind */
};

/* Looks the cell up, acts, enters the next state. */
void slot_input(struct keeper *keeper, struct slot *slot, enum slot_input input, const struct input_data *data);

/* The actions of the cells. Each returns the next state. */
typedef enum slot_state slot_action(struct keeper *keeper, struct slot *slot, const struct input_data *data);
slot_action act_nothing;          /* the input means nothing in this state */
slot_action act_begin;            /* birth.c */
slot_action act_announce, act_start_failed, act_start_died, act_start_drained, act_start_late; /* parking.c */
slot_action act_parked_died, act_retire;                                    /* parking.c */
slot_action act_run, act_refuse, act_decline;                               /* order.c */
slot_action act_finished, act_left, act_not_leaving;                        /* leaving.c */
slot_action act_main_died, act_killed_died, act_drained, act_grace_over;    /* ending.c */
slot_action act_late, act_cancel, act_cancel_draining, act_cap, act_cap_draining, act_over, act_kill_again; /* killing.c */
slot_action act_look_again, act_evict;                                      /* linger.c */

#endif
