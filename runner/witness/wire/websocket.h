/** Cuts one direction of a WebSocket into frames. Source: RFC 6455 section 5.2. Payloads are skipped. */
#ifndef UTR_WITNESS_WIRE_WEBSOCKET_H
#define UTR_WITNESS_WIRE_WEBSOCKET_H

#include "witness/wire/wire.h"

/** Zero-initialised: at the start. */
typedef struct {
    uint8_t header[14];
    uint8_t header_len;
    uint64_t left;
} websocket_reader;

/** @param out_is_data  a frame that carries data; false: ping, pong or close */
wire_step websocket_next(websocket_reader *reader, wire_view *in, bool *out_is_data);

#endif
