/**
 * What SQL statements do, and their fingerprints.
 *
 *     sql_lexer query = {text, text + len};
 *     sql_statement one;
 *     while (sql_next(&query, &one)) ...
 */
#ifndef UTR_WITNESS_WIRE_SQL_H
#define UTR_WITNESS_WIRE_SQL_H

#include "witness/wire/fingerprint.h"
#include "witness/wire/sql_lexer.h"

enum { SQL_NAME_BYTES = 64 };

/** What a statement does with the name of a prepared statement or a cursor. */
typedef enum { SQL_NAMES_NOTHING, SQL_PREPARES, SQL_EXECUTES, SQL_DECLARES, SQL_FETCHES } sql_naming;

typedef struct {
    fingerprint_text text; /* literals as ?, lists of them as (?), $n kept */
    uint32_t flags;        /* WIRE_TRIVIAL, WIRE_READ, WIRE_WRITE */
    sql_naming naming;
    char name[SQL_NAME_BYTES]; /* that name, as the service folds it */
} sql_statement;

/** The next statement of a query, which may hold several. An empty one is none. @return false at the end */
bool sql_next(sql_lexer *query, sql_statement *out);

#endif
