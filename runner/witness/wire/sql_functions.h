/**
 * What is known of PostgreSQL's own functions: a query that only calls idle ones asks for nothing stored.
 */
#ifndef UTR_WITNESS_WIRE_SQL_FUNCTIONS_H
#define UTR_WITNESS_WIRE_SQL_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>

/** Whether it computes from its arguments, or tells about the session. @param name  in any case */
bool sql_function_is_idle(const char *name, size_t len);

/** Whether calling it changes, takes or waits for something that is shared. @param name  in any case */
bool sql_function_acts(const char *name, size_t len);

#endif
