#include "engine/frames.h"

#include <string.h>

enum { FRAME_STDERR = 2, FRAME_SYSTEM_ERROR = 3 };

/* Collects the header; its eighth byte begins a payload. */
static utr_code take_head(engine_frames *frames, unsigned char byte, utr_error *err)
{
    unsigned char *head = frames->head;
    head[frames->head_len++] = byte;
    if (frames->head_len < sizeof frames->head)
        return UTR_OK;
    if (head[0] > FRAME_SYSTEM_ERROR || head[1] || head[2] || head[3])
        return utr_fail(err, UTR_PROTOCOL, "the container's output is not in frames (%02x %02x %02x %02x)",
                        head[0], head[1], head[2], head[3]);
    frames->left = (uint32_t)head[4] << 24 | (uint32_t)head[5] << 16 | (uint32_t)head[6] << 8 | head[7];
    if (!frames->left)
        frames->head_len = 0;
    return UTR_OK;
}

utr_code engine_frames_feed(engine_frames *frames, const char *data, size_t len, utr_error *err)
{
    if (frames->is_raw) {
        frames->output(frames->ctx, false, data, len);
        return UTR_OK;
    }
    while (len) {
        if (!frames->left) {
            if (take_head(frames, (unsigned char)*data++, err))
                return err->code;
            len--;
            continue;
        }
        size_t part = len < frames->left ? len : frames->left;
        if (frames->head[0] == FRAME_SYSTEM_ERROR)
            return utr_fail(err, UTR_ENGINE, "the engine says: %.*s", (int)(part < 300 ? part : 300), data);
        frames->output(frames->ctx, frames->head[0] == FRAME_STDERR, data, part);
        data += part;
        len -= part;
        frames->left -= (uint32_t)part;
        if (!frames->left)
            frames->head_len = 0;
    }
    return UTR_OK;
}

bool engine_frames_are_whole(const engine_frames *frames)
{
    return frames->head_len == 0;
}
