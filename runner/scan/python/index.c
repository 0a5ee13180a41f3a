#include "scan/python/index.h"

#include "base/memory.h"

#include <string.h>

enum { FIRST_CAPACITY = 64 };

/* FNV-1a. */
static uint32_t hash_of(tree_text key)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ (unsigned char)key.data[i]) * 16777619U;
    return hash;
}

/* The slot of a key, or the free one where it belongs. */
static python_index_slot *find(const python_index *index, tree_text key)
{
    uint32_t mask = index->capacity - 1;
    uint32_t at = hash_of(key) & mask;
    while (index->slots[at].key.len &&
           (index->slots[at].key.len != key.len || memcmp(index->slots[at].key.data, key.data, key.len) != 0))
        at = (at + 1) & mask;
    return &index->slots[at];
}

static void grow(python_index *index)
{
    python_index old = *index;
    index->capacity = old.capacity ? old.capacity * 2 : FIRST_CAPACITY;
    index->slots = utr_calloc(index->capacity, sizeof *index->slots);
    for (uint32_t i = 0; i < old.capacity; i++)
        if (old.slots[i].key.len)
            *find(index, old.slots[i].key) = old.slots[i];
    free(old.slots);
}

uint32_t *python_index_at(python_index *index, tree_text key)
{
    if (index->count * 2 >= index->capacity)
        grow(index);
    python_index_slot *slot = find(index, key);
    if (!slot->key.len) {
        slot->key = key;
        index->count++;
    }
    return &slot->value;
}

uint32_t python_index_get(const python_index *index, tree_text key)
{
    return index->capacity && key.len ? find(index, key)->value : 0;
}

void python_index_dispose(python_index *index)
{
    free(index->slots);
    *index = (python_index){0};
}
