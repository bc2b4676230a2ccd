/* Records that the ring lets through, whose content is a lie. */
#include <string.h>

#include "ring_peer.h"

#define ONE_MIB (1024u * 1024)

static const unsigned char zeros[RECORD_PAYLOAD_MAX_BYTES];

static void say_short(struct peer *peer, uint16_t kind)
{
  peer_say(peer, kind, zeros, 1);
}

static void end_too_short(struct peer *peer) { say_short(peer, RECORD_END); }
static void not_started_too_short(struct peer *peer) { say_short(peer, RECORD_NOT_STARTED); }
static void stdin_credit_too_short(struct peer *peer) { say_short(peer, RECORD_STDIN_CREDIT); }
static void parked_too_short(struct peer *peer) { say_short(peer, RECORD_PARKED); }
static void gone_too_short(struct peer *peer) { say_short(peer, RECORD_GONE); }
static void lingering_too_short(struct peer *peer) { say_short(peer, RECORD_LINGERING); }
static void zygote_too_short(struct peer *peer) { say_short(peer, RECORD_ZYGOTE); }
static void learned_too_short(struct peer *peer) { say_short(peer, RECORD_LEARNED); }
static void failure_too_short(struct peer *peer) { say_short(peer, RECORD_FAILURE); }
static void order_to_the_daemon(struct peer *peer) { say_short(peer, RECORD_START); }

static void credit_for_input_never_sent(struct peer *peer)
{
  uint32_t bytes = ONE_MIB * 1024;
  peer_say(peer, RECORD_STDIN_CREDIT, &bytes, sizeof bytes);
}

/* Asks for no leave, whatever the client has taken. */
static void output_without_credit(struct peer *peer)
{
  for (;;) peer_say(peer, RECORD_STDOUT, zeros, sizeof zeros);
}

static void empty_output(struct peer *peer) { peer_say(peer, RECORD_STDOUT, zeros, 0); }

/* The client has half an answer: a second run would be seen. */
static void not_started_after_output(struct peer *peer)
{
  uint32_t why = NOT_STARTED_GONE;
  peer_say(peer, RECORD_STDOUT, "half an answer\n", strlen("half an answer\n"));
  peer_say(peer, RECORD_NOT_STARTED, &why, sizeof why);
}

static void process_in_no_slot(struct peer *peer)
{
  struct parked parked = { .pid = 1 };
  struct ring_record head = { .kind = RECORD_PARKED, .slot = peer->slots, .generation = 1 };
  struct ring_part part = { &parked, sizeof parked };
  if (ring_write(&peer->out, &head, &part, 1) == 1) peer_bell(peer);
}

const struct attack record_attacks[] = {
  { "END too short", end_too_short, 0 },
  { "NOT_STARTED too short", not_started_too_short, 0 },
  { "STDIN_CREDIT too short", stdin_credit_too_short, 0 },
  { "PARKED too short", parked_too_short, 0 },
  { "GONE too short", gone_too_short, 0 },
  { "LINGERING too short", lingering_too_short, 0 },
  { "ZYGOTE too short", zygote_too_short, 0 },
  { "LEARNED too short", learned_too_short, 0 },
  { "FAILURE too short", failure_too_short, 0 },
  { "START sent to the daemon", order_to_the_daemon, 0 },
  { "credit for input never sent", credit_for_input_never_sent, 0 },
  { "output without credit", output_without_credit, 0 },
  { "empty output", empty_output, 0 },
  { "NOT_STARTED after output", not_started_after_output, 0 },
  { "a process in a slot that is not there", process_in_no_slot, 0 },
  { NULL, NULL, 0 },
};
