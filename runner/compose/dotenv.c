#include "compose/dotenv.h"

#include "base/files.h"
#include "base/text.h"

#include <ctype.h>
#include <string.h>

static const size_t MOST_VARIABLES = 2000;

typedef struct {
    compose_interpolation how; /* place: of the line that is read */
    const char *at;
    utr_strs *out;
    utr_strs own; /* the variables of this file, to interpolate from */
} dotenv;

static void skip_blanks(dotenv *d)
{
    while (*d->at == ' ' || *d->at == '\t' || *d->at == '\r')
        d->at++;
}

static void skip_line(dotenv *d)
{
    d->at += strcspn(d->at, "\n");
}

/* Give name the value, which is taken. */
static void define(dotenv *d, const char *name, int len, char *value)
{
    auto_free char *text = value;
    if (!text)
        return;
    compose_strs_set(d->out, utr_format("%.*s=%s", len, name, text));
    compose_strs_set(&d->own, utr_format("%.*s=%s", len, name, text));
}

static char *read_bare(dotenv *d)
{
    const char *start = d->at;
    skip_line(d);
    const char *end = start;
    while (end < d->at && !(*end == '#' && (end == start || isblank((unsigned char)end[-1]))))
        end++;
    while (end > start && isspace((unsigned char)end[-1]))
        end--;
    auto_free char *text = utr_strndup(start, (size_t)(end - start));
    return compose_interpolate(&d->how, text);
}

/* What stands for an escaped character: a pair of it and its meaning, or NULL. */
static const char *find_escape(char escaped)
{
    static const char PAIRS[] = "n\nr\rt\t\"\"\\\\$$";
    for (const char *pair = PAIRS; *pair; pair += 2) {
        if (*pair == escaped)
            return pair;
    }
    return NULL;
}

/* Undo the escapes of a double-quoted value; an escaped dollar sign stays plain through the interpolation. */
static char *unescape(const char *text, size_t len)
{
    char *out = utr_calloc(len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        const char *escape = text[i] == '\\' && i + 1 < len ? find_escape(text[i + 1]) : NULL;
        const char *meant = escape ? escape + 1 : text + i;
        if (escape && *escape == '$')
            out[n++] = '$';
        out[n++] = *meant;
        i += escape != NULL;
    }
    return out;
}

static const char *closing_quote(const char *text, char quote)
{
    for (; *text && *text != quote; text++) {
        if (*text == '\\' && quote == '"' && text[1])
            text++;
    }
    return *text ? text : NULL;
}

static char *read_quoted(dotenv *d)
{
    char quote = *d->at;
    const char *start = d->at + 1;
    const char *end = closing_quote(start, quote);
    if (!end) {
        utr_faults_add(d->how.faults, d->how.place, "the quote %c is never closed; close it", quote);
        d->at += strlen(d->at);
        return NULL;
    }
    utr_place first = d->how.place;
    for (const char *at = start; at < end; at++)
        d->how.place.line += *at == '\n';
    d->at = end + 1;
    skip_blanks(d);
    if (*d->at && *d->at != '\n' && *d->at != '#') {
        utr_faults_add(d->how.faults, d->how.place, "text after the closing quote; quote the whole value");
        skip_line(d);
        return NULL;
    }
    skip_line(d);
    if (quote == '\'')
        return utr_strndup(start, (size_t)(end - start));
    auto_free char *text = unescape(start, (size_t)(end - start));
    compose_interpolation how = d->how;
    how.place = first;
    return compose_interpolate(&how, text);
}

static int read_name(dotenv *d)
{
    const char *start = d->at;
    if (isalpha((unsigned char)*d->at) || *d->at == '_') {
        while (isalnum((unsigned char)*d->at) || (*d->at && strchr("_.-", *d->at)))
            d->at++;
    }
    return (int)(d->at - start);
}

static void read_variable(dotenv *d)
{
    const char *name = d->at;
    int len = read_name(d);
    skip_blanks(d);
    if (!len || (*d->at && !strchr("=:\n", *d->at))) {
        utr_faults_add(d->how.faults, d->how.place, "'%.*s' is no variable; write NAME=value",
                       (int)(strcspn(name, "\r\n") > 40 ? 40 : strcspn(name, "\r\n")), name);
        skip_line(d);
        return;
    }
    if (*d->at != '=' && *d->at != ':') {
        const char *value = compose_vars_get(d->how.vars, name, (size_t)len);
        define(d, name, len, utr_strdup(value));
        return;
    }
    d->at++;
    skip_blanks(d);
    define(d, name, len, *d->at == '"' || *d->at == '\'' ? read_quoted(d) : read_bare(d));
}

static void read_line(dotenv *d)
{
    skip_blanks(d);
    if (*d->at == '#') {
        skip_line(d);
    } else if (*d->at && *d->at != '\n') {
        if (utr_text_starts(d->at, "export") && isblank((unsigned char)d->at[6])) {
            d->at += 6;
            skip_blanks(d);
        }
        read_variable(d);
    }
    if (*d->at == '\n') {
        d->at++;
        d->how.place.line++;
    }
}

void compose_dotenv_parse(const compose_interpolation *how, const char *text, utr_strs *out)
{
    dotenv d = {.how = *how, .at = text, .out = out};
    compose_vars vars = {{how->vars->layers[0], how->vars->layers[1], &d.own}};
    d.how.vars = &vars;
    d.how.place.line = d.how.place.column = 1;
    while (*d.at && d.own.count <= MOST_VARIABLES)
        read_line(&d);
    if (*d.at)
        utr_faults_add(how->faults, d.how.place, "over %zu variables in one file; split it", MOST_VARIABLES);
    utr_strs_dispose(&d.own);
}

utr_code compose_dotenv_load(const compose_interpolation *how, const char *path, utr_strs *out,
                             utr_error *err)
{
    auto_buf utr_buf bytes = UTR_BUF_INIT(1 << 20);
    if (utr_file_read(path, &bytes, err))
        return err->code;
    compose_interpolation here = *how;
    here.place = (utr_place){.path = path};
    if (strlen(utr_buf_text(&bytes)) != bytes.len) {
        utr_faults_add(how->faults, here.place, "holds a NUL byte; it is no text file");
        return UTR_OK;
    }
    compose_dotenv_parse(&here, utr_buf_text(&bytes), out);
    return UTR_OK;
}
