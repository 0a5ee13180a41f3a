/* Tests that Go skips, or does not compile. */
#include "scan/go/go.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>

/* Whether what stands below n, on the way up from `from`, may not be reached. */
static bool is_condition(const tree *t, tree_node n, tree_node from)
{
    TSSymbol symbol = tree_symbol(t, n);
    if (symbol == GO.if_statement) {
        tree_node condition = tree_child(t, n, GO.in.condition);
        bool always = condition && tree_is(t, condition, "true") && t->nodes[from].field == GO.in.consequence;
        return !always;
    }
    return symbol == GO.for_statement || symbol == GO.expression_case || symbol == GO.type_case ||
           symbol == GO.default_case || symbol == GO.communication_case;
}

static bool is_function(const tree *t, tree_node n)
{
    TSSymbol symbol = tree_symbol(t, n);
    return symbol == GO.func_literal || symbol == GO.function_declaration || symbol == GO.method_declaration;
}

static bool is_conditional(const tree *t, tree_node call)
{
    tree_node from = call, n = t->nodes[call].parent;
    for (int i = 0; i < SCAN_MOST_AROUND && n && !is_function(t, n); i++) {
        if (is_condition(t, n, from))
            return true;
        from = n;
        n = t->nodes[n].parent;
    }
    return false;
}

static bool is_skip(tree_text name)
{
    return tree_text_is(name, "Skip") || tree_text_is(name, "Skipf") || tree_text_is(name, "SkipNow");
}

static void add_skip(go_file *file, tree_node call)
{
    const tree *t = file->tree;
    tree_text name = go_called_name(t, call);
    go_function *function = go_function_at(file, call);
    bool conditional = is_conditional(t, call);
    scan_add(file->out, SCAN_SKIP, scan_spot_of(t, call), function ? function->name : NULL, "call/t.%.*s/%s",
             (int)name.len, name.data, conditional ? "cond" : "uncond")
        ->conditional = conditional;
}

/* --- build constraints --- */

/* What a constraint may name without switching tests off: where and how it is built. */
static const char *const PLATFORMS[] = {
    "386",     "aix",       "amd64",   "android", "arm",      "arm64",   "asan",    "cgo",
    "darwin",  "dragonfly", "freebsd", "gc",      "gccgo",    "illumos", "ios",     "js",
    "linux",   "loong64",   "mips",    "mips64",  "mips64le", "mipsle",  "msan",    "netbsd",
    "openbsd", "plan9",     "ppc64",   "ppc64le", "purego",   "race",    "riscv64", "s390x",
    "solaris", "unix",      "wasip1",  "wasm",    "windows",  "zos",     NULL,
};

static bool is_platform(tree_text word)
{
    return tree_text_starts(word, "go1.") || tree_text_is_one_of(word, PLATFORMS);
}

static bool is_tag_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.';
}

/* Whether the expression asks for a tag of the project's own. */
static bool asks_for_tag(tree_text expression)
{
    for (size_t i = 0; i < expression.len;) {
        size_t begin = i;
        while (i < expression.len && is_tag_byte(expression.data[i]))
            i++;
        tree_text word = {expression.data + begin, i - begin};
        bool negated = begin && expression.data[begin - 1] == '!';
        if (word.len && !negated && !is_platform(word))
            return true;
        i += !word.len;
    }
    return false;
}

/* @return whether it is a constraint */
static bool check_constraint(go_file *file, tree_node comment)
{
    const char *const marks[] = {"//go:build ", "// +build ", "//+build "};
    tree_text text = tree_text_of(file->tree, comment);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t len = strlen(marks[i]);
        if (!tree_text_starts(text, marks[i]))
            continue;
        tree_text expression = {text.data + len, text.len - len};
        bool never = tree_text_is(expression, "ignore");
        if (asks_for_tag(expression))
            scan_add(file->out, SCAN_SKIP, scan_spot_of(file->tree, comment), NULL, "build/%.*s/%s",
                     (int)expression.len, expression.data, never ? "uncond" : "cond")
                ->conditional = !never;
        return true;
    }
    return false;
}

static bool has_tests(const go_file *file)
{
    for (size_t i = 0; i < file->functions.count; i++)
        if (file->functions.items[i].is_test)
            return true;
    return false;
}

/* They stand in front of the package clause; a second one says the same in older words. */
static void check_constraints(go_file *file)
{
    const tree *t = file->tree;
    for (tree_node i = tree_first(t, 0); i && tree_symbol(t, i) != GO.package_clause; i = tree_next(t, i))
        if (tree_symbol(t, i) == GO.comment && check_constraint(file, i))
            return;
}

void go_skips(go_file *file)
{
    const tree *t = file->tree;
    if (has_tests(file))
        check_constraints(file);
    for (tree_node i = 1; i < t->count; i++)
        if (tree_symbol(t, i) == GO.call_expression && is_skip(go_called_name(t, i)) &&
            go_is_testing(t, go_called_on(t, i)))
            add_skip(file, i);
}
