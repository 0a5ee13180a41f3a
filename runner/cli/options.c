#include "cli/options.h"

#include "base/text.h"
#include "manifest/manifest.h"

#include <string.h>

static utr_code want(utr_error *err, const char *option, const char *value, const char *right)
{
    return utr_fail(err, UTR_USAGE, "%s '%s': %s", option, value, right);
}

static utr_code parse_category(cli_options *out, const char *value, utr_error *err)
{
    (void)err;
    if (!utr_strs_has(&out->request.categories, value))
        utr_strs_add(&out->request.categories, value);
    return UTR_OK;
}

static utr_code parse_real_services(cli_options *out, const char *value, utr_error *err)
{
    (void)value, (void)err;
    out->request.real_services = true;
    return UTR_OK;
}

static utr_code parse_fast_fail(cli_options *out, const char *value, utr_error *err)
{
    (void)value, (void)err;
    out->request.fast_fail = true;
    return UTR_OK;
}

static utr_code parse_keep_services(cli_options *out, const char *value, utr_error *err)
{
    (void)value, (void)err;
    out->request.keep_services = true;
    return UTR_OK;
}

/* The profiles of a manifest without `default`, which is none that one asks for. */
static utr_code parse_env(cli_options *out, const char *value, utr_error *err)
{
    for (const char *const *profile = manifest_profiles(); *profile; profile++) {
        if (strcmp(*profile, value) == 0 && strcmp(value, "default") != 0) {
            out->request.environment = value;
            return UTR_OK;
        }
    }
    return want(err, "--env", value, "give test, development, staging or production");
}

static utr_code parse_workers(cli_options *out, const char *value, utr_error *err)
{
    int64_t workers = 0;
    if (!utr_text_int(value, 1, 64, &workers))
        return want(err, "--workers", value, "give a number from 1 to 64");
    out->request.workers = (int)workers;
    return UTR_OK;
}

static utr_code parse_isolation(cli_options *out, const char *value, utr_error *err)
{
    bool sealed = strcmp(value, "sealed") == 0;
    if (!sealed && strcmp(value, "open") != 0)
        return want(err, "--isolation", value, "give sealed or open");
    out->request.isolation = sealed ? RUN_SEALED : RUN_OPEN;
    return UTR_OK;
}

static utr_code parse_pattern(cli_options *out, const char *value, utr_error *err)
{
    if (!*value)
        return want(err, "--pattern", value, "give a glob such as '*login*'");
    out->request.pattern = value;
    return UTR_OK;
}

static utr_code parse_mode(cli_options *out, const char *value, utr_error *err)
{
    static const struct {
        const char *word;
        report_mode mode;
    } MODES[] = {{"simple", REPORT_SIMPLE}, {"rich", REPORT_RICH}, {"json", REPORT_JSON}};
    for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++) {
        if (strcmp(MODES[i].word, value) == 0) {
            out->request.mode = MODES[i].mode;
            return UTR_OK;
        }
    }
    return want(err, "--progress-mode", value, "give simple, rich or json");
}

static utr_code parse_pull(cli_options *out, const char *value, utr_error *err)
{
    static const struct {
        const char *word;
        services_pull pull;
    } POLICIES[] = {
        {"always", SERVICES_PULL_ALWAYS}, {"never", SERVICES_PULL_NEVER}, {"missing", SERVICES_PULL_MISSING}};
    for (size_t i = 0; i < sizeof POLICIES / sizeof *POLICIES; i++) {
        if (strcmp(POLICIES[i].word, value) == 0) {
            out->request.pull = POLICIES[i].pull;
            return UTR_OK;
        }
    }
    return want(err, "--docker-pull-policy", value, "give always, never or missing");
}

static utr_code parse_root(cli_options *out, const char *value, utr_error *err)
{
    (void)err;
    out->request.root = value;
    return UTR_OK;
}

static utr_code parse_json_path(cli_options *out, const char *value, utr_error *err)
{
    (void)err;
    out->request.json_path = value;
    return UTR_OK;
}

static utr_code parse_junit_path(cli_options *out, const char *value, utr_error *err)
{
    (void)err;
    out->request.junit_path = value;
    return UTR_OK;
}

static utr_code parse_run_dir(cli_options *out, const char *value, utr_error *err)
{
    (void)err;
    out->request.run_dir = value;
    return UTR_OK;
}

static utr_code parse_run_id(cli_options *out, const char *value, utr_error *err)
{
    (void)err;
    out->run_id = value;
    return UTR_OK;
}

static utr_code parse_list_categories(cli_options *out, const char *value, utr_error *err)
{
    (void)value, (void)err;
    out->list_categories = true;
    return UTR_OK;
}

static utr_code parse_json(cli_options *out, const char *value, utr_error *err)
{
    (void)value, (void)err;
    out->json = true;
    return UTR_OK;
}

static utr_code parse_help(cli_options *out, const char *value, utr_error *err)
{
    (void)value, (void)err;
    out->help = true;
    return UTR_OK;
}

