#include "gate/ci/ci.h"

#include "gate/ci/call.h"

#include <string.h>

typedef struct {
    const gate_pair *pair;
    gate_call call; /* owned by its list */
} place;

typedef UTR_VEC(place) places;

/* list and the like prove nothing. */
static bool is_proof(const gate_call *call)
{
    return strcmp(call->command, "run") == 0 || strcmp(call->command, "gate") == 0 ||
           strcmp(call->command, "scan") == 0;
}

/* The calls become the list's; their strings are freed with it. */
static void collect(const gate_pair *pair, const char *path, const utr_buf *text, places *out)
{
    gate_calls calls = {0};
    gate_calls_read(path, text, &calls);
    for (size_t i = 0; i < calls.count; i++)
        *utr_vec_push(out) = (place){pair, calls.items[i]};
    utr_vec_dispose(&calls);
}

static void places_dispose(places *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].call.command);
        free(list->items[i].call.category);
    }
    utr_vec_dispose(list);
}

static bool is_same(const gate_call *old, const gate_call *new)
{
    return strcmp(old->command, new->command) == 0 &&
           (strcmp(new->category, "*") == 0 || strcmp(old->category, new->category) == 0);
}

static char *words_of(const gate_call *call)
{
    if (strcmp(call->command, "run") != 0)
        return utr_format("`unified_test_runner %s`", call->command);
    return strcmp(call->category, "*") == 0 ? utr_strdup("all categories")
                                            : utr_format("category %s", call->category);
}

static bool keeps_real(const gate_call *call)
{
    return call->real;
}

static bool keeps_whole(const gate_call *call)
{
    return !call->part;
}

static bool keeps_sealed(const gate_call *call)
{
    return !call->open;
}

static bool keeps_result(const gate_call *call)
{
    return !call->ignored;
}

/* What a call must keep, and how it is told where it did not. */
static const struct trait {
    gate_kind kind;
    bool (*kept)(const gate_call *call);
    const char *before, *after; /* the words around what is run */
} TRAITS[] = {
    {GATE_CI_REAL, keeps_real, "CI ran", "with --real-services, and does so without now"},
    {GATE_CI, keeps_whole, "CI ran", "whole, and only what fits a --pattern now"},
    {GATE_ISOLATION, keeps_sealed, "CI runs", "with --isolation open now"},
    {GATE_CI_IGNORED, keeps_result, "CI goes on whatever comes of", "now"},
};

static bool is_told(const places *old, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(old->items[i].call.command, old->items[index].call.command) == 0 &&
            strcmp(old->items[i].call.category, old->items[index].call.category) == 0)
            return true;
    return false;
}

static bool any_kept(const places *list, const gate_call *of, bool old, const struct trait *trait)
{
    for (size_t i = 0; i < list->count; i++) {
        const gate_call *call = &list->items[i].call;
        if ((old ? is_same(call, of) && strcmp(call->category, of->category) == 0 : is_same(of, call)) &&
            trait->kept(call))
            return true;
    }
    return false;
}

/* The newer one is worse where none of the newer calls keeps what one of the older ones had. */
static void compare_trait(gate_work *work, const places *old, const places *new, const place *of,
                          const struct trait *trait)
{
    if (!any_kept(old, &of->call, true, trait) || any_kept(new, &of->call, false, trait))
        return;
    auto_free char *what = words_of(&of->call);
    gate_item *item = gate_add(work, trait->kind, NULL, "%s %s %s", trait->before, what, trait->after);
    for (size_t i = 0; i < new->count; i++) {
        if (is_same(&of->call, &new->items[i].call)) {
            gate_here(item, new->items[i].pair, new->items[i].call.line);
            return;
        }
    }
}

static bool is_called(const places *new, const gate_call *old)
{
    for (size_t i = 0; i < new->count; i++)
        if (is_same(old, &new->items[i].call))
            return true;
    return false;
}

static void compare(gate_work *work, const places *old, const places *new)
{
    for (size_t i = 0; i < old->count; i++) {
        const place *was = &old->items[i];
        if (!is_proof(&was->call) || is_told(old, i))
            continue;
        if (is_called(new, &was->call)) {
            for (size_t t = 0; t < sizeof TRAITS / sizeof *TRAITS; t++)
                compare_trait(work, old, new, was, &TRAITS[t]);
            continue;
        }
        auto_free char *what = words_of(&was->call);
        gate_gone(gate_add(work, GATE_CI, NULL, "CI ran %s here, and does so no more", what), was->pair,
                  was->call.line);
    }
}

void gate_ci_compare(gate_work *work, bool (*is_ci)(const char *path))
{
    places old = {0}, new = {0};
    for (size_t i = 0; i < work->pairs.count; i++) {
        const gate_pair *pair = &work->pairs.items[i];
        if (pair->before && is_ci(pair->before))
            collect(pair, pair->before, &pair->was, &old);
        if (pair->after && is_ci(pair->after))
            collect(pair, pair->after, &pair->is, &new);
    }
    work->calls = (int64_t)old.count;
    compare(work, &old, &new);
    places_dispose(&old);
    places_dispose(&new);
}
