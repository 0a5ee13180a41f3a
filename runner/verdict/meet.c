#include "verdict/meet.h"

#include "base/text.h"
#include "verdict/model.h"

#include <ctype.h>
#include <string.h>

/* Where a test stands, as its name says. */
typedef struct {
    char *file;   /* NULL: it says none */
    char *symbol; /* as the scan writes it */
} place;

static bool is_name_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* "tests/test_a.py::TestB::test_c[1]" is TestB.test_c of tests/test_a.py. */
static place split_python(const char *id)
{
    const char *colons = strstr(id, "::");
    if (!colons)
        return (place){NULL, utr_strdup(id)};
    place where = {utr_strndup(id, (size_t)(colons - id)), utr_strdup(colons + 2)};
    char *to = where.symbol;
    for (const char *from = to; is_name_byte(*from) || *from == ':'; from++) {
        if (*from == ':' && from[1] == ':')
            from++;
        *to++ = *from;
        if (*from == ':')
            to[-1] = '.';
    }
    *to = '\0';
    return where;
}

/* "[project] a.test.js > group > title" is "group > title" of a.test.js. */
static place split_node(const char *id)
{
    const char *end_of_project = *id == '[' ? strstr(id, "] ") : NULL;
    const char *file = end_of_project ? end_of_project + 2 : id;
    const char *arrow = strstr(file, " > ");
    if (!arrow)
        return (place){NULL, utr_strdup(id)};
    return (place){utr_strndup(file, (size_t)(arrow - file)), utr_strdup(arrow + 3)};
}

/* "example.com/carts.TestA/sub" is TestA. */
static place split_go(const char *id)
{
    const char *test = strstr(id, ".Test");
    const char *fuzz = strstr(id, ".Fuzz");
    const char *dot = test && (!fuzz || test < fuzz) ? test : fuzz;
    const char *name = dot ? dot + 1 : id;
    return (place){NULL, utr_strndup(name, strcspn(name, "/"))};
}

/* "group.test_a" is test_a. */
static place split_other(const char *id)
{
    size_t end = strlen(id), begin = end;
    while (begin && is_name_byte(id[begin - 1]))
        begin--;
    return (place){NULL, utr_strndup(id + begin, end - begin)};
}

static place split(const char *format, const char *id)
{
    static const struct {
        const char *format;
        place (*split)(const char *id);
    } WAYS[] = {{"go", split_go}, {"node", split_node}, {"pytest", split_python}};
    for (size_t i = 0; i < sizeof WAYS / sizeof *WAYS; i++)
        if (model_same(format, WAYS[i].format))
            return WAYS[i].split(id);
    return split_other(id);
}

/* --- what belongs together --- */

/* Whether one path ends with the other: they are relative to different folders. */
static bool same_file(const char *told, const char *scanned)
{
    if (!told || !scanned)
        return true;
    size_t a = strlen(told), b = strlen(scanned);
    const char *longer = a > b ? told : scanned, *shorter = a > b ? scanned : told;
    size_t more = a > b ? a - b : b - a;
    return strcmp(longer + more, shorter) == 0 && (!more || longer[more - 1] == '/');
}

