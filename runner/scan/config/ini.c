#include "scan/config/config.h"

#include "base/memory.h"

#include <ini.h>
#include <pthread.h>
#include <string.h>

typedef struct {
    const char *rest; /* of the text */
    const char *section;
    const config_taker *taker;
    bool found;
} reader;

/* As Python's readers have it: lines of any length, and no remarks behind values. */
static void set_up(void)
{
    ini_use_stack = false;
    ini_allow_realloc = true;
    ini_max_line = 1 << 20;
    ini_allow_inline_comments = false;
}

static bool is_section(const char *line, const char *section)
{
    size_t len = strlen(section);
    return line[0] == '[' && strncmp(line + 1, section, len) == 0 && line[len + 1] == ']';
}

/* fgets() of a text; on its way it sees sections that hold nothing, of which the library does not tell. */
static char *next_line(char *out, int size, void *ctx)
{
    reader *r = ctx;
    if (!*r->rest)
        return NULL;
    const char *newline = strchr(r->rest, '\n');
    size_t len = newline ? (size_t)(newline - r->rest) + 1 : strlen(r->rest);
    r->found = r->found || is_section(r->rest, r->section);
    len = len < (size_t)size ? len : (size_t)size - 1;
    (void)memcpy(out, r->rest, len);
    out[len] = '\0';
    r->rest += len;
    return out;
}

static int take(void *ctx, const char *section, const char *name, const char *value)
{
    const reader *r = ctx;
    if (strcmp(section, r->section) == 0 && value)
        r->taker->value(r->taker->ctx, name, value, false);
    return 1;
}

bool config_read_ini(const char *text, const char *section, tree_parser *parser, const config_taker *taker)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, set_up);
    (void)parser;
    reader r = {text, section, taker, false};
    int line = ini_parse_stream(next_line, &r, take, &r);
    if (line > 0)
        taker->fault(taker->ctx, line, "not understood; write `name = value` or `[section]`");
    return r.found;
}
