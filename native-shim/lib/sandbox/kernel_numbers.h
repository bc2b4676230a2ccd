/* System calls that C libraries of 2020 do not know. From 424 on the numbers are the same on every architecture. */
#ifndef HOOK_SUPERVISOR_KERNEL_NUMBERS_H
#define HOOK_SUPERVISOR_KERNEL_NUMBERS_H

#define NR_io_uring_setup 425
#define NR_io_uring_enter 426
#define NR_io_uring_register 427
#define NR_open_tree 428
#define NR_move_mount 429
#define NR_fsopen 430
#define NR_fsconfig 431
#define NR_fsmount 432
#define NR_fspick 433
#define NR_clone3 435
#define NR_close_range 436
#define NR_pidfd_getfd 438
#define NR_process_madvise 440
#define NR_mount_setattr 442
#define NR_quotactl_fd 443
#define NR_landlock_create_ruleset 444
#define NR_landlock_add_rule 445
#define NR_landlock_restrict_self 446
#define NR_open_tree_attr 467

#endif
