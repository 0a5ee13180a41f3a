#include "compose/compose.h"

#include "base/files.h"
#include "base/text.h"
#include "compose/dotenv.h"
#include "compose/merge.h"
#include "compose/parts.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Everything that lives while a stack is being loaded. */
typedef struct {
    compose_stack *stack;
    compose_reader reader;
    compose_vars vars;
    compose_pool pool;
    utr_strs environment;
    utr_strs dotenv;
    char *directory;
    UTR_VEC(utr_yaml_doc *) docs;
    const utr_yaml *root;
} loading;

static void loading_dispose(loading *l)
{
    for (size_t i = 0; i < l->docs.count; i++)
        utr_yaml_free(l->docs.items[i]);
    utr_vec_dispose(&l->docs);
    utr_vec_dispose(&l->reader.references);
    compose_pool_dispose(&l->pool);
    utr_strs_dispose(&l->environment);
    utr_strs_dispose(&l->dotenv);
    free(l->directory);
    compose_free(l->stack);
}

#define auto_loading __attribute__((cleanup(loading_dispose)))

static utr_code find_directory(loading *l, const compose_options *options, utr_error *err)
{
    auto_free char *folder = utr_path_dir(l->stack->files.items[0]);
    const char *wanted = options->directory ? options->directory : folder;
    auto_free char *here = getcwd(NULL, 0);
    if (!here)
        return utr_fail_sys(err, errno, "find the working directory");
    l->reader.directory = here;
    l->directory = compose_path(&l->reader, wanted);
    l->reader.directory = l->directory;
    return UTR_OK;
}

/* What the caller has, then `.env`. */
static utr_code load_variables(loading *l, const compose_options *options, utr_error *err)
{
    for (char **one = environ; !options->environment && *one; one++)
        utr_strs_add(&l->environment, *one);
    if (options->environment)
        utr_strs_add_all(&l->environment, options->environment);
    l->vars.layers[0] = &l->environment;
    if (find_directory(l, options, err))
        return err->code;
    auto_free char *path = utr_path_join(l->directory, ".env");
    compose_interpolation how = {
        .vars = &l->vars, .faults = l->reader.faults, .warnings = l->reader.warnings};
    if (utr_path_exists(path) && compose_dotenv_load(&how, path, &l->dotenv, err))
        return utr_wrap(err, "read the variables of the Compose files");
    l->vars.layers[1] = &l->dotenv;
    return UTR_OK;
}

static utr_code load_file(loading *l, const char *path, utr_error *err)
{
    utr_yaml_doc *doc = NULL;
    utr_faults *faults = l->reader.faults;
    utr_code code = utr_yaml_load(path, &doc, faults, err);
    if (code)
        return code;
    *utr_vec_push(&l->docs) = doc;
    compose_interpolation how = {.vars = &l->vars, .faults = faults, .warnings = l->reader.warnings};
    const utr_yaml *tree = compose_tree_copy(&l->pool, &how, utr_yaml_root(doc));
    if (tree->kind != UTR_YAML_MAPPING)
        utr_faults_add(faults, tree->place, "a Compose file is a mapping, not %s; begin with services:",
                       utr_yaml_kind_text(tree->kind));
    else
        l->root = compose_merge(&l->pool, l->root, tree, faults);
    return UTR_OK;
}

/* Every file is read before the first fault ends the load. */
static utr_code load_files(loading *l, utr_error *err)
{
    utr_code code = UTR_OK;
    for (size_t i = 0; i < l->stack->files.count; i++) {
        utr_error one = {0};
        if (!load_file(l, l->stack->files.items[i], &one))
            continue;
        code = one.code;
        if (code != UTR_CONFIG) {
            *err = one;
            return code;
        }
    }
    return code;
}

static void set_name(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    compose_stack *stack = field;
    const char *text = compose_string(r, pair, pair->value);
    if (!text)
        return;
    if ((islower((unsigned char)*text) || isdigit((unsigned char)*text)) &&
        text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0')
        stack->name = utr_strdup(text);
    else
        utr_faults_add(r->faults, pair->value->place,
                       "'%.60s' cannot name a project; use lower-case letters, digits, '_' and '-'", text);
}

static const char REFUSED_IN_SERVICES[] = "services that use it are refused";

static const compose_key KEYS[] = {
    {"services", compose_set_services, 0, NULL, NULL, false},
    {"networks", compose_set_top_networks, 0, NULL, NULL, false},
    {"volumes", compose_set_top_volumes, 0, NULL, NULL, false},
    {"name", set_name, 0, NULL, NULL, false},
    {"version", NULL, 0, NULL, "it is obsolete, remove it", false},
    {"secrets", NULL, 0, NULL, REFUSED_IN_SERVICES, false},
    {"configs", NULL, 0, NULL, REFUSED_IN_SERVICES, false},
    {"models", NULL, 0, NULL, REFUSED_IN_SERVICES, false},
    {"include", NULL, 0, "name all files of the stack", NULL, false},
};

static const compose_resource *find_resource(const compose_resource *items, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(items[i].key, key) == 0)
            return &items[i];
    }
    return NULL;
}

static void fail_missing(const compose_reader *r, const compose_reference *ref, const char *what,
                         const utr_strs *names)
{
    const char *near = utr_text_nearest(ref->name, (const char *const *)names->items, names->count);
    if (near)
        utr_faults_add(r->faults, ref->place,
                       "service '%s' names %s '%.100s', which is not declared; did you mean '%s'?", ref->from,
                       what, ref->name, near);
    else
        utr_faults_add(
            r->faults, ref->place,
            "service '%s' names %s '%.100s', which is not declared; declare it under the top-level '%ss'",
            ref->from, what, ref->name, what);
}

