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
    if (!tree_text_starts((tree_text){line.data + at, line.len - at}, "func Test"))
        return (tree_text){"", 0};
    size_t begin = at + 5, end = begin;
    while (end < line.len && (isalnum((unsigned char)line.data[end]) || line.data[end] == '_'))
        end++;
    bool is_test = end < line.len && line.data[end] == '(' && !islower((unsigned char)line.data[begin + 4]);
    return is_test ? (tree_text){line.data + begin, end - begin} : (tree_text){"", 0};
}

static void check_comment(go_file *file, tree_node comment)
{
    scan_spot rest = scan_spot_of(file->tree, comment);
    for (scan_spot line; scan_next_line(file->tree->text, &rest, &line);) {
        tree_text name = test_in((tree_text){file->tree->text + line.start, line.end - line.start});
        auto_free char *symbol = utr_strndup(name.data, name.len);
        if (name.len)
            scan_add(file->out, SCAN_COMMENTED_TEST, line, symbol, "func");
    }
}

void go_comments(go_file *file)
{
    for (tree_node i = 1; i < file->tree->count; i++)
        if (tree_symbol(file->tree, i) == GO.comment)
            check_comment(file, i);
}
