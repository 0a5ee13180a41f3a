#include "witness/wire/sql.h"

#include "witness/wire/sql_functions.h"
#include "witness/wire/wire.h"

#include <ctype.h>
#include <strings.h>

enum { DEPTH_BITS = 63, MOST_CTES = 16 };

/** What a statement's first word alone says. */
typedef struct {
    const char *word;
    uint32_t flags;
    sql_naming naming;
} verb;

/* Source: PostgreSQL documentation, part VI, SQL commands. What is not here (DDL, mostly) writes. */
static const verb VERBS[] = {
    {"ABORT", WIRE_TRIVIAL, SQL_NAMES_NOTHING},
    {"BEGIN", WIRE_TRIVIAL, SQL_NAMES_NOTHING},
    {"CLOSE", WIRE_TRIVIAL, SQL_NAMES_NOTHING},
    {"COMMIT", WIRE_TRIVIAL, SQL_NAMES_NOTHING},
    {"DEALLOCATE", WIRE_TRIVIAL, SQL_NAMES_NOTHING},
    {"DISCARD", WIRE_TRIVIAL, SQL_NAMES_NOTHING},
    {"END", WIRE_TRIVIAL, SQL_NAMES_NOTHING},
    {"RELEASE", WIRE_TRIVIAL, SQL_NAMES_NOTHING},
    {"RESET", WIRE_TRIVIAL, SQL_NAMES_NOTHING},
    {"ROLLBACK", WIRE_TRIVIAL, SQL_NAMES_NOTHING},
    {"SAVEPOINT", WIRE_TRIVIAL, SQL_NAMES_NOTHING},
    {"SET", WIRE_TRIVIAL, SQL_NAMES_NOTHING},
    {"SHOW", WIRE_TRIVIAL, SQL_NAMES_NOTHING},
    {"START", WIRE_TRIVIAL, SQL_NAMES_NOTHING},
    {"UNLISTEN", WIRE_TRIVIAL, SQL_NAMES_NOTHING},
    {"DECLARE", WIRE_READ, SQL_DECLARES},
    {"EXECUTE", WIRE_READ, SQL_EXECUTES},
    {"EXPLAIN", WIRE_READ, SQL_NAMES_NOTHING},
    {"FETCH", WIRE_READ, SQL_FETCHES},
    {"LISTEN", WIRE_READ, SQL_NAMES_NOTHING},
    {"MOVE", WIRE_READ, SQL_FETCHES},
    {"PREPARE", WIRE_READ, SQL_PREPARES},
    {"SELECT", WIRE_READ, SQL_NAMES_NOTHING},
    {"TABLE", WIRE_READ, SQL_NAMES_NOTHING},
    {"VALUES", WIRE_READ, SQL_NAMES_NOTHING},
    {"WITH", WIRE_READ, SQL_NAMES_NOTHING},
    {"COPY", WIRE_READ, SQL_NAMES_NOTHING},
    {"IDENTIFY_SYSTEM", WIRE_READ, SQL_NAMES_NOTHING},
    {"START_REPLICATION", WIRE_READ, SQL_NAMES_NOTHING},
};

/* What shows the schema to people, who ask for it by these names; drivers ask the catalogues underneath. */
static const char *const SCHEMA_VIEWS[] = {
    "pg_tables", "pg_indexes", "pg_views", "pg_matviews", "pg_sequences", "pg_policies", "pg_rules",
};

/** What is known of a statement while its tokens pass. */
typedef struct {
    sql_statement *out;
    sql_token before, before2; /* the last two tokens */
    sql_token qualifier;       /* what stood before the last dot */
    const verb *first;         /* NULL: not in the table, or no token yet */
    bool begun;
    unsigned depth;
    uint64_t in_from;   /* bit per depth: inside a FROM list */
    uint64_t expects;   /* bit per depth: a relation comes next */
    uint64_t in_syntax; /* bit per depth: FROM is an argument's, as in extract(day FROM x) */
    bool pending;       /* a relation's name stands at `relation`, and may turn out a function */
    bool in_ctes;       /* between WITH and the main verb */
    bool expects_cte, is_copy_from, is_copy_query, is_into, has_write, has_acting_call, has_other_call;
    size_t catalogs, relations;
    size_t cte_count;
    char ctes[MOST_CTES][SQL_NAME_BYTES];
    char relation[SQL_NAME_BYTES]; /* qualified, lower case */
} scan;

