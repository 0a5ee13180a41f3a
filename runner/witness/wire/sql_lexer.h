/**
 * PostgreSQL's SQL as tokens: just enough to take literals out and to see what a statement does.
 *
 * Source: PostgreSQL documentation, chapter 4.1, lexical structure. Never fails: what is cut off in the
 * middle ends the text.
 */
#ifndef UTR_WITNESS_WIRE_SQL_LEXER_H
#define UTR_WITNESS_WIRE_SQL_LEXER_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    SQL_END,
    SQL_WORD,   /* keyword or name, also in double quotes */
    SQL_STRING, /* '...', E'...', $tag$...$tag$ and their kin */
    SQL_NUMBER,
    SQL_PARAMETER, /* $1 */
    SQL_MARK,      /* one punctuation or operator byte */
} sql_kind;

typedef struct {
    sql_kind kind;
    bool quoted; /* SQL_WORD in double quotes */
    const char *text;
    size_t len;
} sql_token;

typedef struct {
    const char *at;
    const char *end;
} sql_lexer;

/** The next token; SQL_END at the end, again and again. */
sql_token sql_lexer_next(sql_lexer *lexer);

#endif
