/* The plan: manifests and stacks read and checked against each other before anything starts. */
#include "run/run.h"

#include "base/files.h"
#include "verdict/verdict.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

utr_strs run_rule_names(void)
{
    utr_strs names = {0};
    for (const verdict_rule *rule = verdict_rules(); rule->name; rule++) {
        if (rule->adjustable)
            utr_strs_add(&names, rule->name);
    }
    return names;
}

static utr_code load_manifests(const run_request *request, run_plan *plan, utr_faults *faults, utr_error *err)
{
    auto_strs utr_strs rules = run_rule_names();
    manifest_options options = {.root = request->root, .rules = (const char *const *)rules.items};
    return manifest_load_dir(&options, &plan->set, faults, err);
}

static utr_code pick_categories(const run_request *request, run_plan *plan, utr_error *err)
{
    auto_strs utr_strs names = {0};
    utr_strs_add_all(&names, &request->categories);
    for (size_t i = 0; !request->categories.count && i < plan->set.categories.count; i++)
        utr_strs_add(&names, plan->set.categories.items[i]->name);
    manifest_categories picked = {0};
    if (manifest_closure(&plan->set, &names, &picked, err))
        return err->code;
    for (size_t i = 0; i < picked.count; i++)
        utr_vec_push(&plan->categories)->manifest = picked.items[i];
    utr_vec_dispose(&picked);
    return UTR_OK;
}

static void check_services(const run_category *category, utr_faults *faults)
{
    auto_strs utr_strs known = {0};
    for (size_t i = 0; i < category->stack->services.count; i++)
        utr_strs_add(&known, category->stack->services.items[i].name);
    for (size_t i = 0; i < category->manifest->services.count; i++) {
        const manifest_service *service = &category->manifest->services.items[i];
        if (!compose_find(category->stack, service->name))
            utr_faults_unknown(faults, service->place, "service of the compose file", service->name, &known);
    }
}

static void check_order(const run_category *category, utr_faults *faults)
{
    utr_error err = {0};
    run_wanted wanted = run_plan_wanted(category, "test");
    if (services_check(category->stack, wanted.items, wanted.count, &err))
        utr_faults_add(faults, category->manifest->place, "%s", err.text);
    run_wanted_dispose(&wanted);
}

static utr_code load_stack(run_category *category, utr_faults *faults, utr_faults *warnings, utr_error *err)
{
    if (!category->manifest->services.count)
        return UTR_OK;
    compose_options options = {0};
    if (compose_load(&category->manifest->compose, &options, &category->stack, faults, warnings, err))
        return err->code;
    size_t before = faults->texts.count;
    check_services(category, faults);
    if (faults->texts.count == before)
        check_order(category, faults);
    return UTR_OK;
}

/* Every stack is read before the first fault ends the plan, so that all faults are told at once. */
static utr_code load_stacks(run_plan *plan, utr_faults *faults, utr_faults *warnings, utr_error *err)
{
    for (size_t i = 0; i < plan->categories.count; i++) {
        utr_error one = {0};
        utr_code code = load_stack(&plan->categories.items[i], faults, warnings, &one);
        if (code && code != UTR_CONFIG)
            utr_faults_add(faults, plan->categories.items[i].manifest->place, "%s", one.text);
    }
    return faults->texts.count ? utr_fail(err, UTR_CONFIG, "the compose files do not fit") : UTR_OK;
}

utr_code run_plan_new(const run_request *request, run_plan **out, utr_faults *faults, utr_faults *warnings,
                      utr_error *err)
{
    auto_plan run_plan *plan = UTR_NEW(run_plan);
    if (load_manifests(request, plan, faults, err) || pick_categories(request, plan, err) ||
        load_stacks(plan, faults, warnings, err))
        return err->code;
    *out = plan;
    plan = NULL;
    return UTR_OK;
}

void run_plan_free(run_plan *plan)
{
    if (!plan)
        return;
    for (size_t i = 0; i < plan->categories.count; i++)
        compose_free(plan->categories.items[i].stack);
    utr_vec_dispose(&plan->categories);
    manifest_set_dispose(&plan->set);
    free(plan);
}

/* The ports of a service that variables name; they are dialled although the compose file may not declare
 * them. */
static int *referenced_ports(const manifest_category *manifest, const char *service, size_t *out_count)
{
    UTR_VEC(int) ports = {0};
    for (size_t i = 0; i < manifest->references.count; i++) {
        if (strcmp(manifest->references.items[i].service, service) == 0)
            *utr_vec_push(&ports) = manifest->references.items[i].port;
    }
    *out_count = ports.count;
    return ports.items;
}

run_wanted run_plan_wanted(const run_category *category, const char *environment)
{
    run_wanted wanted = {0};
    const manifest_category *manifest = category->manifest;
    for (size_t i = 0; i < manifest->services.count; i++) {
        const manifest_service *service = &manifest->services.items[i];
        const manifest_profile *profile = manifest_readiness(service, environment);
        services_wanted *one = utr_vec_push(&wanted);
        *one = (services_wanted){
            .name = service->name,
            .readiness = {profile->timeout_ms, (int)profile->retries, profile->delay_ms, profile->start_ms},
            .critical = service->critical,
        };
        one->ports = referenced_ports(manifest, service->name, &one->port_count);
    }
    return wanted;
}

void run_wanted_dispose(run_wanted *wanted)
{
    for (size_t i = 0; i < wanted->count; i++)
        free((void *)wanted->items[i].ports);
    utr_vec_dispose(wanted);
}

static uint32_t fnv1a(const char *text)
{
    uint32_t hash = 2166136261U;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619U;
    return hash;
}

char *run_project_name(const char *root, const char *category, const char *run_id)
{
    char absolute[PATH_MAX];
    if (!realpath(root, absolute))
        (void)snprintf(absolute, sizeof absolute, "%s", root);
    auto_free char *whole = utr_format("%s/%s", absolute, run_id ? run_id : "");
    char *name = utr_format("utr-%.32s-%08x", category, fnv1a(whole));
    for (char *c = name; *c; c++) /* what the Compose Specification allows in a project's name */
        *c = (char)(isalnum((unsigned char)*c) || *c == '-' || *c == '_' ? tolower((unsigned char)*c) : '-');
    return name;
}
