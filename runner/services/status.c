#include "services/address.h"
#include "services/owner.h"
#include "services/remove.h"
#include "services/services.h"

#include <string.h>

void services_status_dispose(services_status_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        services_status_row *row = &list->items[i];
        free(row->project);
        free(row->service);
        free(row->container_id);
        free(row->state);
        free(row->health);
        free(row->session);
        for (size_t k = 0; k < row->addresses.count; k++)
            free(row->addresses.items[k].host);
        utr_vec_dispose(&row->addresses);
    }
    utr_vec_dispose(list);
}

static void add_labels(utr_strs *labels, const char *project, bool only_kept)
{
    utr_strs_add(labels, only_kept ? SERVICES_LABEL_KEEP : SERVICES_LABEL_SESSION);
    if (project)
        utr_strs_give(labels, utr_format("com.docker.compose.project=%s", project));
}

static int published_on(const engine_container *container, int port)
{
    for (size_t i = 0; i < container->ports.count; i++) {
        if (!container->ports.items[i].udp && container->ports.items[i].container_port == port)
            return container->ports.items[i].host_port;
    }
    return 0;
}

/* The ports that the bring-up wrote into a label, on the published side where there is one. */
static void fill_addresses(const engine_container *container, const char *engine_host,
                           services_status_row *row)
{
    const char *own = "";
    for (size_t i = 0; i < container->networks.count && !*own; i++)
        own = container->networks.items[i].address;
    const char *at = utr_json_str(container->labels, SERVICES_LABEL_PORTS, "");
    while (*at) {
        char *end = NULL;
        int port = (int)strtol(at, &end, 10);
        int published = published_on(container, port);
        if (container->running && (published || *own))
            *utr_vec_push(&row->addresses) = (services_address){
                port, utr_strdup(published ? engine_host : own), published ? published : port};
        at = *end == ',' ? end + 1 : "";
    }
}

static utr_code fill_row(engine *e, const engine_listed *listed, engine_bound bound,
                         services_status_list *out, utr_error *err)
{
    engine_container container = {0};
    utr_code code = engine_container_inspect(e, listed->id, bound, &container, err);
    if (code == UTR_NOT_FOUND) {
        utr_error_reset(err); /* gone since it was listed */
        return UTR_OK;
    }
    if (code)
        return code;
    engine_facts facts = {0};
    engine_get_facts(e, &facts);
    auto_free char *host = NULL;
    code = services_address_engine_host(facts.host, &host, err);
    if (!code) {
        services_status_row *row = utr_vec_push(out);
        row->project = utr_strdup(utr_json_str(container.labels, "com.docker.compose.project", ""));
        row->service = utr_strdup(utr_json_str(container.labels, "com.docker.compose.service", ""));
        row->session = utr_strdup(utr_json_str(container.labels, SERVICES_LABEL_SESSION, ""));
        row->container_id = utr_strdup(container.id);
        row->state = utr_strdup(container.status);
        row->health = utr_strdup(container.health);
        row->is_kept = json_object_get(container.labels, SERVICES_LABEL_KEEP) != NULL;
        fill_addresses(&container, host, row);
    }
    engine_container_dispose(&container);
    return code;
}

utr_code services_status(engine *e, const char *project, engine_bound bound, services_status_list *out,
                         utr_error *err)
{
    auto_strs utr_strs labels = {0};
    add_labels(&labels, project, false);
    engine_list list = {0};
    services_status_list rows = {0};
    utr_code code = engine_list_labelled(e, ENGINE_CONTAINERS, &labels, bound, &list, err);
    for (size_t i = 0; !code && i < list.count; i++)
        code = fill_row(e, &list.items[i], bound, &rows, err);
    engine_list_dispose(&list);
    if (code)
        services_status_dispose(&rows);
    else
        *out = rows;
    return code;
}

utr_code services_remove_project(engine *e, const char *project, engine_bound bound, size_t *out_removed,
                                 utr_error *err)
{
    auto_strs utr_strs labels = {0};
    add_labels(&labels, project, true);
    services_removal removal = {.engine = e, .bound = bound};
    utr_code code = services_remove_labelled(&removal, &labels, err);
    *out_removed = removal.removed;
    return code;
}
