#include "witness/wire/postgres_names.h"

#include "base/vec.h"

struct postgres_name {
    uint64_t hash;
    postgres_nature nature;
};

static uint64_t hash_name(const char *name, size_t len)
{
    uint64_t hash = 0xCBF29CE484222325U; /* FNV-1a */
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (uint8_t)name[i]) * 0x100000001B3U;
    return hash;
}

static struct postgres_name *names_find(const postgres_names *names, uint64_t hash)
{
    for (size_t i = 0; i < names->count; i++)
        if (names->items[i].hash == hash)
            return &names->items[i];
    return NULL;
}

static struct postgres_name *names_add(postgres_names *names)
{
    if (names->count == POSTGRES_NAMES)
        return &names->items[names->next_replaced++ % POSTGRES_NAMES];
    names->items = utr_vec_grow(names->items, names->count, &names->capacity, sizeof *names->items);
    return &names->items[names->count++];
}

void postgres_names_set(postgres_names *names, const char *name, size_t len, postgres_nature nature)
{
    uint64_t hash = hash_name(name, len);
    struct postgres_name *slot = names_find(names, hash);
    if (!slot)
        slot = names_add(names);
    fingerprint_keep(nature.print);
    fingerprint_drop(slot->nature.print);
    *slot = (struct postgres_name){.hash = hash, .nature = nature};
}

bool postgres_names_get(const postgres_names *names, const char *name, size_t len, postgres_nature *out)
{
    const struct postgres_name *slot = names_find(names, hash_name(name, len));
    if (slot)
        *out = slot->nature;
    return slot != NULL;
}

void postgres_names_forget(postgres_names *names, const char *name, size_t len)
{
    struct postgres_name *slot = names_find(names, hash_name(name, len));
    if (!slot)
        return;
    fingerprint_drop(slot->nature.print);
    *slot = names->items[--names->count];
}

void postgres_names_dispose(postgres_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        fingerprint_drop(names->items[i].nature.print);
    utr_vec_dispose(names);
}