/* A title with values in it, "adds %i" or `adds ${x}`, as a glob. The caller frees it. */
static char *title_glob(const char *title)
{
    char *glob = utr_calloc(strlen(title) + 2, 1), *to = glob;
    for (const char *c = title; *c; c++) {
        bool is_value = (*c == '%' || *c == '$') && c[1];
        if (is_value && c[1] == '{')
            c += strcspn(c, "}") - !strchr(c, '}');
        else if (is_value)
            c += 1 + strspn(c + 2, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") *
                         (*c == '$');
        *to = *c;
        if (is_value || strchr("[]?\\*", *c))
            *to = is_value ? '*' : '?';
        to++;
    }
    return glob;
}

static bool same_title(const char *told, const char *written)
{
    if (strcmp(told, written) == 0)
        return true;
    if (!strpbrk(written, "%$"))
        return false;
    auto_free char *glob = title_glob(written);
    return utr_text_glob(glob, told);
}

/* Whether a symbol is the test or what it stands in. */
static bool holds(const char *symbol, const char *test)
{
    size_t len = strlen(symbol);
    bool around = strncmp(symbol, test, len) == 0 && (test[len] == '.' || strncmp(test + len, " > ", 3) == 0);
    return around || same_title(test, symbol);
}

/* Imports are told of files without tests, too: a function of one that is called like a test is none. */
static bool may_be_a_test(const verdict_suite *suite, const journal_fact *finding)
{
    bool found = strcmp(finding->rule, "dynamic-import") != 0;
    for (size_t i = 0; i < suite->sources.count && !found; i++)
        found = strcmp(suite->sources.items[i]->file, finding->file) == 0;
    return found;
}

/* What a module imports or does concerns all of its tests, what a function does that one. */
static bool concerns(const verdict_suite *suite, const journal_fact *finding, const place *where)
{
    if (!same_file(where->file, finding->file))
        return false;
    if (!finding->test)
        return where->file != NULL;
    return holds(finding->test, where->symbol) && (where->file || may_be_a_test(suite, finding));
}

/* What a conftest.py does is done to every test of its folder and below. */
static bool reaches(const journal_fact *finding, const verdict_test *test)
{
    static const char NAME[] = "conftest.py";
    if (!test->source || !utr_text_ends(finding->file, NAME))
        return false;
    size_t folder = strlen(finding->file) - (sizeof NAME - 1);
    return !folder ||
           (finding->file[folder - 1] == '/' && strncmp(test->source->file, finding->file, folder) == 0);
}

static void find_findings(const verdict_suite *suite, const place *where, verdict_test *test)
{
    for (size_t i = 0; i < suite->findings.count; i++)
        if (concerns(suite, suite->findings.items[i], where) || reaches(suite->findings.items[i], test))
            *utr_vec_push(&test->findings) = suite->findings.items[i];
}

/* --- sources, by symbol --- */

static int by_symbol(const void *a, const void *b)
{
    const journal_fact *const *x = a, *const *y = b;
    return strcmp((*x)->test, (*y)->test);
}

/* The first source at or behind a symbol. */
static size_t first_at(const verdict_facts *sources, const char *symbol)
{
    size_t low = 0, high = sources->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(sources->items[middle]->test, symbol) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A method that a class of the file has from another one there: the only method of that name. */
static const journal_fact *find_inherited(const verdict_suite *suite, const place *where)
{
    const char *method = where->file ? strrchr(where->symbol, '.') : NULL;
    const journal_fact *found = NULL;
    for (size_t i = 0; method && i < suite->sources.count; i++) {
        const journal_fact *one = suite->sources.items[i];
        if (!utr_text_ends(one->test, method) || !same_file(where->file, one->file))
            continue;
        if (found)
            return NULL;
        found = one;
    }
    return found;
}

static const journal_fact *find_source(const verdict_suite *suite, const verdict_facts *with_values,
                                       const place *where)
{
    const verdict_facts *all = &suite->sources;
    for (size_t i = first_at(all, where->symbol); i < all->count; i++) {
        if (strcmp(all->items[i]->test, where->symbol) != 0)
            break;
        if (same_file(where->file, all->items[i]->file))
            return all->items[i];
    }
    for (size_t i = 0; i < with_values->count; i++) {
        const journal_fact *one = with_values->items[i];
        if (same_file(where->file, one->file) && same_title(where->symbol, one->test))
            return one;
    }
    return find_inherited(suite, where);
}

/* Sort the sources; those whose titles hold values are looked at one by one. */
static void index_sources(verdict_suite *suite, verdict_facts *with_values)
{
    if (suite->sources.count)
        qsort(suite->sources.items, suite->sources.count, sizeof(void *), by_symbol);
    for (size_t i = 0; i < suite->sources.count; i++)
        if (strpbrk(suite->sources.items[i]->test, "%$"))
            *utr_vec_push(with_values) = suite->sources.items[i];
}

void meet_settle(verdict_suite *suite)
{
    verdict_facts with_values = {0};
    index_sources(suite, &with_values);
    for (size_t i = 0; i < suite->tests.count; i++) {
        verdict_test *test = &suite->tests.items[i];
        place where = split(suite->plan->format, test->finish->test);
        test->source = find_source(suite, &with_values, &where);
        find_findings(suite, &where, test);
        free(where.file);
        free(where.symbol);
    }
    utr_vec_dispose(&with_values);
}
