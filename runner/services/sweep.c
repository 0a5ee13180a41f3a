/* What dead runs left. A live owner's things are never touched, nor a kept stack's, nor what cannot be told.
 */
#include "services/owner.h"
#include "services/remove.h"
#include "services/services.h"

#include <string.h>

/* Everything that carries our label, with what is known of it. */
typedef struct {
    engine_list lists[3]; /* by engine_kind */
    services_owner self;
    bool is_local;
} leftovers;

static bool session_runs(const leftovers *l, const char *session)
{
    const engine_list *containers = &l->lists[ENGINE_CONTAINERS];
    for (size_t i = 0; i < containers->count; i++) {
        const engine_listed *row = &containers->items[i];
        if (!strcmp(utr_json_str(row->labels, SERVICES_LABEL_SESSION, ""), session) &&
            !strcmp(row->state, "running"))
            return true;
    }
    return false;
}

/* Another boot id is a reboot, which no container of ours survives, or another machine on the same engine,
 * whose run may well live: then its containers run. */
static bool is_left(const leftovers *l, const engine_listed *row)
{
    switch (services_owner_look(&l->self, row->labels)) {
    case SERVICES_OWNER_DEAD:
        return true;
    case SERVICES_OWNER_REBOOTED:
        return l->is_local && !session_runs(l, utr_json_str(row->labels, SERVICES_LABEL_SESSION, ""));
    case SERVICES_OWNER_ALIVE:
    case SERVICES_OWNER_UNKNOWN:
        return false;
    }
    return false;
}

/* The rows are borrowed from the listing. */
static void pick(const leftovers *l, engine_kind kind, engine_list *out)
{
    for (size_t i = 0; i < l->lists[kind].count; i++) {
        if (is_left(l, &l->lists[kind].items[i]))
            *utr_vec_push(out) = l->lists[kind].items[i];
    }
}

static utr_code list_all(engine *e, leftovers *l, engine_bound bound, utr_error *err)
{
    auto_strs utr_strs labels = {0};
    utr_strs_add(&labels, SERVICES_LABEL_SESSION);
    utr_code code = UTR_OK;
    for (int kind = ENGINE_CONTAINERS; !code && kind <= ENGINE_VOLUMES; kind++)
        code = engine_list_labelled(e, (engine_kind)kind, &labels, bound, &l->lists[kind], err);
    return code;
}

static utr_code remove_left(services_removal *removal, const leftovers *l, utr_error *err)
{
    engine_list picked[3] = {0};
    for (int kind = ENGINE_CONTAINERS; kind <= ENGINE_VOLUMES; kind++)
        pick(l, (engine_kind)kind, &picked[kind]);
    utr_code code = UTR_OK;
    for (int kind = ENGINE_CONTAINERS; kind <= ENGINE_VOLUMES; kind++) {
        utr_error failure = {0};
        /* All kinds are tried; the first failure is what is told. */
        if (services_remove_listed(removal, (engine_kind)kind, &picked[kind], &failure) && !code) {
            *err = failure;
            code = failure.code;
        }
        utr_vec_dispose(&picked[kind]);
    }
    return code;
}

utr_code services_sweep(engine *e, engine_bound bound, size_t *out_removed, utr_error *err)
{
    engine_facts facts = {0};
    engine_get_facts(e, &facts);
    leftovers l = {.self = services_owner_self(), .is_local = facts.is_local};
    services_removal removal = {.engine = e, .bound = bound};
    utr_code code = list_all(e, &l, bound, err);
    if (!code)
        code = remove_left(&removal, &l, err);
    for (size_t i = 0; i < sizeof l.lists / sizeof *l.lists; i++)
        engine_list_dispose(&l.lists[i]);
    if (code)
        return utr_wrap(err, "sweep what earlier runs left");
    *out_removed = removal.removed;
    return UTR_OK;
}
