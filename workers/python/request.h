/* The zygote's side of its socket, of which it serves one request at a time. */
#ifndef HOOK_SUPERVISOR_REQUEST_H
#define HOOK_SUPERVISOR_REQUEST_H

/* 1: there is one; 0 at end of file; -1 with an exception, that of a signal. Ends the process where it is something else. */
int request_receive(void);
/* 1 in the new process; 0 here, where its descriptors are closed and a failure is told. */
int request_fork(void);
/* In the new process: own session, own leaf, own pipes; no other descriptors than the order socket, the one to the zygote, and
 * the watch. learn_fd: or -1. 0 or -errno. */
int request_take_place(int learn_fd);

#endif
