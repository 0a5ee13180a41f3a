#include "gate/ci/call.h"

#include "base/text.h"
#include "base/yaml.h"

#include <ctype.h>
#include <string.h>

static const char PROGRAM[] = "unified_test_runner";

/** A word of a text, or what ends a command. */
typedef struct {
    char text[128]; /* cut: nothing longer is looked for */
    bool ends;      /* ";", "&&", "||", "|", "&", or the end of a line */
    int64_t line;
} word;

typedef UTR_VEC(word) words;

typedef struct {
    const char *at, *end;
    int64_t line;
    words *out;
} reading;

static void add(reading *r, const char *text, size_t len, bool ends)
{
    word *added = utr_vec_push(r->out);
    const size_t most = sizeof added->text - 1;
    (void)memcpy(added->text, text, len < most ? len : most);
    added->ends = ends;
    added->line = r->line;
}

/* Quotes, brackets and commas only part words: shell, YAML and JSON write calls in all of them. */
static bool parts(char c)
{
    return isspace((unsigned char)c) || (c && strchr("\"'[],()`{}", c));
}

static bool at_end_of_line(const reading *r)
{
    return *r->at == '\n';
}

/* A line that ends in a backslash goes on, and so does one before a line that begins with an option (a folded
 * text of YAML, a list of arguments). */
static bool goes_on(const reading *r)
{
    const char *at = r->at + 1;
    while (at < r->end && (*at == ' ' || *at == '\t' || (*at == '-' && at[1] == ' ')))
        at++;
    return r->end - at > 2 && at[0] == '-' && at[1] == '-' && isalpha((unsigned char)at[2]);
}

static void read_line_end(reading *r)
{
    if (!goes_on(r))
        add(r, "", 0, true);
    r->at++;
    r->line++;
}

static void read_separator(reading *r)
{
    const char c = *r->at;
    const size_t len = r->end - r->at > 1 && r->at[1] == c && c != ';' ? 2 : 1;
    add(r, r->at, len, true);
    r->at += len;
}

static void read_word(reading *r)
{
    const char *first = r->at;
    while (r->at < r->end && !parts(*r->at) && !strchr(";|&", *r->at))
        r->at++;
    add(r, first, (size_t)(r->at - first), false);
}

static void skip_comment(reading *r)
{
    while (r->at < r->end && *r->at != '\n')
        r->at++;
}

static bool begins_word(const reading *r, const char *text)
{
    return r->at == text || parts(r->at[-1]) || strchr(";|&", r->at[-1]);
}

static void read_words(const utr_buf *text, words *out)
{
    const char *start = utr_buf_text(text);
    reading r = {.at = start, .end = start + text->len, .line = 1, .out = out};
    while (r.at < r.end) {
        if (*r.at == '\\' && r.end - r.at > 1 && r.at[1] == '\n') {
            r.at += 2;
            r.line++;
        } else if (at_end_of_line(&r)) {
            read_line_end(&r);
        } else if ((*r.at == '#' && begins_word(&r, start)) ||
                   (r.end - r.at > 2 && strncmp(r.at, "// ", 3) == 0 && begins_word(&r, start))) {
            skip_comment(&r);
        } else if (parts(*r.at) || !*r.at) {
            r.at++;
        } else if (strchr(";|&", *r.at)) {
            read_separator(&r);
        } else {
            read_word(&r);
        }
    }
    add(&r, "", 0, true);
}

/* The program by its name, at whatever path: "./unified_test_runner". */
static bool is_program(const char *text)
{
    const size_t len = strlen(text), name = sizeof PROGRAM - 1;
    if (len < name || strcmp(text + len - name, PROGRAM) != 0)
        return false;
    return len == name || strchr("/@-$=:", text[len - name - 1]);
}

static bool is_command(const char *text)
{
    static const char *const COMMANDS[] = {"run",  "list",    "scan",     "restore",
                                           "gate", "explain", "services", "doctor"};
    for (size_t i = 0; i < sizeof COMMANDS / sizeof *COMMANDS; i++)
        if (strcmp(text, COMMANDS[i]) == 0)
            return true;
    return false;
}

static bool succeeds_always(const word *w)
{
    return strcmp(w[0].text, "true") == 0 || strcmp(w[0].text, ":") == 0 ||
           strcmp(w[0].text, "/bin/true") == 0 || strcmp(w[0].text, "echo") == 0 ||
           (strcmp(w[0].text, "exit") == 0 && strcmp(w[1].text, "0") == 0);
}

/* What stands behind a call: `|| true`, `; true`, `|| echo failed`. The list ends with an end, so that two
 * words follow any separator that another word follows. */
static bool is_ignored(const words *all, size_t end)
{
    if (end + 2 >= all->count)
        return false;
    const word *after = &all->items[end];
    const bool or = strcmp(after->text, "||") == 0, then = strcmp(after->text, ";") == 0;
    return (or || (then && strcmp(after[1].text, "echo") != 0)) && succeeds_always(&after[1]);
}

typedef struct {
    gate_call call;
    utr_strs categories;
} parsed;

/* The value of "--name VALUE" or "--name=VALUE" at index; NULL: it is another option. */
static const char *value_of(const words *all, size_t index, const char *name)
{
    const char *text = all->items[index].text;
    const size_t len = strlen(name);
    if (strncmp(text, name, len) != 0)
        return NULL;
    if (text[len] == '=')
        return text + len + 1;
    return !text[len] && index + 1 < all->count && !all->items[index + 1].ends ? all->items[index + 1].text
                                                                               : NULL;
}

