#include "compose/interpolate.h"

#include "base/buf.h"

#include <ctype.h>
#include <string.h>

static const size_t MOST_BYTES = 256 << 10;
static const int DEEPEST = 32;

typedef struct {
    const compose_interpolation *how;
    utr_buf out;
    int depth;
} expansion;

/** One ${...}: its name, its operator ("" where there is none) and what follows. */
typedef struct {
    const char *name;
    size_t name_len;
    bool colon; /* an empty value counts as not set */
    char op;    /* '-', '?', '+' or 0 */
    const char *rest;
    size_t rest_len;
} braced;

const char *compose_vars_get(const compose_vars *vars, const char *name, size_t len)
{
    for (size_t layer = 0; layer < COMPOSE_VAR_LAYERS; layer++) {
        const utr_strs *strs = vars->layers[layer];
        for (size_t i = 0; strs && i < strs->count; i++) {
            if (strncmp(strs->items[i], name, len) == 0 && strs->items[i][len] == '=')
                return strs->items[i] + len + 1;
        }
    }
    return NULL;
}

void compose_strs_set(utr_strs *strs, char *entry)
{
    size_t len = strcspn(entry, "=") + 1;
    for (size_t i = 0; i < strs->count; i++) {
        if (strncmp(strs->items[i], entry, len) == 0) {
            free(strs->items[i]);
            strs->items[i] = entry;
            return;
        }
    }
    utr_strs_give(strs, entry);
}

static size_t name_length(const char *text, const char *end)
{
    const char *at = text;
    if (at < end && (isalpha((unsigned char)*at) || *at == '_')) {
        while (at < end && (isalnum((unsigned char)*at) || *at == '_'))
            at++;
    }
    return (size_t)(at - text);
}

static bool add(expansion *x, const char *text, size_t len)
{
    utr_error err = {0};
    if (!utr_buf_add(&x->out, text, len, &err))
        return true;
    utr_faults_add(x->how->faults, x->how->place,
                   "the text grows over %zu KiB by its variables; shorten their values", MOST_BYTES >> 10);
    return false;
}

static bool add_plain(expansion *x, const char *name, size_t len)
{
    const char *value = compose_vars_get(x->how->vars, name, len);
    if (value)
        return add(x, value, strlen(value));
    utr_faults_add(
        x->how->warnings, x->how->place,
        "variable '%.*s' is not set, nothing is put in its place; set it or write ${%.*s:-default}", (int)len,
        name, (int)len, name);
    return true;
}

/* The brace that closes what begins at text, past the braces of inner variables; NULL where there is none. */
static const char *closing_brace(const char *text, const char *end)
{
    int depth = 1;
    for (const char *at = text; at < end; at++) {
        if (*at == '$' && at + 1 < end && (at[1] == '$' || at[1] == '{'))
            depth += *++at == '{';
        else if (*at == '}' && --depth == 0)
            return at;
    }
    return NULL;
}

static bool parse_braced(const char *text, const char *close, braced *out)
{
    braced b = {.name = text, .name_len = name_length(text, close)};
    const char *at = text + b.name_len;
    if (b.name_len && at < close) {
        b.colon = *at == ':';
        at += b.colon;
        if (at == close || !strchr("-?+", *at))
            return false;
        b.op = *at++;
    }
    b.rest = at;
    b.rest_len = (size_t)(close - at);
    *out = b;
    return b.name_len > 0;
}

static bool expand(expansion *x, const char *text, size_t len);

static bool fail_required(expansion *x, const braced *b)
{
    expansion inner = {.how = x->how, .out = UTR_BUF_INIT(MOST_BYTES), .depth = x->depth};
    bool fine = expand(&inner, b->rest, b->rest_len);
    const char *why = utr_buf_text(&inner.out);
    if (fine)
        utr_faults_add(x->how->faults, x->how->place,
                       "variable '%.*s' is required%s%.300s; set it in the environment or in .env",
                       (int)b->name_len, b->name, *why ? ": " : "", why);
    utr_buf_dispose(&inner.out);
    return false;
}

static bool expand_braced(expansion *x, const braced *b)
{
    const char *value = compose_vars_get(x->how->vars, b->name, b->name_len);
    bool set = value && (*value || !b->colon);
    if (!b->op)
        return add_plain(x, b->name, b->name_len);
    if (b->op == '+')
        return !set || expand(x, b->rest, b->rest_len);
    if (set)
        return add(x, value, strlen(value));
    return b->op == '?' ? fail_required(x, b) : expand(x, b->rest, b->rest_len);
}

static bool fail_syntax(expansion *x, const char *text, const char *end)
{
    int shown = end - text > 40 ? 40 : (int)(end - text);
    utr_faults_add(x->how->faults, x->how->place,
                   "'%.*s' is no variable; write ${NAME}, or $$ for a dollar sign", shown, text);
    return false;
}

/* Expand what begins with the dollar sign at text. @return where to go on, NULL after a fault */
static const char *expand_dollar(expansion *x, const char *text, const char *end)
{
    const char *at = text + 1;
    if (at < end && *at == '$')
        return add(x, "$", 1) ? at + 1 : NULL;
    if (at < end && *at == '{') {
        const char *close = closing_brace(at + 1, end);
        braced b;
        if (!close || !parse_braced(at + 1, close, &b)) {
            (void)fail_syntax(x, text, close ? close + 1 : end);
            return NULL;
        }
        return expand_braced(x, &b) ? close + 1 : NULL;
    }
    size_t len = name_length(at, end);
    if (!len) {
        (void)fail_syntax(x, text, end);
        return NULL;
    }
    return add_plain(x, at, len) ? at + len : NULL;
}

static bool expand(expansion *x, const char *text, size_t len)
{
    if (x->depth == DEEPEST) {
        utr_faults_add(x->how->faults, x->how->place,
                       "variables stand within variables over %d deep; flatten them", DEEPEST);
        return false;
    }
    x->depth++;
    const char *end = text + len;
    while (text && text < end) {
        const char *dollar = memchr(text, '$', (size_t)(end - text));
        if (!add(x, text, (size_t)((dollar ? dollar : end) - text)))
            return false;
        text = dollar ? expand_dollar(x, dollar, end) : end;
    }
    x->depth--;
    return text != NULL;
}

char *compose_interpolate(const compose_interpolation *how, const char *text)
{
    expansion x = {.how = how, .out = UTR_BUF_INIT(MOST_BYTES)};
    if (expand(&x, text, strlen(text)))
        return utr_buf_take(&x.out);
    utr_buf_dispose(&x.out);
    return NULL;
}
