#include "run/environment.h"

#include <string.h>
#include <unistd.h>

utr_strs run_environment_inherited(void)
{
    utr_strs environment = {0};
    for (char **variable = environ; *variable; variable++)
        utr_strs_add(&environment, *variable);
    return environment;
}

/* Take every variable of that name out: where a name stands twice, programs differ in which one they read. */
static void unset(utr_strs *environment, const char *name)
{
    size_t len = strlen(name);
    size_t kept = 0;
    for (size_t i = 0; i < environment->count; i++) {
        char *variable = environment->items[i];
        if (strncmp(variable, name, len) == 0 && variable[len] == '=')
            free(variable);
        else
            environment->items[kept++] = variable;
    }
    environment->count = kept;
    if (environment->items)
        environment->items[kept] = NULL;
}

static utr_code set_one(utr_strs *environment, const manifest_variable *variable, manifest_lookup *lookup,
                        void *ctx)
{
    utr_error err = {0};
    auto_free char *value = NULL;
    unset(environment, variable->name);
    utr_code code = manifest_expand(variable->value, lookup, ctx, &value, &err);
    if (!code)
        utr_strs_give(environment, utr_format("%s=%s", variable->name, value));
    return code == UTR_NOT_FOUND ? UTR_OK : code;
}

utr_strs run_environment_base(const manifest_category *category, const manifest_suite *suite)
{
    utr_strs environment = run_environment_inherited();
    for (size_t i = 0; i < category->environment.count; i++)
        unset(&environment, category->environment.items[i].name);
    for (size_t i = 0; i < suite->environment.count; i++)
        unset(&environment, suite->environment.items[i].name);
    return environment;
}

utr_code run_environment_add(const manifest_category *category, const manifest_suite *suite,
                             manifest_lookup *lookup, void *ctx, utr_strs *out)
{
    utr_code code = UTR_OK;
    for (size_t i = 0; !code && i < category->environment.count; i++)
        code = set_one(out, &category->environment.items[i], lookup, ctx);
    for (size_t i = 0; !code && i < suite->environment.count; i++)
        code = set_one(out, &suite->environment.items[i], lookup, ctx);
    return code;
}
