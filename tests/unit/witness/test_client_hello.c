#include "witness/wire/client_hello.h"

#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A hello under construction, and its records. */

static void put(utr_buf *out, const void *data, size_t len)
{
    utr_error err = {0};
    assert_int_equal(utr_buf_add(out, data, len, &err), UTR_OK);
}

static void put_number(utr_buf *out, size_t number, size_t width)
{
    for (size_t i = width; i-- > 0;)
        put(out, &(uint8_t){(uint8_t)(number >> (8 * i))}, 1);
}

static void put_vector(utr_buf *out, size_t width, const void *data, size_t len)
{
    put_number(out, len, width);
    put(out, data, len);
}

/** An extension of `type` with `len` bytes of `data`. */
static void put_extension(utr_buf *out, unsigned type, const void *data, size_t len)
{
    put_number(out, type, 2);
    put_vector(out, 2, data, len);
}

static void put_server_name(utr_buf *out, const char *name)
{
    auto_buf utr_buf list = UTR_BUF_INIT(1 << 16);
    auto_buf utr_buf extension = UTR_BUF_INIT(1 << 16);
    put_number(&list, 0, 1);
    put_vector(&list, 2, name, strlen(name));
    put_vector(&extension, 2, list.data, list.len);
    put_extension(out, 0, extension.data, extension.len);
}

/** A whole handshake message. @param extensions  NULL: none at all */
static utr_buf hello_of(const utr_buf *extensions)
{
    static const uint8_t RANDOM[32] = {1, 2, 3};
    utr_buf hello = UTR_BUF_INIT(1 << 17);
    auto_buf utr_buf body = UTR_BUF_INIT(1 << 17);
    put_number(&body, 0x0303, 2);
    put(&body, RANDOM, sizeof RANDOM);
    put_vector(&body, 1, RANDOM, 32);
    put_vector(&body, 2, "\x13\x01\x13\x02", 4);
    put_vector(&body, 1, "", 1);
    if (extensions)
        put_vector(&body, 2, extensions->data, extensions->len);
    put_number(&hello, 1, 1);
    put_vector(&hello, 3, body.data, body.len);
    return hello;
}

/** In records of at most `most` bytes. */
static utr_buf records_of(const utr_buf *message, size_t most)
{
    utr_buf out = UTR_BUF_INIT(1 << 20);
    for (size_t at = 0; at < message->len; at += most) {
        size_t len = message->len - at < most ? message->len - at : most;
        put_number(&out, 22, 1);
        put_number(&out, 0x0301, 2);
        put_vector(&out, 2, message->data + at, len);
    }
    return out;
}

/** Read in pieces of `piece` bytes, each in memory of its own. */
static void bytes_give(const utr_buf *bytes, size_t piece, wire_step expected, const char *name)
{
    client_hello hello;
    wire_step step = WIRE_MORE;
    client_hello_init(&hello);
    for (size_t at = 0; at < bytes->len && step == WIRE_MORE; at += piece) {
        size_t len = bytes->len - at < piece ? bytes->len - at : piece;
        auto_free uint8_t *copy = utr_calloc(1, len);
        memcpy(copy, bytes->data + at, len);
        wire_view in = {copy, len};
        step = client_hello_next(&hello, &in);
    }
    assert_int_equal(step, expected);
    if (step == WIRE_FRAME)
        assert_string_equal(hello.name, name);
    client_hello_dispose(&hello);
}

static void hello_gives(const utr_buf *message, wire_step expected, const char *name)
{
    static const size_t RECORDS[] = {16384, 1, 3, 50};
    static const size_t PIECES[] = {1 << 20, 1, 7};
    for (size_t i = 0; i < sizeof RECORDS / sizeof *RECORDS; i++)
        for (size_t k = 0; k < sizeof PIECES / sizeof *PIECES; k++) {
            auto_buf utr_buf bytes = records_of(message, RECORDS[i]);
            bytes_give(&bytes, PIECES[k], expected, name);
        }
}

static void test_the_name_is_found_in_any_records_and_reads(void **state)
{
    (void)state;
    auto_buf utr_buf extensions = UTR_BUF_INIT(1 << 16);
    put_extension(&extensions, 43, "\2\3\4", 3);
    put_server_name(&extensions, "API.Example.com");
    put_extension(&extensions, 51, "abcdef", 6);
    auto_buf utr_buf hello = hello_of(&extensions);
    hello_gives(&hello, WIRE_FRAME, "api.example.com");
}

