#include "base/error.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void error_set(utr_error *err, utr_code code, const char *format, va_list args)
{
    assert(err->code == UTR_OK);
    assert(code != UTR_OK);
    err->code = code;
    (void)vsnprintf(err->text, sizeof err->text, format, args);
}

utr_code utr_fail(utr_error *err, utr_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_set(err, code, format, args);
    va_end(args);
    return code;
}

utr_code utr_fail_sys(utr_error *err, int sys, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_set(err, UTR_SYS, format, args);
    va_end(args);
    err->sys = sys;
    size_t len = strlen(err->text);
    char reason[128];
    (void)snprintf(err->text + len, sizeof err->text - len, ": %s", strerror_r(sys, reason, sizeof reason));
    return UTR_SYS;
}

utr_code utr_wrap(utr_error *err, const char *format, ...)
{
    assert(err->code != UTR_OK);
    char inner[sizeof err->text];
    (void)memcpy(inner, err->text, sizeof inner);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    size_t len = strlen(err->text);
    (void)snprintf(err->text + len, sizeof err->text - len, ": %.*s", (int)(sizeof inner - 1), inner);
    return err->code;
}

void utr_error_reset(utr_error *err)
{
    *err = (utr_error){0};
}

const char *utr_code_text(utr_code code)
{
    static const char *const TEXTS[] = {
#define UTR_CODE_TEXT(name, text) text,
        UTR_CODES(UTR_CODE_TEXT)
#undef UTR_CODE_TEXT
    };
    assert((size_t)code < sizeof TEXTS / sizeof *TEXTS);
    return TEXTS[code];
}
