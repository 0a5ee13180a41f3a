/**
 * Reads a TLS ClientHello as far as the name of the server that it asks for, spread over as many records as
 * it likes.
 *
 * Source: RFC 8446 sections 4.1.2 and 5.1, RFC 6066 section 3. Where the hello is encrypted to the server
 * (ECH) the name is that of the outer one, which is all that anybody on the way sees.
 */
#ifndef UTR_WITNESS_WIRE_CLIENT_HELLO_H
#define UTR_WITNESS_WIRE_CLIENT_HELLO_H

#include "witness/wire/wire.h"

#include "base/buf.h"

enum { CLIENT_HELLO_MOST_BYTES = 65536, CLIENT_HELLO_NAME_BYTES = 256 };

typedef struct {
    uint8_t header[5]; /* of the record */
    uint8_t header_len;
    uint32_t record_left;
    utr_buf message;                    /* handshake bytes so far */
    char name[CLIENT_HELLO_NAME_BYTES]; /* in small letters; "": none was asked for */
} client_hello;

void client_hello_init(client_hello *hello);
void client_hello_dispose(client_hello *hello);

/**
 * Consume in, up to the hello's end.
 * @return WIRE_FRAME when name is known; not to be called again after that, or after WIRE_BROKEN: it is no
 * ClientHello, or none that anybody would accept
 */
wire_step client_hello_next(client_hello *hello, wire_view *in);

#endif
