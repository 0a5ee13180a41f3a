/* Tests and guards of JavaScript that became comments. */
#include "scan/javascript/js.h"

#include <ctype.h>
#include <string.h>

static bool is_name_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$';
}

/* What follows comment marks and blanks. */
static tree_text stripped(tree_text line)
{
    size_t at = 0;
    while (at < line.len &&
           (isspace((unsigned char)line.data[at]) || line.data[at] == '/' || line.data[at] == '*'))
        at++;
    return (tree_text){line.data + at, line.len - at};
}

/* The length of a name and its members at the beginning: "it.skip". */
static size_t dotted_length(tree_text text)
{
    size_t len = 0;
    while (len < text.len && (is_name_byte(text.data[len]) || (len && text.data[len] == '.')))
        len++;
    return len;
}

/* The title in `it("title", ...`; empty: the line begins otherwise. */
static tree_text title_in(tree_text text)
{
    size_t len = dotted_length(text), base = 0;
    while (base < len && text.data[base] != '.')
        base++;
    bool opens = tree_text_is_one_of((tree_text){text.data, base}, JS_OPENERS);
    if (!opens || len + 2 > text.len || text.data[len] != '(' || !strchr("'\"`", text.data[len + 1]))
        return (tree_text){"", 0};
    const char *title = text.data + len + 2;
    const char *end = memchr(title, text.data[len + 1], text.len - len - 2);
    return end ? (tree_text){title, (size_t)(end - title)} : (tree_text){"", 0};
}

static void check_line(js_file *file, scan_spot spot)
{
    tree_text line = stripped((tree_text){file->tree->text + spot.start, spot.end - spot.start});
    tree_text title = title_in(line);
    size_t len = dotted_length(line);
    auto_free char *symbol = utr_strndup(title.data, title.len);
    if (title.len)
        scan_add(file->out, SCAN_COMMENTED_TEST, spot, symbol, "%.*s", (int)len, line.data);
}

static void check_comment(js_file *file, tree_node comment)
{
    scan_spot rest = scan_spot_of(file->tree, comment);
    for (scan_spot line; scan_next_line(file->tree->text, &rest, &line);)
        check_line(file, line);
}

/* --- guards --- */

/* `// requireDockerServices("redis-test")`, as the adapters for Node give it. */
static const char GUARD[] = "requireDockerServices(";

/* `// @Decorator(...)`: with brackets, so that `@ts-ignore` and the tags of documentation are none. */
static tree_text decorator_in(tree_text text)
{
    if (text.len < 4 || text.data[0] != '@' || isspace((unsigned char)text.data[1]))
        return (tree_text){"", 0};
    tree_text name = {text.data + 1, dotted_length((tree_text){text.data + 1, text.len - 1})};
    const char *close = memrchr(text.data, ')', text.len);
    bool is_call = name.len + 1 < text.len && text.data[name.len + 1] == '(' && close;
    return is_call && name.len ? name : (tree_text){"", 0};
}

/* Whether what follows the comment, other comments aside, may be decorated. */
static bool stands_before_definition(const js_file *file, tree_node comment)
{
    tree_node next = tree_next(file->tree, comment);
    while (next && tree_symbol(file->tree, next) == file->g->comment)
        next = tree_next(file->tree, next);
    TSSymbol symbol = next ? tree_symbol(file->tree, next) : 0;
    const js_grammar *g = file->g;
    return next &&
           (symbol == g->class_declaration || symbol == g->export_statement || symbol == g->decorator ||
            symbol == g->method_definition || symbol == g->public_field_definition);
}

static void check_guard(js_file *file, tree_node comment)
{
    tree_text text = stripped(tree_text_of(file->tree, comment));
    tree_text decorator = decorator_in(text);
    if (tree_text_starts(text, GUARD))
        decorator = (tree_text){GUARD, sizeof GUARD - 2};
    else if (!decorator.len || !stands_before_definition(file, comment))
        return;
    scan_add(file->out, SCAN_DISABLED_DECORATOR, scan_spot_of(file->tree, comment),
             js_symbol_at(file, comment), "%.*s", (int)decorator.len, decorator.data);
}

void js_comments(js_file *file)
{
    for (tree_node i = 1; i < file->tree->count; i++) {
        if (tree_symbol(file->tree, i) != file->g->comment)
            continue;
        check_comment(file, i);
        if (file->tree->text[file->tree->nodes[i].start + 1] == '/')
            check_guard(file, i);
    }
}
