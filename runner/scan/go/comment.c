/* Tests of Go that became comments. */
#include "scan/go/go.h"

#include <ctype.h>
#include <string.h>

/* The name in `func TestX(`, or empty. */
static tree_text test_in(tree_text line)
{
    size_t at = 0;
    while (at < line.len &&
           (isblank((unsigned char)line.data[at]) || line.data[at] == '/' || line.data[at] == '*'))
        at++;
    static const char HEAD[] = "func Test";
    if (line.len - at < sizeof HEAD - 1 || memcmp(line.data + at, HEAD, sizeof HEAD - 1))
        return (tree_text){"", 0};
    size_t begin = at + 5, end = begin;
    while (end < line.len && (isalnum((unsigned char)line.data[end]) || line.data[end] == '_'))
        end++;
    bool is_test = end < line.len && line.data[end] == '(' && !islower((unsigned char)line.data[begin + 4]);
    return is_test ? (tree_text){line.data + begin, end - begin} : (tree_text){"", 0};
}

static void check_line(go_file *file, uint32_t start, uint32_t end, uint32_t line)
{
    tree_text name = test_in((tree_text){file->tree->text + start, end - start});
    if (!name.len)
        return;
    auto_free char *symbol = utr_strndup(name.data, name.len);
    scan_add(file->out, SCAN_COMMENTED_TEST, (scan_spot){start, end, line}, symbol, "func");
}

static void check_comment(go_file *file, tree_node comment)
{
    const tree_item *item = &file->tree->nodes[comment];
    uint32_t line = item->line;
    for (uint32_t start = item->start; start < item->end; line++) {
        const char *newline = memchr(file->tree->text + start, '\n', item->end - start);
        uint32_t end = newline ? (uint32_t)(newline - file->tree->text) : item->end;
        check_line(file, start, end, line);
        start = end + 1;
    }
}

void go_comments(go_file *file)
{
    for (tree_node i = 1; i < file->tree->count; i++)
        if (tree_symbol(file->tree, i) == GO.comment)
            check_comment(file, i);
}