static bool is(const sql_token *token, const char *word)
{
    return token->kind == SQL_WORD && !token->quoted && strlen(word) == token->len &&
           strncasecmp(token->text, word, token->len) == 0;
}

static bool is_mark(const sql_token *token, char mark)
{
    return token->kind == SQL_MARK && token->text[0] == mark;
}

static bool is_any(const sql_token *token, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is(token, words[i]))
            return true;
    return false;
}
#define IS_ANY(token, ...)                                                                                   \
    is_any((token), (const char *const[]){__VA_ARGS__},                                                      \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static bool is_literal(const sql_token *token)
{
    return token->kind == SQL_STRING || token->kind == SQL_NUMBER;
}

/* The text. */

static bool ends_in(const fingerprint_text *text, const char *end)
{
    size_t len = strlen(end);
    return text->len >= len && memcmp(text->text + text->len - len, end, len) == 0;
}

/** Whether a blank separates two tokens, whatever blank the source had. */
static bool spaced(const sql_token *before, const sql_token *token)
{
    if (before->kind == SQL_END)
        return false;
    if (is_mark(before, ',') && !is_mark(token, ','))
        return true;
    if ((before->kind == SQL_MARK && strchr("(.[:", before->text[0])) ||
        (token->kind == SQL_MARK && strchr("),.;[]:", token->text[0])))
        return false;
    bool marks = before->kind == SQL_MARK && token->kind == SQL_MARK;
    if (marks || is_mark(token, '(')) /* ">=" is one operator; f(x) a call, IN (x) none */
        return before->text + before->len != token->text;
    return true;
}

/** "?, ?" becomes "?" and "(?), (?)" becomes "(?)": lists of any length are one fingerprint. */
static void fold_lists(fingerprint_text *text)
{
    if (ends_in(text, "?, ?"))
        text->len -= 3;
    else if (ends_in(text, "(?), (?)"))
        text->len -= 5;
}

static void put_token(scan *s, const sql_token *token)
{
    fingerprint_text *text = &s->out->text;
    if (spaced(&s->before, token))
        fingerprint_put(text, ' ');
    if (is_literal(token))
        fingerprint_put(text, '?');
    else
        fingerprint_puts(text, token->text, token->len);
    if (is_literal(token) || is_mark(token, ')'))
        fold_lists(text);
}

/* What the statement touches. */

static uint64_t bit(unsigned depth)
{
    return 1ULL << (depth < DEPTH_BITS ? depth : DEPTH_BITS);
}

static void name_add(char *name, const sql_token *token)
{
    size_t len = strlen(name);
    const char *text = token->text + token->quoted;
    size_t quotes = token->quoted ? 2 : 0;
    size_t take = token->len >= quotes ? token->len - quotes : 0;
    for (size_t i = 0; i < take && len + 1 < SQL_NAME_BYTES; i++)
        name[len++] = (char)(token->quoted ? text[i] : tolower((unsigned char)text[i]));
    name[len] = '\0';
}

static bool is_schema_view(const char *name)
{
    for (size_t i = 0; i < sizeof SCHEMA_VIEWS / sizeof *SCHEMA_VIEWS; i++)
        if (strcmp(name, SCHEMA_VIEWS[i]) == 0)
            return true;
    return false;
}

static bool is_catalog(const char *name)
{
    bool qualified = strncmp(name, "pg_catalog.", 11) == 0;
    const char *own = qualified ? name + 11 : name;
    if (is_schema_view(own))
        return false;
    return qualified || (strncmp(own, "pg_", 3) == 0 && !strchr(own, '.'));
}

static bool is_cte(const scan *s, const char *name)
{
    for (size_t i = 0; i < s->cte_count; i++)
        if (strcmp(s->ctes[i], name) == 0)
            return true;
    return false;
}

static void relation_done(scan *s)
{
    if (!s->pending)
        return;
    s->pending = false;
    if (is_cte(s, s->relation))
        return;
    s->relations++;
    s->catalogs += is_catalog(s->relation);
}

/** A name followed by "(": does calling it mean that something happens? */
static void on_call(scan *s, const sql_token *name)
{
    bool elsewhere = is_mark(&s->before2, '.') && !is(&s->qualifier, "pg_catalog");
    bool keyword = IS_ANY(name, "SELECT", "IN", "AS", "AND", "OR", "NOT", "VALUES", "EXISTS", "ANY", "ALL",
                          "SOME", "ON", "WHEN", "THEN", "ELSE", "FROM", "WHERE", "JOIN", "UNION", "USING",
                          "BY", "OVER", "DISTINCT", "EXPLAIN", "COPY") ||
                   is(&s->before2, "PREPARE");
    s->has_acting_call |= sql_function_acts(name->text, name->len);
    s->has_other_call |= !keyword && (elsewhere || !sql_function_is_idle(name->text, name->len));
}

static void on_open(scan *s)
{
    /* 1::numeric(10, 2), CAST(1 AS numeric(10, 2)), AS alias(a, b), (VALUES (1)) alias(a) */
    bool is_cast = is_mark(&s->before2, ':') || is(&s->before2, "AS") || is_mark(&s->before2, ')');
    if (s->before.kind == SQL_WORD && !is_cast) {
        s->pending = false; /* FROM f(...): no relation */
        on_call(s, &s->before);
    }
    bool inherited = s->expects & bit(s->depth);
    bool in_syntax = IS_ANY(&s->before, "EXTRACT", "TRIM", "SUBSTRING", "OVERLAY");
    s->is_copy_query |= s->depth == 0 && is(&s->before, "COPY");
    s->expects &= ~bit(s->depth);
    s->depth++;
    s->in_syntax = in_syntax ? s->in_syntax | bit(s->depth) : s->in_syntax & ~bit(s->depth);
    s->in_from &= ~bit(s->depth);
    s->expects &= ~bit(s->depth);
    if (inherited) { /* FROM (a JOIN b): unless a subquery begins here */
        s->in_from |= bit(s->depth);
        s->expects |= bit(s->depth);
    }
}

static void on_mark(scan *s, const sql_token *token)
{
    char mark = token->text[0];
    if (mark != '.' && mark != '(')
        relation_done(s);
    if (mark == '(') {
        on_open(s);
    } else if (mark == ')') {
        s->depth -= s->depth > 0;
    } else if (mark == ',') {
        if (s->in_from & bit(s->depth))
            s->expects |= bit(s->depth);
        s->expects_cte = s->in_ctes && s->depth == 0;
    } else if (mark == '.') {
        s->qualifier = s->before;
        if (s->pending)
            strncat(s->relation, ".", SQL_NAME_BYTES - strlen(s->relation) - 1);
    }
}

static void on_from(scan *s)
{
    if ((s->in_syntax & bit(s->depth)) || (is(&s->before, "DISTINCT") && is(&s->before2, "IS")))
        return;
    if (s->first && strcmp(s->first->word, "COPY") == 0 && s->depth == 0) {
        s->is_copy_from = true;
        return;
    }
    s->in_from |= bit(s->depth);
    s->expects |= bit(s->depth);
}

/** PREPARE, DECLARE and EXPLAIN do what the query in them does, later or on paper. */
static bool wraps_a_query(const scan *s)
{
    static const char *const WRAPPERS[] = {"DECLARE", "EXPLAIN", "PREPARE"};
    for (size_t i = 0; s->first && i < sizeof WRAPPERS / sizeof *WRAPPERS; i++)
        if (strcmp(s->first->word, WRAPPERS[i]) == 0)
            return true;
    return false;
}

/** INSERT, UPDATE, DELETE, MERGE where a statement's main verb stands: at its beginning or in a CTE's. */
static bool is_writing_verb(const scan *s, const sql_token *token)
{
    bool at_start = is_mark(&s->before, '(') || is_mark(&s->before, ')');
    bool wrapped = s->depth == 0 && wraps_a_query(s);
    if (wrapped && IS_ANY(token, "CREATE", "REFRESH", "EXECUTE"))
        return true;
    return (at_start || wrapped) && IS_ANY(token, "INSERT", "UPDATE", "DELETE", "MERGE");
}

static void take_cte_name(scan *s, const sql_token *token)
{
    s->expects_cte = false;
    if (s->cte_count == MOST_CTES)
        return;
    s->ctes[s->cte_count][0] = '\0';
    name_add(s->ctes[s->cte_count++], token);
}

static void take_relation(scan *s, const sql_token *token)
{
    if (IS_ANY(token, "ONLY", "LATERAL"))
        return;
    s->expects &= ~bit(s->depth);
    if (IS_ANY(token, "SELECT", "VALUES", "WITH", "TABLE")) {
        s->in_from &= ~bit(s->depth);
        return;
    }
    if (IS_ANY(token, "ROWS", "CURRENT_USER", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP",
               "SESSION_USER"))
        return;
    s->relation[0] = '\0';
    name_add(s->relation, token);
    s->pending = true;
}

static void on_word(scan *s, const sql_token *token)
{
    if (s->pending && is_mark(&s->before, '.')) {
        name_add(s->relation, token);
        return;
    }
    relation_done(s);
    if (s->depth == 0 && IS_ANY(token, "SELECT", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "MERGE"))
        s->in_ctes = s->expects_cte = false;
    if (s->expects_cte && !is(token, "RECURSIVE")) {
        take_cte_name(s, token);
    } else if (s->expects & bit(s->depth)) {
        take_relation(s, token);
    } else if (is(token, "FROM")) {
        on_from(s);
    } else if (is(token, "JOIN")) {
        s->expects |= bit(s->depth);
    } else if (IS_ANY(token, "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "UNION", "WINDOW", "EXCEPT",
                      "INTERSECT")) {
        s->in_from &= ~bit(s->depth);
    } else if (is(token, "INTO")) {
        s->is_into |= s->depth == 0;
    } else {
        s->has_write |= is_writing_verb(s, token);
    }
}

static void on_first(scan *s, const sql_token *token)
{
    s->begun = true;
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; i++)
        if (is(token, VERBS[i].word))
            s->first = &VERBS[i];
    s->out->naming = s->first ? s->first->naming : SQL_NAMES_NOTHING;
    s->in_ctes = s->expects_cte = is(token, "WITH");
    if (is(token, "TABLE"))
        s->expects |= bit(0);
    if (is_mark(token, '(')) { /* (SELECT ...) UNION ... */
        static const verb SELECT = {"SELECT", WIRE_READ, SQL_NAMES_NOTHING};
        s->first = &SELECT;
        on_mark(s, token);
    }
}

