/* Tests of C that became comments, or that `#if 0` leaves out. Told by lines: the grammar has no place for
 * either in the list where tests are registered. */
#include "scan/c/c.h"

#include "scan/sorted.h"

#include <ctype.h>
#include <string.h>

static const char *const REGISTRATIONS[] = {
    "cmocka_unit_test",
    "cmocka_unit_test_prestate",
    "cmocka_unit_test_prestate_setup_teardown",
    "cmocka_unit_test_setup",
    "cmocka_unit_test_setup_teardown",
    "cmocka_unit_test_teardown",
    "RUN_TEST",
    "tcase_add_loop_test",
    "tcase_add_test",
    "tcase_add_test_raise_signal",
    "unit_test",
    "unit_test_setup_teardown",
    NULL,
};

bool c_is_registration(tree_text word)
{
    return tree_text_is_one_of(word, REGISTRATIONS);
}

static bool is_name_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static size_t skip_blanks(tree_text line, size_t at)
{
    while (at < line.len && isblank((unsigned char)line.data[at]))
        at++;
    return at;
}

/* The name at `at`; *io_at goes behind it and the blanks after it. */
static tree_text name_at(tree_text line, size_t *io_at)
{
    size_t begin = *io_at, end = begin;
    while (end < line.len && is_name_byte(line.data[end]))
        end++;
    *io_at = skip_blanks(line, end);
    return (tree_text){line.data + begin, end - begin};
}

static bool byte_is(tree_text line, size_t at, char c)
{
    return at < line.len && line.data[at] == c;
}

/* `cmocka_unit_test(NAME`, `tcase_add_test(tc, NAME`: the last name of the arguments that begins as one. */
static tree_text registered_at(tree_text line, size_t at)
{
    tree_text word = name_at(line, &at);
    if (!c_is_registration(word) || !byte_is(line, at, '('))
        return (tree_text){"", 0};
    at = skip_blanks(line, at + 1);
    tree_text name = name_at(line, &at);
    if (tree_text_starts(word, "tcase") && byte_is(line, at, ',')) {
        at = skip_blanks(line, at + 1);
        name = name_at(line, &at);
    }
    return name;
}

/* `static void test_x(void **state` */
static tree_text defined_at(tree_text line, size_t at)
{
    tree_text word = name_at(line, &at);
    if (tree_text_is(word, "static"))
        word = name_at(line, &at);
    if (!tree_text_is(word, "void"))
        return (tree_text){"", 0};
    tree_text name = name_at(line, &at);
    bool is_test = name.len > 5 && tree_text_starts(name, "test_") && byte_is(line, at, '(');
    return is_test && memmem(line.data + at, line.len - at, "void **", 7) ? name : (tree_text){"", 0};
}

tree_text c_test_in_line(tree_text line, const char **out_word)
{
    size_t at = 0;
    while (at < line.len &&
           (isblank((unsigned char)line.data[at]) || line.data[at] == '/' || line.data[at] == '*'))
        at++;
    tree_text name = registered_at(line, at);
    *out_word = name.len ? "registration" : "definition";
    return name.len ? name : defined_at(line, at);
}

/* Tell of the test that each line of a spot holds. */
static void tell_of_lines(c_file *file, scan_kind kind, scan_spot spot, const char *prefix)
{
    for (scan_spot line; scan_next_line(file->tree->text, &spot, &line);) {
        const char *word = NULL;
        tree_text name =
            c_test_in_line((tree_text){file->tree->text + line.start, line.end - line.start}, &word);
        auto_free char *symbol = utr_strndup(name.data, name.len);
        if (name.len)
            scan_add(file->out, kind, line, symbol, "%s%s", prefix, word);
    }
}

void c_comments(c_file *file)
{
    for (tree_node i = 1; i < file->tree->count; i++)
        if (tree_symbol(file->tree, i) == C.comment && !c_is_dead(file, file->tree->nodes[i].start))
            tell_of_lines(file, SCAN_COMMENTED_TEST, scan_spot_of(file->tree, i), "");
}

/* --- #if 0 --- */

bool c_is_dead(const c_file *file, uint32_t at)
{
    size_t count = sorted_up_to(file->dead.items, file->dead.count, sizeof *file->dead.items, at);
    return count && at < file->dead.items[count - 1].end;
}

/* The directive of a line ("if", "endif"), or empty; *out_rest is what follows it. */
static tree_text directive_of(tree_text line, tree_text *out_rest)
{
    size_t at = skip_blanks(line, 0);
    if (!byte_is(line, at, '#'))
        return (tree_text){"", 0};
    at = skip_blanks(line, at + 1);
    tree_text word = name_at(line, &at);
    *out_rest = (tree_text){line.data + at, line.len - at};
    return word;
}

static bool is_never(tree_text condition)
{
    size_t at = 0;
    tree_text word = name_at(condition, &at);
    return (tree_text_is(word, "0") || tree_text_is(word, "false")) &&
           (at == condition.len || condition.data[at] == '/' || condition.data[at] == '\r');
}

/* Where the walk over the lines stands. */
typedef struct {
    size_t depth;   /* of conditions within the dead part; 0: not in one */
    scan_spot spot; /* of the dead part */
} dead_walk;

static void leave(c_file *file, dead_walk *walk, uint32_t end)
{
    walk->depth = 0;
    walk->spot.end = end;
    *utr_vec_push(&file->dead) = (c_dead){walk->spot.start, end};
    tell_of_lines(file, SCAN_UNCOLLECTED_TEST, walk->spot, "if-0/");
}

static void step(c_file *file, dead_walk *walk, scan_spot line)
{
    tree_text rest = {"", 0};
    tree_text word = directive_of((tree_text){file->tree->text + line.start, line.end - line.start}, &rest);
    bool opens = tree_text_starts(word, "if");
    if (!walk->depth) {
        if (tree_text_is(word, "if") && is_never(rest))
            *walk = (dead_walk){1, {line.end, line.end, line.line}};
    } else if (opens) {
        walk->depth++;
    } else if (tree_text_is(word, "endif") && walk->depth > 1) {
        walk->depth--;
    } else if (walk->depth == 1 && (tree_text_starts(word, "el") || tree_text_is(word, "endif"))) {
        leave(file, walk, line.start);
    }
}

void c_dead_read(c_file *file)
{
    const char *text = file->tree->text;
    scan_spot rest = {0, (uint32_t)file->tree->len, 1}, line;
    dead_walk walk = {0};
    if (!memchr(text, '#', rest.end))
        return;
    while (scan_next_line(text, &rest, &line))
        step(file, &walk, line);
    if (walk.depth)
        leave(file, &walk, rest.end);
}