static utr_code parse_follow(cli_options *out, const char *value, utr_error *err)
{
    (void)value, (void)err;
    out->follow = true;
    return UTR_OK;
}

static utr_code parse_tail(cli_options *out, const char *value, utr_error *err)
{
    int64_t lines = -1;
    if (strcmp(value, "all") != 0 && !utr_text_int(value, 0, INT32_MAX, &lines))
        return want(err, "--tail", value, "give a number of lines, or all");
    out->tail = (int)lines;
    return UTR_OK;
}

static utr_code parse_blame(cli_options *out, const char *value, utr_error *err)
{
    (void)value, (void)err;
    out->blame = true;
    return UTR_OK;
}

static utr_code parse_write(cli_options *out, const char *value, utr_error *err)
{
    (void)value, (void)err;
    out->write = true;
    return UTR_OK;
}

static utr_code parse_force(cli_options *out, const char *value, utr_error *err)
{
    (void)value, (void)err;
    out->force = true;
    return UTR_OK;
}

static utr_code parse_base(cli_options *out, const char *value, utr_error *err)
{
    if (!*value)
        return want(err, "--base", value, "give a branch, tag or commit such as main");
    out->base = value;
    return UTR_OK;
}

static utr_code parse_format(cli_options *out, const char *value, utr_error *err)
{
    const char *const *words = findings_formats();
    size_t count = 0;
    for (; words[count]; count++) {
        if (strcmp(words[count], value) == 0) {
            out->format = (findings_format)count;
            return UTR_OK;
        }
    }
    const char *nearest = utr_text_nearest(value, words, count);
    if (nearest)
        return utr_fail(err, UTR_USAGE, "--format '%s': did you mean %s?", value, nearest);
    return want(err, "--format", value, "give text, tsv, json, github or sarif");
}

#define OPTION_CATEGORY                                                                                      \
    {                                                                                                        \
        "category", "NAME", false, "run this category (may be given again; default: all)", parse_category    \
    }
#define OPTION_CATEGORIES                                                                                    \
    {                                                                                                        \
        "categories", "NAME...", true, "run these categories", parse_category                                \
    }
#define OPTION_ROOT                                                                                          \
    {                                                                                                        \
        "root", "DIR", false, "the project: categories/ lies in it (default: this folder)", parse_root       \
    }
#define OPTION_FORMAT                                                                                        \
    {                                                                                                        \
        "format", "FORMAT", false, "text, tsv, json, github or sarif (default: text)", parse_format          \
    }
#define OPTION_ENV                                                                                           \
    {                                                                                                        \
        "env", "NAME", false, "readiness profile: test, development, staging or production (default: test)", \
            parse_env                                                                                        \
    }
#define OPTION_PULL                                                                                          \
    {                                                                                                        \
        "docker-pull-policy", "WHEN", false, "pull images: always, never or missing (default: missing)",     \
            parse_pull                                                                                       \
    }
#define OPTION_HELP                                                                                          \
    {                                                                                                        \
        "help", NULL, false, "print this help", parse_help                                                   \
    }

const cli_option CLI_RUN_OPTIONS[] = {
    OPTION_CATEGORY,
    OPTION_CATEGORIES,
    {"real-services", NULL, false, "bring the services up and hold the tests to proof", parse_real_services},
    {"pattern", "GLOB", false, "run only the tests (or whole suites) that fit", parse_pattern},
    {"workers", "N", false, "suite processes that run at once (default: 1)", parse_workers},
    {"isolation", "HOW", false, "sealed: suites see only their services; open (default: as manifests say)",
     parse_isolation},
    {"fast-fail", NULL, false, "stop at the first failure", parse_fast_fail},
    OPTION_ENV,
    OPTION_PULL,
    {"keep-services", NULL, false, "leave the services up at the end", parse_keep_services},
    {"progress-mode", "MODE", false, "simple, rich or json (default: what the output can show)", parse_mode},
    {"json", "FILE", false, "write the report as JSON, too", parse_json_path},
    {"junit", "FILE", false, "write the report as JUnit XML, too", parse_junit_path},
    {"run-dir", "DIR", false, "keep the run's record there (default: ROOT/.utr/runs/ID)", parse_run_dir},
    OPTION_ROOT,
    {"list-categories", NULL, false, "the same as the command `list`", parse_list_categories},
    OPTION_HELP,
    {NULL, NULL, false, NULL, NULL},
};

const cli_option CLI_SCAN_OPTIONS[] = {
    OPTION_FORMAT,
    {"blame", NULL, false, "tell who wrote each line, and when (text and json; asks git)", parse_blame},
    OPTION_ROOT,
    OPTION_HELP,
    {NULL, NULL, false, NULL, NULL},
};

const cli_option CLI_GATE_OPTIONS[] = {
    {"base", "REF", false, "the branch, tag or commit that it is to be merged into", parse_base},
    OPTION_FORMAT,
    OPTION_ROOT,
    OPTION_HELP,
    {NULL, NULL, false, NULL, NULL},
};

