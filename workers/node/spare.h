/* With the first stream of an event loop libuv opens a descriptor that it keeps to itself. The rehearsal is such a stream;
 * without these the files that a hook opens before it touches a stream would have other numbers than in a direct run. */
#ifndef NODE_SPARE_H
#define NODE_SPARE_H

struct uv_loop_s;

/* Before the first stream. */
void spare_remember(const struct uv_loop_s *loop);

/* Once all streams are closed: the loop has no such descriptor again. Where it cannot be told which it is, nothing is done. */
void spare_forget(struct uv_loop_s *loop);

#endif
