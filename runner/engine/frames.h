/**
 * The two streams of a container without a tty, multiplexed in frames (Engine API: "Attach to a container",
 * stream format): one byte stream type, three zero bytes, the payload's length as 32 bit big endian, the
 * payload. Bytes may be cut anywhere; payloads are handed on as they come.
 */
#ifndef UTR_ENGINE_FRAMES_H
#define UTR_ENGINE_FRAMES_H

#include "engine/engine.h"

#include <stdint.h>

typedef struct {
    bool is_raw; /* a tty: no frames, everything is stdout */
    engine_output *output;
    void *ctx;
    unsigned char head[8];
    size_t head_len;
    uint32_t left; /* of the payload under way */
} engine_frames;

/** @return UTR_PROTOCOL: not a frame; UTR_ENGINE: the daemon reports a failure in the stream */
UTR_MUST_CHECK utr_code engine_frames_feed(engine_frames *frames, const char *data, size_t len,
                                           utr_error *err);

/** Whether the stream may end here: not inside a frame. */
bool engine_frames_are_whole(const engine_frames *frames);

#endif