static void test_without_a_name_there_is_none(void **state)
{
    (void)state;
    auto_buf utr_buf extensions = UTR_BUF_INIT(1 << 16);
    put_extension(&extensions, 43, "\2\3\4", 3);
    auto_buf utr_buf without = hello_of(&extensions);
    auto_buf utr_buf bare = hello_of(NULL);
    hello_gives(&without, WIRE_FRAME, "");
    hello_gives(&bare, WIRE_FRAME, "");
}

static void test_of_an_encrypted_hello_the_outer_name_is_told(void **state)
{
    (void)state;
    enum { ENCRYPTED_CLIENT_HELLO = 0xFE0D };
    auto_buf utr_buf extensions = UTR_BUF_INIT(1 << 16);
    char sealed[1200] = "\0\0\1\0\1";
    put_extension(&extensions, ENCRYPTED_CLIENT_HELLO, sealed, sizeof sealed);
    put_server_name(&extensions, "public.example");
    auto_buf utr_buf hello = hello_of(&extensions);
    hello_gives(&hello, WIRE_FRAME, "public.example");
}

static void test_a_large_hello_is_read_whole(void **state)
{
    (void)state;
    auto_buf utr_buf extensions = UTR_BUF_INIT(1 << 17);
    auto_free char *padding = utr_calloc(1, 40000);
    put_extension(&extensions, 21, padding, 40000);
    put_server_name(&extensions, "late.example");
    auto_buf utr_buf hello = hello_of(&extensions);
    auto_buf utr_buf bytes = records_of(&hello, 16384);
    bytes_give(&bytes, 1000, WIRE_FRAME, "late.example");
}

static void test_a_name_that_is_no_hosts_name_is_refused(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"a b", "evil\r\nname", "\xC3\xA4.example", "a:443", "\x1B[31m"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        auto_buf utr_buf extensions = UTR_BUF_INIT(1 << 16);
        put_server_name(&extensions, NAMES[i]);
        auto_buf utr_buf hello = hello_of(&extensions);
        hello_gives(&hello, WIRE_BROKEN, NULL);
    }
}

static void test_what_is_cut_short_inside_is_broken_and_never_read_beyond(void **state)
{
    (void)state;
    auto_buf utr_buf extensions = UTR_BUF_INIT(1 << 16);
    put_server_name(&extensions, "api.example.com");
    auto_buf utr_buf whole = hello_of(&extensions);
    for (size_t len = 4; len < whole.len; len++) {
        auto_buf utr_buf cut = UTR_BUF_INIT(1 << 16);
        put_number(&cut, 1, 1);
        put_vector(&cut, 3, whole.data + 4, len - 4);
        auto_buf utr_buf bytes = records_of(&cut, 16384);
        bool bare = whole.len - len == extensions.len + 2; /* cut right before the extensions */
        bytes_give(&bytes, 1 << 20, bare ? WIRE_FRAME : WIRE_BROKEN, "");
    }
}

static void test_what_is_no_hello_is_broken(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
    } WRONG[] = {
        {"GET / HTTP/1.1\r\n", 16},    {"\x17\3\3\0\5hello", 10},      {"\x16\3\3\0\0", 5},
        {"\x16\3\3\x40\1\1\0\0\1", 9}, {"\x16\2\3\0\5\1\0\0\1\1", 10}, {"\x16\3\3\0\5\2\0\0\1\1", 10},
        {"\x16\3\3\0\4\1\1\0\0", 9},   {"\x16\3\3\0\4\1\0\0\0", 9},
    };
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        utr_buf bytes = {.data = (char *)WRONG[i].bytes, .len = WRONG[i].len};
        bytes_give(&bytes, 1 << 20, WIRE_BROKEN, NULL);
        bytes_give(&bytes, 1, WIRE_BROKEN, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_name_is_found_in_any_records_and_reads),
        cmocka_unit_test(test_without_a_name_there_is_none),
        cmocka_unit_test(test_of_an_encrypted_hello_the_outer_name_is_told),
        cmocka_unit_test(test_a_large_hello_is_read_whole),
        cmocka_unit_test(test_a_name_that_is_no_hosts_name_is_refused),
        cmocka_unit_test(test_what_is_cut_short_inside_is_broken_and_never_read_beyond),
        cmocka_unit_test(test_what_is_no_hello_is_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
