#include "engine/ignore.h"

#include <string.h>

/* A pattern is a line of tokens that a set of states walks over, so that no pattern takes more than
 * pattern times path. */
typedef enum {
    TOKEN_BYTE,
    TOKEN_CLASS,   /* [a-z], [^a-z] */
    TOKEN_ONE,     /* ?: a byte that is no slash, then TOKEN_REST */
    TOKEN_REST,    /* the bytes that continue a UTF-8 character */
    TOKEN_STAR,    /* any number of bytes that are no slash */
    TOKEN_ALL,     /* any number of any bytes */
    TOKEN_FOLDERS, /* the head of "**" + "/": what follows is ALL and a slash, and all three may be left out
                    */
} token_kind;

struct engine_ignore_token {
    token_kind kind;
    unsigned char byte;
    unsigned char class[32]; /* a bit a byte */
};

enum { PATTERNS_MOST = 10000 };

void engine_ignore_dispose(engine_ignore *ignore)
{
    for (size_t i = 0; i < ignore->patterns.count; i++)
        utr_vec_dispose(&ignore->patterns.items[i].tokens);
    utr_vec_dispose(&ignore->patterns);
    ignore->has_exceptions = false;
}

/* ---- reading ---- */

static void token_add(engine_ignore_pattern *pattern, token_kind kind, char byte)
{
    engine_ignore_token *token = utr_vec_push(&pattern->tokens);
    token->kind = kind;
    token->byte = (unsigned char)byte;
}

static void class_set(unsigned char class[32], unsigned from, unsigned to)
{
    for (unsigned byte = from; byte <= to; byte++)
        class[byte / 8] = (unsigned char)(class[byte / 8] | 1U << byte % 8);
}

/* One character of a class, which may be escaped. @return what follows it, NULL at the pattern's end */
static const char *class_character(const char *text, unsigned *out)
{
    if (*text == '\\')
        text++;
    if (!*text)
        return NULL;
    *out = (unsigned char)*text;
    return text + 1;
}

/* text stands behind the '['. @return what follows the ']', NULL where there is none */
static const char *class_read(const char *text, engine_ignore_pattern *pattern)
{
    unsigned char class[32] = {0};
    bool negated = *text == '^';
    text += negated;
    for (bool first = true; first || *text != ']'; first = false) {
        unsigned from = 0;
        text = class_character(text, &from);
        if (!text)
            return NULL;
        unsigned to = from;
        if (text[0] == '-' && text[1] != ']') {
            text = class_character(text + 1, &to);
            if (!text || to < from)
                return NULL;
        }
        class_set(class, from, to);
    }
    token_add(pattern, TOKEN_CLASS, 0);
    engine_ignore_token *token = &pattern->tokens.items[pattern->tokens.count - 1];
    for (size_t i = 0; i < sizeof class; i++)
        token->class[i] = (unsigned char)(negated ? ~class[i] : class[i]);
    return text + 1;
}

/* text stands behind "**"; a slash that follows belongs to it. */
static const char *stars_read(const char *text, engine_ignore_pattern *pattern)
{
    text += *text == '/';
    if (*text)
        token_add(pattern, TOKEN_FOLDERS, 0);
    token_add(pattern, TOKEN_ALL, 0);
    if (*text)
        token_add(pattern, TOKEN_BYTE, '/');
    return text;
}

/* The token that text begins with. @return what follows it, NULL where the pattern is malformed */
static const char *token_read(const char *text, engine_ignore_pattern *pattern)
{
    if (text[0] == '*' && text[1] == '*')
        return stars_read(text + 2, pattern);
    if (*text == '[')
        return class_read(text + 1, pattern);
    if (*text == '?') {
        token_add(pattern, TOKEN_ONE, 0);
        token_add(pattern, TOKEN_REST, 0);
        return text + 1;
    }
    if (*text == '*') {
        token_add(pattern, TOKEN_STAR, 0);
        return text + 1;
    }
    text += *text == '\\';
    if (!*text)
        return NULL;
    token_add(pattern, TOKEN_BYTE, *text);
    return text + 1;
}

/* "/a//./b/../c/" as "a/c"; the caller frees it. */
static char *path_clean(const char *path)
{
    char *clean = utr_calloc(strlen(path) + 2, 1);
    size_t len = 0;
    for (const char *at = path; *at;) {
        size_t part = strcspn(at, "/");
        if (part == 2 && at[0] == '.' && at[1] == '.') {
            while (len && clean[--len] != '/')
                ;
        } else if (part && !(part == 1 && at[0] == '.')) {
            if (len)
                clean[len++] = '/';
            (void)memcpy(clean + len, at, part);
            len += part;
        }
        at += part + (at[part] == '/');
    }
    clean[len] = '\0';
    return clean;
}

