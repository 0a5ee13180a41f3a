#include "services/plan.h"

#include "base/text.h"

enum { DEPTH_LIMIT = 128 };

/* A depth-first walk: a service is listed once all it needs is listed; the path finds cycles. */
typedef struct {
    const compose_stack *stack;
    const compose_service *path[DEPTH_LIMIT];
    size_t depth;
    UTR_VEC(const compose_service *) listed;
} walk;

static utr_code walk_visit(walk *w, const compose_service *spec, utr_error *err);

const char *services_plan_network_owner(const compose_service *spec)
{
    static const char prefix[] = "service:";
    bool named = spec->network_mode && utr_text_starts(spec->network_mode, prefix);
    return named ? spec->network_mode + sizeof prefix - 1 : NULL;
}

static utr_code unknown_service(const compose_stack *stack, const char *name, const char *needed_by,
                                utr_error *err)
{
    UTR_VEC(const char *) names = {0};
    for (size_t i = 0; i < stack->services.count; i++)
        *utr_vec_push(&names) = stack->services.items[i].name;
    const char *near = utr_text_nearest(name, names.items, names.count);
    utr_vec_dispose(&names);
    return utr_fail(err, UTR_CONFIG, "no service '%s' in the compose file%s%s%s%s%s%s", name,
                    needed_by ? ", which '" : "", needed_by ? needed_by : "", needed_by ? "' depends on" : "",
                    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static bool is_left_out(const compose_service *found, const compose_dependency *dependency)
{
    return !dependency->required && (!found || found->profiles.count > 0);
}

static bool walk_has_listed(const walk *w, const compose_service *spec)
{
    for (size_t i = 0; i < w->listed.count; i++) {
        if (w->listed.items[i] == spec)
            return true;
    }
    return false;
}

static utr_code walk_check_cycle(const walk *w, const compose_service *spec, utr_error *err)
{
    size_t first = 0;
    while (first < w->depth && w->path[first] != spec)
        first++;
    if (first == w->depth)
        return UTR_OK;
    auto_buf utr_buf text = UTR_BUF_INIT(0);
    for (size_t i = first; i < w->depth; i++)
        utr_buf_print(&text, "%s -> ", w->path[i]->name);
    return utr_fail(err, UTR_CONFIG, "the services depend on each other in a circle: %s%s",
                    utr_buf_text(&text), spec->name);
}

static utr_code walk_needs(walk *w, const compose_service *spec, utr_error *err)
{
    for (size_t i = 0; i < spec->depends_on.count; i++) {
        const compose_dependency *dependency = &spec->depends_on.items[i];
        const compose_service *found = compose_find(w->stack, dependency->service);
        if (is_left_out(found, dependency))
            continue;
        if (!found)
            return unknown_service(w->stack, dependency->service, spec->name, err);
        utr_code code = walk_visit(w, found, err);
        if (code)
            return code;
    }
    const char *owner = services_plan_network_owner(spec);
    const compose_service *found = owner ? compose_find(w->stack, owner) : NULL;
    if (owner && !found)
        return unknown_service(w->stack, owner, spec->name, err);
    return found ? walk_visit(w, found, err) : UTR_OK;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the chain of dependencies, at most DEPTH_LIMIT
static utr_code walk_visit(walk *w, const compose_service *spec, utr_error *err)
{
    if (walk_has_listed(w, spec))
        return UTR_OK;
    utr_code code = walk_check_cycle(w, spec, err);
    if (code)
        return code;
    if (w->depth == DEPTH_LIMIT)
        return utr_fail(err, UTR_CONFIG, "'%s' stands more than %d dependencies deep", spec->name,
                        DEPTH_LIMIT);
    w->path[w->depth++] = spec;
    code = walk_needs(w, spec, err);
    w->depth--;
    if (!code)
        *utr_vec_push(&w->listed) = spec;
    return code;
}

static utr_code walk_all(walk *w, const services_wanted *wanted, size_t count, utr_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const compose_service *spec = compose_find(w->stack, wanted[i].name);
        utr_code code =
            spec ? walk_visit(w, spec, err) : unknown_service(w->stack, wanted[i].name, NULL, err);
        if (code)
            return code;
    }
    return UTR_OK;
}

static const services_wanted *find_wanted(const services_wanted *wanted, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(wanted[i].name, name))
            return &wanted[i];
    }
    return NULL;
}

static services_node *find_node(services_plan *plan, const char *name, size_t *out_index)
{
    for (size_t i = 0; i < plan->nodes.count; i++) {
        if (!strcmp(plan->nodes.items[i].spec->name, name)) {
            *out_index = i;
            return &plan->nodes.items[i];
        }
    }
    return NULL;
}

static void add_need(services_plan *plan, services_node *node, const char *name, services_need need)
{
    services_node *other = find_node(plan, name, &need.node);
    if (!other)
        return; /* optional and left out */
    *utr_vec_push(&node->needs) = need;
    other->one_shot |= need.condition == COMPOSE_COMPLETED;
    other->awaited_healthy |= need.condition == COMPOSE_HEALTHY;
}

static void link_node(services_plan *plan, services_node *node)
{
    for (size_t i = 0; i < node->spec->depends_on.count; i++) {
        const compose_dependency *from = &node->spec->depends_on.items[i];
        services_need need = {.condition = from->condition, .required = from->required};
        add_need(plan, node, from->service, need);
    }
    const char *owner = services_plan_network_owner(node->spec);
    if (owner)
        add_need(plan, node, owner, (services_need){.condition = COMPOSE_STARTED, .required = true});
}

/* What a critical service cannot do without is critical; last to first, so that one pass carries it through.
 */
static void spread_critical(services_plan *plan)
{
    for (size_t i = plan->nodes.count; i-- > 0;) {
        const services_node *node = &plan->nodes.items[i];
        for (size_t k = 0; node->critical && k < node->needs.count; k++) {
            if (node->needs.items[k].required)
                plan->nodes.items[node->needs.items[k].node].critical = true;
        }
    }
}

utr_code services_plan_make(const compose_stack *stack, const services_wanted *wanted, size_t wanted_count,
                            services_plan *out, utr_error *err)
{
    walk w = {.stack = stack};
    utr_code code = walk_all(&w, wanted, wanted_count, err);
    services_plan plan = {0};
    for (size_t i = 0; !code && i < w.listed.count; i++) {
        const services_wanted *found = find_wanted(wanted, wanted_count, w.listed.items[i]->name);
        *utr_vec_push(&plan.nodes) =
            (services_node){.spec = w.listed.items[i], .wanted = found, .critical = found && found->critical};
        utr_strs_add(&plan.order, w.listed.items[i]->name);
    }
    for (size_t i = 0; i < plan.nodes.count; i++)
        link_node(&plan, &plan.nodes.items[i]);
    spread_critical(&plan);
    utr_vec_dispose(&w.listed);
    if (!code)
        *out = plan;
    return code;
}

void services_plan_dispose(services_plan *plan)
{
    for (size_t i = 0; i < plan->nodes.count; i++)
        utr_vec_dispose(&plan->nodes.items[i].needs);
    utr_vec_dispose(&plan->nodes);
    utr_strs_dispose(&plan->order);
}