static void read_option(const words *all, size_t index, parsed *out)
{
    const char *text = all->items[index].text;
    const char *category = value_of(all, index, "--category");
    const char *isolation = value_of(all, index, "--isolation");
    if (category)
        utr_strs_add(&out->categories, category);
    if (strcmp(text, "--categories") == 0)
        for (size_t i = index + 1; !all->items[i].ends && all->items[i].text[0] != '-'; i++)
            utr_strs_add(&out->categories, all->items[i].text);
    out->call.real |= strcmp(text, "--real-services") == 0;
    out->call.part |= value_of(all, index, "--pattern") != NULL;
    out->call.open |= isolation && strcmp(isolation, "open") == 0;
}

static void give(const parsed *one, const char *category, gate_calls *out)
{
    gate_call *call = utr_vec_push(out);
    *call = one->call;
    call->command = utr_strdup(one->call.command);
    call->category = utr_strdup(category);
}

/* Reads one call, whose program stands at index. */
static void read_call(const words *all, size_t index, gate_calls *out)
{
    parsed one = {.call = {.command = "run", .line = all->items[index].line}};
    size_t i = index + 1;
    one.call.ignored = all->items[index].text[0] == '-'; /* of make */
    if (!all->items[i].ends && is_command(all->items[i].text))
        one.call.command = all->items[i++].text;
    for (; !all->items[i].ends; i++)
        read_option(all, i, &one);
    one.call.ignored |= is_ignored(all, i);
    const bool runs = strcmp(one.call.command, "run") == 0;
    for (size_t k = 0; runs && k < one.categories.count; k++)
        give(&one, one.categories.items[k], out);
    if (!runs || !one.categories.count)
        give(&one, "*", out);
    utr_strs_dispose(&one.categories);
}

/* A text of a YAML file, and whether the steps around it let its failure pass. */
typedef struct {
    int64_t line;
    bool ignored;
} passage;

typedef UTR_VEC(passage) passages;

static bool lets_pass(const utr_yaml *map)
{
    static const struct {
        const char *key, *value; /* NULL: any mapping, too */
    } WAYS[] = {
        {"continue-on-error", "true"},
        {"continueOnError", "true"},
        {"allow_failure", "true"},
        {"allow_failure", NULL},
        {"if", "false"},
        {"if", "${{ false }}"},
        {"when", "never"},
        {"when", "manual"},
        {"enabled", "false"},
        {"condition", "false"},
        {"failure", "ignore"},
        {"soft_fail", "true"},
    };
    for (size_t i = 0; map->kind == UTR_YAML_MAPPING && i < sizeof WAYS / sizeof *WAYS; i++) {
        const utr_yaml *value = utr_yaml_get(map, WAYS[i].key);
        if (value &&
            (WAYS[i].value ? value->kind == UTR_YAML_SCALAR && strcmp(value->text, WAYS[i].value) == 0
                           : value->kind == UTR_YAML_MAPPING))
            return true;
    }
    return false;
}

/* The reader bounds depth at 64. */
static void collect(const utr_yaml *node, bool ignored, passages *out) // NOLINT(misc-no-recursion)
{
    ignored |= lets_pass(node);
    if (node->kind == UTR_YAML_SCALAR && strstr(node->text, PROGRAM))
        *utr_vec_push(out) = (passage){node->place.line, ignored};
    for (size_t i = 0; node->kind == UTR_YAML_SEQUENCE && i < node->count; i++)
        collect(node->items[i], ignored, out);
    for (size_t i = 0; node->kind == UTR_YAML_MAPPING && i < node->count; i++)
        collect(node->pairs[i].value, ignored, out);
}

static void apply(const passages *list, gate_call *call)
{
    const passage *nearest = NULL;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].line <= call->line && (!nearest || list->items[i].line >= nearest->line))
            nearest = &list->items[i];
    call->ignored |= nearest && nearest->ignored;
}

static void read_yaml(const char *path, const utr_buf *text, gate_calls *out)
{
    auto_faults utr_faults faults = {0}; /* what YAML does not read has its words alone */
    auto_yaml utr_yaml_doc *doc = NULL;
    passages list = {0};
    if (utr_yaml_parse(path, utr_buf_text(text), text->len, &doc, &faults) == UTR_OK)
        collect(utr_yaml_root(doc), false, &list);
    for (size_t i = 0; i < out->count; i++)
        apply(&list, &out->items[i]);
    utr_vec_dispose(&list);
}

void gate_calls_read(const char *path, const utr_buf *text, gate_calls *out)
{
    words all = {0};
    if (!strstr(utr_buf_text(text), PROGRAM))
        return;
    read_words(text, &all);
    for (size_t i = 0; i < all.count; i++)
        if (!all.items[i].ends && is_program(all.items[i].text))
            read_call(&all, i, out);
    utr_vec_dispose(&all);
    if (out->count && (utr_text_ends(path, ".yml") || utr_text_ends(path, ".yaml")))
        read_yaml(path, text, out);
}

void gate_calls_dispose(gate_calls *calls)
{
    for (size_t i = 0; i < calls->count; i++) {
        free(calls->items[i].command);
        free(calls->items[i].category);
    }
    utr_vec_dispose(calls);
}
