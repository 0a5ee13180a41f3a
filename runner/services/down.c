#include "services/internal.h"

#include "services/remove.h"

utr_code services_down(services *s, engine_bound bound, utr_error *err)
{
    atomic_store(&s->going_down, true);
    if (s->options.keep)
        return UTR_OK;
    auto_strs utr_strs labels = {0};
    utr_strs_give(&labels, utr_format("%s=%s", SERVICES_LABEL_SESSION, s->options.session));
    services_removal removal = {.engine = s->options.engine, .bound = bound};
    utr_code code = services_remove_labelled(&removal, &labels, err);
    if (code)
        return utr_wrap(err, "remove what the run started");
    for (size_t i = 0; i < s->plan.nodes.count; i++) {
        if (s->items[i].container_id)
            services_tell(s, SERVICES_REMOVED, &s->items[i], NULL);
    }
    if (!atomic_load(&s->unsure))
        services_reaper_end(&s->reaper, true);
    return UTR_OK;
}
