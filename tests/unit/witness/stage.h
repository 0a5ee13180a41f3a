/** A witness in front of a target that the test plays itself, all on one loop that the test turns. */
#ifndef TESTS_WITNESS_STAGE_H
#define TESTS_WITNESS_STAGE_H

#include "witness/witness.h"

typedef struct {
    uv_loop_t loop;
    witness *witness;
    witness_worker *worker;
    int target; /* listens */
    int target_port, port;
    bool closed;
} stage;

/** A listening socket on loopback. */
int stage_listener(int *out_port);

/** A connected socket on loopback; its listener need not have accepted it. */
int stage_dial(int port);

void stage_open(stage *s, witness_protocol protocol);

void stage_open_with(stage *s, witness_protocol protocol, const witness_worker_options *options);

/** Close the witness: the loop must close clean, nothing of it may be left there. */
void stage_close(stage *s);

void stage_turn(stage *s);

/** Turn the loop until fd has something (or its end); fails after 5 s. */
void stage_turn_until(stage *s, int fd);

/** The target's side of the next relayed connection. */
int stage_accept(stage *s);

void stage_expect(stage *s, int fd, const char *text);
void stage_expect_end(stage *s, int fd);
void stage_say(int fd, const char *text);

/** End the innermost scope and compare its evidence, as dialogue_text() tells it. */
void stage_scope_gives(stage *s, const char *expected);

#endif