static void check_dependency(const compose_reader *r, const compose_stack *stack,
                             const compose_reference *ref)
{
    const compose_service *from = compose_find(stack, ref->from);
    const compose_service *to = compose_find(stack, ref->name);
    if (strcmp(ref->from, ref->name) == 0) {
        utr_faults_add(r->faults, ref->place, "service '%s' depends on itself; remove that", ref->from);
    } else if (!to && !ref->optional) {
        auto_strs utr_strs names = {0};
        for (size_t i = 0; i < stack->services.count; i++) {
            if (&stack->services.items[i] != from)
                utr_strs_add(&names, stack->services.items[i].name);
        }
        fail_missing(r, ref, "service", &names);
    } else if (to && from && !ref->optional && compose_profile_on(&from->profiles, r->profiles) &&
               !compose_profile_on(&to->profiles, r->profiles)) {
        utr_faults_add(
            r->faults, ref->place,
            "service '%s' depends on '%s', whose profile '%s' is off; switch it on, or write required: false",
            ref->from, ref->name, to->profiles.items[0]);
    }
}

static void check_resource(const compose_reader *r, const compose_stack *stack, const compose_reference *ref)
{
    bool network = ref->target == COMPOSE_TO_NETWORK;
    const compose_resource *items = network ? stack->networks.items : stack->volumes.items;
    size_t count = network ? stack->networks.count : stack->volumes.count;
    if (find_resource(items, count, ref->name))
        return;
    auto_strs utr_strs names = {0};
    for (size_t i = 0; i < count; i++)
        utr_strs_add(&names, items[i].key);
    fail_missing(r, ref, network ? "network" : "volume", &names);
}

/* A fixed address needs a network whose addresses are known beforehand. */
static void check_addresses(const compose_reader *r, const compose_stack *stack)
{
    for (size_t i = 0; i < stack->services.count; i++) {
        const compose_service *service = &stack->services.items[i];
        for (size_t n = 0; n < service->networks.count; n++) {
            const compose_attachment *at = &service->networks.items[n];
            const compose_resource *network =
                find_resource(stack->networks.items, stack->networks.count, at->network);
            if (at->ipv4_address && network && !network->external && !network->subnet)
                utr_faults_add(
                    r->faults, service->place,
                    "service '%s' has the address %s in network '%s', which has no subnet; give the "
                    "network ipam: {config: [{subnet: ...}]}",
                    service->name, at->ipv4_address, at->network);
        }
    }
}

static void read_stack(loading *l)
{
    compose_stack *stack = l->stack;
    compose_reader *r = &l->reader;
    utr_yaml_pair root = {.key = "the file", .place = l->root->place, .value = l->root};
    (void)compose_read_map(r, &root, KEYS, COMPOSE_COUNT(KEYS), stack);
    if (!utr_yaml_get(l->root, "services"))
        utr_faults_add(r->faults, l->root->place, "no services; add services: with at least one");
    if (!find_resource(stack->networks.items, stack->networks.count, "default"))
        utr_vec_push(&stack->networks)->key = utr_strdup("default");
    for (size_t i = 0; i < r->references.count; i++) {
        const compose_reference *ref = &r->references.items[i];
        if (ref->target == COMPOSE_TO_SERVICE)
            check_dependency(r, stack, ref);
        else
            check_resource(r, stack, ref);
    }
    check_addresses(r, stack);
}

/* What stands under an anchor is read once for each alias, and may be wrong each time. */
static void drop_doubles(utr_faults *faults)
{
    utr_strs all = faults->texts;
    faults->texts = (utr_strs){0};
    for (size_t i = 0; i < all.count; i++) {
        if (!utr_strs_has(&faults->texts, all.items[i]))
            utr_strs_add(&faults->texts, all.items[i]);
    }
    utr_strs_dispose(&all);
}

/* Two lists of faults and an error, besides what it reads: NOLINTNEXTLINE(readability-function-size) */
utr_code compose_load(const utr_strs *files, const compose_options *options, compose_stack **out,
                      utr_faults *faults, utr_faults *warnings, utr_error *err)
{
    static const compose_options NONE = {0};
    size_t before = faults->texts.count + faults->dropped;
    auto_loading loading l = {.stack = UTR_NEW(compose_stack)};
    options = options ? options : &NONE;
    l.reader = (compose_reader){
        .vars = &l.vars, .profiles = options->profiles, .faults = faults, .warnings = warnings};
    utr_strs_add_all(&l.stack->files, files);
    if (!files->count)
        return utr_fail(err, UTR_CONFIG, "no Compose file is named");
    utr_code code = load_variables(&l, options, err);
    if (!code)
        code = load_files(&l, err);
    if (code && code != UTR_CONFIG)
        return code;
    if (!code && l.root)
        read_stack(&l);
    bool faulty = faults->texts.count + faults->dropped > before;
    drop_doubles(faults);
    drop_doubles(warnings);
    if (faulty)
        return utr_fail(err, UTR_CONFIG, "%s is not right: %zu faults", files->items[0],
                        faults->texts.count + faults->dropped);
    *out = l.stack;
    l.stack = NULL;
    return UTR_OK;
}

const compose_service *compose_find(const compose_stack *stack, const char *name)
{
    for (size_t i = 0; i < stack->services.count; i++) {
        if (strcmp(stack->services.items[i].name, name) == 0)
            return &stack->services.items[i];
    }
    return NULL;
}
