/** What prepared statements and portals of one connection stand for, by name. */
#ifndef UTR_WITNESS_WIRE_POSTGRES_NAMES_H
#define UTR_WITNESS_WIRE_POSTGRES_NAMES_H

#include "witness/wire/wire.h"

enum { POSTGRES_NAMES = 1024 };

/** What a statement is, whenever it is executed. print may be NULL. */
typedef struct {
    fingerprint *print;
    uint32_t flags;
} postgres_nature;

/** Zero-initialised: empty. */
typedef struct {
    struct postgres_name *items;
    size_t count, capacity;
    size_t next_replaced; /* which goes when it is full */
} postgres_names;

void postgres_names_dispose(postgres_names *names);

/** Name a nature, of which the table takes a reference of its own; an older meaning is replaced. */
void postgres_names_set(postgres_names *names, const char *name, size_t len, postgres_nature nature);

/** What a name stands for; its reference stays the table's. @return false for an unknown name */
bool postgres_names_get(const postgres_names *names, const char *name, size_t len, postgres_nature *out);

void postgres_names_forget(postgres_names *names, const char *name, size_t len);

#endif
