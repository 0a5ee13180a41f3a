#ifndef UTR_TEST_SERVICES_TEXT_H
#define UTR_TEST_SERVICES_TEXT_H

/** A constant in the place of a text that a struct would own; never written to nor freed. */
static inline char *text(const char *constant)
{
    union {
        const char *in;
        char *out;
    } both = {.in = constant};
    return both.out;
}

#endif
