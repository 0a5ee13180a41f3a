#include "base/text.h"
#include "compose/parts.h"

#include <string.h>

/* A string goes to the shell; a list says in its first word who runs it. */
static void set_test(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    compose_health *health = field;
    const utr_yaml *node = pair->value;
    if (node->kind != UTR_YAML_SEQUENCE) {
        const char *text = compose_string(r, pair, node);
        if (text && strcmp(text, "NONE") == 0) {
            health->disabled = true;
        } else if (text) {
            utr_strs_add(&health->test, "CMD-SHELL");
            utr_strs_add(&health->test, text);
        }
        return;
    }
    compose_set_words(r, pair, &health->test);
    const char *first = health->test.count ? health->test.items[0] : "";
    bool shell = strcmp(first, "CMD-SHELL") == 0;
    if (strcmp(first, "NONE") == 0)
        health->disabled = true;
    else if (!shell && strcmp(first, "CMD") != 0)
        utr_faults_add(r->faults, node->place,
                       "a health check begins with '%.60s'; known: CMD, CMD-SHELL, NONE", first);
    else if (health->test.count < 2 || (shell && health->test.count > 2))
        utr_faults_add(r->faults, node->place, "a health check of %zu items; write [\"%s\", %s]",
                       health->test.count, first,
                       shell ? "\"one command line\"" : "\"program\", \"argument\", ...");
}

static void set_retries(compose_reader *r, const utr_yaml_pair *pair, void *field)
{
    int64_t retries;
    const char *text = compose_scalar(r, pair, pair->value, "a number");
    if (!text)
        return;
    if (utr_text_int(text, 0, 10000, &retries))
        *(int *)field = (int)retries;
    else
        compose_fail_kind(r, pair, pair->value, "a number from 0 to 10000");
}

#define FIELD(key, set, member)                                                                              \
    {                                                                                                        \
        key, set, offsetof(compose_health, member), NULL, NULL, false                                        \
    }
static const compose_key KEYS[] = {
    {"test", set_test, 0, NULL, NULL, false},
    FIELD("disable", compose_set_bool, disabled),
    FIELD("interval", compose_set_duration, interval_ms),
    FIELD("timeout", compose_set_duration, timeout_ms),
    FIELD("start_period", compose_set_duration, start_period_ms),
    FIELD("start_interval", compose_set_duration, start_interval_ms),
    FIELD("retries", set_retries, retries),
};
#undef FIELD

void compose_set_health(compose_reader *r, const utr_yaml_pair *pair, void *service)
{
    compose_health *health = &((compose_service *)service)->health;
    (void)compose_read_map(r, pair, KEYS, COMPOSE_COUNT(KEYS), health);
    if (health->disabled)
        utr_strs_dispose(&health->test);
}
