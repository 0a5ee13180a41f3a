#include "scan/python/scope.h"

#include "scan/sorted.h"

#include <ctype.h>
#include <string.h>

static bool is_word(char c)
{
    return c < 0 || c == '_' || isalnum((unsigned char)c);
}

/* Behind a word and its blanks, or 0. */
static uint32_t behind(tree_text text, uint32_t at, uint32_t end, const char *word)
{
    size_t len = strlen(word);
    if (end - at <= len || memcmp(text.data + at, word, len) != 0 ||
        !python_is_in(text.data[at + len], " \t\\"))
        return 0;
    at += (uint32_t)len;
    while (at < end && python_is_in(text.data[at], " \t\\\r\n"))
        at++;
    return at;
}

/* The name that a logical line defines. @return its length, or 0 */
static uint32_t defined_name(tree_text text, const python_logical *l, uint32_t *name)
{
    uint32_t async = behind(text, l->start, l->end, "async");
    uint32_t at = behind(text, async ? async : l->start, l->end, "def");
    if (!at)
        at = behind(text, l->start, l->end, "class");
    *name = at;
    while (at && at < l->end && is_word(text.data[at]))
        at++;
    return at - *name;
}

void python_scopes_read(const python_lines *lines, tree_text text, python_scopes *out)
{
    uint32_t open = 0; /* 1 + index of the innermost */
    uint32_t count = (uint32_t)lines->logical.count;
    for (uint32_t i = 0; i < count; i++) {
        const python_logical *l = &lines->logical.items[i];
        while (open && l->indent <= lines->logical.items[out->items[open - 1].line].indent) {
            out->items[open - 1].end = i;
            open = out->items[open - 1].parent;
        }
        uint32_t name, len = defined_name(text, l, &name);
        if (!len)
            continue;
        *(python_scope *)utr_vec_push(out) =
            (python_scope){.line = i, .end = count, .parent = open, .name = name, .len = len};
        open = (uint32_t)out->count;
    }
}

char *python_scope_symbol(const python_scopes *scopes, const python_lines *lines, tree_text text,
                          uint32_t line)
{
    while (line + 1 < lines->logical.count && text.data[lines->logical.items[line].start] == '@')
        line++;
    uint32_t at = (uint32_t)sorted_up_to(scopes->items, scopes->count, sizeof *scopes->items, line);
    while (at && scopes->items[at - 1].end <= line)
        at = scopes->items[at - 1].parent;
    char *symbol = NULL;
    for (; at; at = scopes->items[at - 1].parent) {
        const python_scope *scope = &scopes->items[at - 1];
        char *longer = symbol ? utr_format("%.*s.%s", (int)scope->len, text.data + scope->name, symbol)
                              : utr_strndup(text.data + scope->name, scope->len);
        free(symbol);
        symbol = longer;
    }
    return symbol;
}