const cli_option CLI_RESTORE_OPTIONS[] = {
    {"write", NULL, false, "change the files, those that are as they were committed", parse_write},
    {"force", NULL, false, "with --write: those that are not, too", parse_force},
    OPTION_ROOT,
    OPTION_HELP,
    {NULL, NULL, false, NULL, NULL},
};

const cli_option CLI_EXPLAIN_OPTIONS[] = {
    {"run", "ID", false, "that run (default: the last)", parse_run_id},
    {"json", NULL, false, "print JSON", parse_json},
    OPTION_ROOT,
    OPTION_HELP,
    {NULL, NULL, false, NULL, NULL},
};

const cli_option CLI_LIST_OPTIONS[] = {
    {"json", NULL, false, "print JSON", parse_json},
    OPTION_ROOT,
    OPTION_HELP,
    {NULL, NULL, false, NULL, NULL},
};

const cli_option CLI_SERVICES_OPTIONS[] = {
    OPTION_CATEGORY,
    OPTION_ROOT,
    OPTION_ENV,
    OPTION_PULL,
    {"json", NULL, false, "status: print JSON", parse_json},
    {"follow", NULL, false, "logs: go on as they come", parse_follow},
    {"tail", "N", false, "logs: only the last lines (default: all)", parse_tail},
    OPTION_HELP,
    {NULL, NULL, false, NULL, NULL},
};

void cli_options_init(cli_options *options)
{
    *options = (cli_options){
        .request = {.root = ".", .environment = "test", .workers = 1, .pull = SERVICES_PULL_MISSING},
        .tail = -1,
    };
    options->request.mode = report_mode_for(stdout);
}

void cli_options_dispose(cli_options *options)
{
    utr_strs_dispose(&options->request.categories);
    utr_strs_dispose(&options->arguments);
}

/* A command line on its way through the table. */
typedef struct {
    const cli_option *table;
    int argc;
    char **argv;
    int index;
    cli_options *out;
    utr_strs *faults;
} parsing;

static const cli_option *find(const cli_option *table, const char *argument)
{
    if (!utr_text_starts(argument, "--"))
        return NULL;
    size_t len = strcspn(argument + 2, "=");
    for (; table->name; table++) {
        if (strlen(table->name) == len && strncmp(table->name, argument + 2, len) == 0)
            return table;
    }
    return NULL;
}

static void unknown(const parsing *p, const char *argument)
{
    auto_strs utr_strs names = {0};
    for (const cli_option *option = p->table; option->name; option++)
        utr_strs_give(&names, utr_format("--%s", option->name));
    auto_free char *word = utr_strndup(argument, strcspn(argument, "="));
    const char *nearest = utr_text_nearest(word, (const char *const *)names.items, names.count);
    if (nearest)
        utr_strs_give(p->faults, utr_format("unknown option %s; did you mean %s?", word, nearest));
    else
        utr_strs_give(p->faults, utr_format("unknown option %s; see --help", word));
}

static void apply(const parsing *p, const cli_option *option, const char *value)
{
    utr_error one = {0};
    if (option->parse(p->out, value, &one))
        utr_strs_add(p->faults, one.text);
}

static bool is_option(const char *argument)
{
    return argument[0] == '-' && argument[1];
}

/* The next words are the option's: one, or all up to the next option. */
static void parse_values(parsing *p, const cli_option *option)
{
    int first = p->index;
    while (p->index < p->argc && !is_option(p->argv[p->index]) && (p->index == first || option->many))
        apply(p, option, p->argv[p->index++]);
    if (p->index == first)
        utr_strs_give(p->faults,
                      utr_format("--%s wants a value: --%s %s", option->name, option->name, option->value));
}

static void parse_option(parsing *p, const cli_option *option, const char *equals)
{
    if (!option->value && equals)
        utr_strs_give(p->faults, utr_format("--%s takes no value", option->name));
    else if (!option->value)
        apply(p, option, NULL);
    else if (equals)
        apply(p, option, equals + 1);
    else
        parse_values(p, option);
}

static void parse_next(parsing *p)
{
    const char *argument = p->argv[p->index++];
    if (strcmp(argument, "-h") == 0)
        argument = "--help";
    const cli_option *option = find(p->table, argument);
    if (option)
        parse_option(p, option, strchr(argument, '='));
    else if (is_option(argument))
        unknown(p, argument);
    else
        utr_strs_add(&p->out->arguments, argument);
}

void cli_options_parse(const cli_option *table, int argc, char **argv, cli_options *out, utr_strs *faults)
{
    parsing p = {.table = table, .argc = argc, .argv = argv, .out = out, .faults = faults};
    while (p.index < argc)
        parse_next(&p);
}

void cli_options_help(FILE *out, const cli_option *table)
{
    for (; table->name; table++) {
        auto_free char *left =
            utr_format("--%s%s%s", table->name, table->value ? " " : "", table->value ? table->value : "");
        (void)fprintf(out, "  %-28s %s\n", left, table->says);
    }
}