static utr_code line_read(char *line, engine_ignore *out, utr_error *err)
{
    char *text = line + strspn(line, " \t\r\f\v");
    size_t len = strlen(text);
    while (len && strchr(" \t\r\f\v", text[len - 1]))
        text[--len] = '\0';
    bool takes_back = *text == '!';
    if (takes_back)
        text += 1 + strspn(text + 1, " \t");
    if (takes_back && !*text)
        return utr_fail(err, UTR_CONFIG, "'!' without a pattern");
    auto_free char *clean = path_clean(text);
    if (!*clean)
        return UTR_OK;
    if (out->patterns.count == PATTERNS_MOST)
        return utr_fail(err, UTR_TOO_LARGE, "more than %d patterns", PATTERNS_MOST);
    engine_ignore_pattern *pattern = utr_vec_push(&out->patterns);
    pattern->takes_back = takes_back;
    out->has_exceptions |= takes_back;
    for (const char *at = clean; at && *at;) {
        at = token_read(at, pattern);
        if (!at)
            return utr_fail(err, UTR_CONFIG, "'%.100s' is no pattern", text);
    }
    return UTR_OK;
}

utr_code engine_ignore_parse(const char *text, engine_ignore *out, utr_error *err)
{
    engine_ignore ignore = {0};
    if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
        text += 3;
    for (int number = 1; *text; number++) {
        size_t len = strcspn(text, "\n");
        auto_free char *line = utr_strndup(text, len);
        if (*line != '#' && line_read(line, &ignore, err)) {
            engine_ignore_dispose(&ignore);
            return utr_wrap(err, "line %d", number);
        }
        text += len + (text[len] == '\n');
    }
    *out = ignore;
    return UTR_OK;
}

/* ---- matching ---- */

/* Enters a state and those that are reached without a byte. */
static void state_enter(const engine_ignore_pattern *pattern, bool *states, size_t at)
{
    for (; at <= pattern->tokens.count && !states[at]; at++) {
        states[at] = true;
        if (at == pattern->tokens.count)
            return;
        token_kind kind = pattern->tokens.items[at].kind;
        if (kind == TOKEN_FOLDERS)
            state_enter(pattern, states, at + 3);
        else if (kind != TOKEN_STAR && kind != TOKEN_ALL && kind != TOKEN_REST)
            return;
    }
}

/* Whether a token takes a byte, and whether its state stays. */
static bool token_takes(const engine_ignore_token *token, unsigned char byte, bool *out_stays)
{
    *out_stays = token->kind == TOKEN_STAR || token->kind == TOKEN_ALL || token->kind == TOKEN_REST;
    switch (token->kind) {
    case TOKEN_BYTE:
        return byte == token->byte;
    case TOKEN_CLASS:
        return byte != '/' && token->class[byte / 8] & 1U << byte % 8;
    case TOKEN_ONE:
    case TOKEN_STAR:
        return byte != '/';
    case TOKEN_REST:
        return (byte & 0xC0) == 0x80;
    case TOKEN_ALL:
        return true;
    case TOKEN_FOLDERS:
        return false;
    }
    return false;
}

static bool pattern_matches(const engine_ignore_pattern *pattern, const char *path, size_t len)
{
    size_t count = pattern->tokens.count;
    auto_free bool *now = utr_calloc(count + 1, sizeof *now);
    auto_free bool *next = utr_calloc(count + 1, sizeof *next);
    state_enter(pattern, now, 0);
    for (size_t i = 0; i < len; i++) {
        (void)memset(next, 0, (count + 1) * sizeof *next);
        for (size_t at = 0; at < count; at++) {
            bool stays = false;
            if (now[at] && token_takes(&pattern->tokens.items[at], (unsigned char)path[i], &stays))
                state_enter(pattern, next, stays ? at : at + 1);
        }
        bool *spare = now;
        now = next;
        next = spare;
    }
    return now[count];
}

static bool pattern_covers(const engine_ignore_pattern *pattern, const char *path)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        if (pattern_matches(pattern, path, (size_t)(slash - path)))
            return true;
    }
    return pattern_matches(pattern, path, strlen(path));
}

bool engine_ignore_excludes(const engine_ignore *ignore, const char *path)
{
    bool excluded = false;
    for (size_t i = 0; i < ignore->patterns.count; i++) {
        const engine_ignore_pattern *pattern = &ignore->patterns.items[i];
        if (excluded == pattern->takes_back && pattern_covers(pattern, path))
            excluded = !excluded;
    }
    return excluded;
}