/** SELECT, TABLE, WITH ...: does it look at anything but the connection and the catalogues? */
static uint32_t query_flags(const scan *s)
{
    if (s->has_write || s->is_into)
        return WIRE_WRITE;
    if (s->has_acting_call)
        return WIRE_READ;
    bool idle = s->relations == 0 && !s->has_other_call;
    bool catalogs_only = s->catalogs > 0 && s->catalogs == s->relations;
    return idle || catalogs_only ? WIRE_READ | WIRE_TRIVIAL : WIRE_READ;
}

static uint32_t flags_of(const scan *s)
{
    if (!s->first)
        return WIRE_WRITE;
    const char *word = s->first->word;
    if (wraps_a_query(s) || s->is_copy_query)
        return WIRE_READ | (query_flags(s) & WIRE_TRIVIAL);
    if (strcmp(word, "COPY") == 0)
        return s->is_copy_from ? WIRE_WRITE : WIRE_READ;
    bool query = strcmp(word, "SELECT") == 0 || strcmp(word, "WITH") == 0 || strcmp(word, "TABLE") == 0 ||
                 strcmp(word, "VALUES") == 0;
    return query ? query_flags(s) : s->first->flags;
}

/** The name that a statement gives or uses: its second word, or its last where it fetches. */
static void note_name(scan *s, const sql_token *token)
{
    sql_naming naming = s->out->naming;
    bool wanted = naming == SQL_FETCHES || (naming != SQL_NAMES_NOTHING && !*s->out->name);
    if (token->kind != SQL_WORD || !wanted)
        return;
    s->out->name[0] = '\0';
    name_add(s->out->name, token);
}

bool sql_next(sql_lexer *query, sql_statement *out)
{
    scan s = {.out = out, .before = {.kind = SQL_END}};
    out->text.len = 0;
    out->naming = SQL_NAMES_NOTHING;
    out->name[0] = '\0';
    for (sql_token token = sql_lexer_next(query); token.kind != SQL_END; token = sql_lexer_next(query)) {
        bool ends = is_mark(&token, ';') && s.depth == 0;
        if (ends && s.begun)
            break;
        if (ends)
            continue;
        put_token(&s, &token);
        note_name(&s, &token);
        if (!s.begun)
            on_first(&s, &token);
        else if (token.kind == SQL_MARK)
            on_mark(&s, &token);
        else if (token.kind == SQL_WORD)
            on_word(&s, &token);
        s.before2 = s.before;
        s.before = token;
    }
    relation_done(&s);
    out->flags = flags_of(&s);
    return s.begun;
}
