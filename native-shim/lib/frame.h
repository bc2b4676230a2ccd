/* The one frame decoder of client, daemon and tests: an incremental reader over a byte stream. Pure: no I/O. */
#ifndef HOOK_SUPERVISOR_FRAME_H
#define HOOK_SUPERVISOR_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

enum frame_peer { FRAME_FROM_CLIENT, FRAME_FROM_DAEMON, FRAME_FROM_OPERATOR };

/* Largest payload allowed for a kind from that peer, or -EPROTO where the kind may not come from it. */
int64_t frame_payload_max(enum frame_peer peer, uint16_t kind);

/* Checks a header. 0, -EPROTONOSUPPORT (version), -EPROTO (kind), -EMSGSIZE (length). */
int frame_check(enum frame_peer peer, const struct frame_header *header);

/* Finds the first whole frame in bytes[0..length). 1: *header is filled, the payload lies at bytes + 16 and the
 * frame takes 16 + header->length_bytes. 0: incomplete; *need_bytes is the total wanted (16 or the whole frame).
 * Negative: as frame_check; the connection is to be closed. */
int frame_next(enum frame_peer peer, const unsigned char *bytes, size_t length, struct frame_header *header,
               size_t *need_bytes);

void frame_put_header(unsigned char out[16], uint16_t kind, uint64_t call_id, uint32_t length_bytes);

/* Checks that a CALL payload is whole: lengths add up to the frame, argc and envc count the NULs, argc >= 1.
 * 0 or -EBADMSG. */
int frame_check_call(const unsigned char *payload, size_t length);

#endif
