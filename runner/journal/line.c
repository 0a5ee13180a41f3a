#include "journal/line.h"

#include "base/json.h"

#include <string.h>

typedef enum { FIELD_TEXT, FIELD_INT, FIELD_REAL, FIELD_BOOL, FIELD_NAMES, FIELD_STATEMENTS } field_type;

typedef struct {
    const char *key;
    field_type type;
    size_t offset;
} field;

#define FIELD(type, name)                                                                                    \
    {                                                                                                        \
#name, type, offsetof(journal_fact, name)                                                            \
    }

/* Every field but the kind, in the order in which they are written. */
static const field FIELDS[] = {
    FIELD(FIELD_REAL, at),
    FIELD(FIELD_TEXT, category),
    FIELD(FIELD_TEXT, suite),
    FIELD(FIELD_TEXT, test),
    FIELD(FIELD_TEXT, service),
    FIELD(FIELD_TEXT, state),
    FIELD(FIELD_TEXT, rule),
    FIELD(FIELD_TEXT, level),
    FIELD(FIELD_TEXT, measure),
    FIELD(FIELD_TEXT, format),
    FIELD(FIELD_TEXT, owner),
    FIELD(FIELD_TEXT, expires),
    FIELD(FIELD_TEXT, id),
    FIELD(FIELD_TEXT, started),
    FIELD(FIELD_TEXT, command),
    FIELD(FIELD_TEXT, root),
    FIELD(FIELD_TEXT, commit),
    FIELD(FIELD_TEXT, environment),
    FIELD(FIELD_TEXT, pattern),
    FIELD(FIELD_TEXT, image),
    FIELD(FIELD_TEXT, image_id),
    FIELD(FIELD_TEXT, container_id),
    FIELD(FIELD_TEXT, address),
    FIELD(FIELD_TEXT, identity),
    FIELD(FIELD_TEXT, file),
    FIELD(FIELD_INT, line),
    FIELD(FIELD_INT, count),
    FIELD(FIELD_INT, exit_code),
    FIELD(FIELD_INT, signal),
    FIELD(FIELD_REAL, seconds),
    FIELD(FIELD_BOOL, critical),
    FIELD(FIELD_BOOL, dirty),
    FIELD(FIELD_BOOL, real_services),
    FIELD(FIELD_BOOL, tells_tests),
    FIELD(FIELD_BOOL, default_evidence),
    FIELD(FIELD_BOOL, inherit),
    FIELD(FIELD_BOOL, whole),
    FIELD(FIELD_BOOL, mocks),
    FIELD(FIELD_BOOL, swallows),
    FIELD(FIELD_BOOL, asserts),
    FIELD(FIELD_BOOL, timed_out),
    FIELD(FIELD_BOOL, opaque),
    FIELD(FIELD_BOOL, lost),
    FIELD(FIELD_BOOL, refused),
    FIELD(FIELD_INT, connections),
    FIELD(FIELD_INT, inherited_connections),
    FIELD(FIELD_INT, exchanges),
    FIELD(FIELD_INT, substantive),
    FIELD(FIELD_INT, reads),
    FIELD(FIELD_INT, writes),
    FIELD(FIELD_INT, errors),
    FIELD(FIELD_INT, bytes_sent),
    FIELD(FIELD_INT, bytes_received),
    FIELD(FIELD_TEXT, text),
    FIELD(FIELD_STATEMENTS, statements),
    FIELD(FIELD_NAMES, names),
    FIELD(FIELD_NAMES, uses),
};
static const size_t FIELD_COUNT = sizeof FIELDS / sizeof *FIELDS;

static const char *const KIND_TEXTS[] = {
#define JOURNAL_KIND_TEXT(name, word) word,
    JOURNAL_KINDS(JOURNAL_KIND_TEXT)
#undef JOURNAL_KIND_TEXT
};

const char *journal_kind_text(journal_kind kind)
{
    return KIND_TEXTS[kind];
}

static const char *const EVIDENCE_STATE_TEXTS[] = {
#define JOURNAL_STATE_TEXT(name, word) word,
    JOURNAL_EVIDENCE_STATES(JOURNAL_STATE_TEXT)
#undef JOURNAL_STATE_TEXT
};

const char *journal_evidence_state_text(journal_evidence_state state)
{
    return EVIDENCE_STATE_TEXTS[state];
}

/* The numbers of a statement, zeros included: a reader finds every key. */
static const struct {
    const char *key;
    size_t offset;
} STATEMENT_NUMBERS[] = {
    {"connection", offsetof(journal_statement, connection)},   {"count", offsetof(journal_statement, count)},
    {"substantive", offsetof(journal_statement, substantive)}, {"reads", offsetof(journal_statement, reads)},
    {"writes", offsetof(journal_statement, writes)},
};
static const size_t STATEMENT_NUMBER_COUNT = sizeof STATEMENT_NUMBERS / sizeof *STATEMENT_NUMBERS;

json_t *journal_statement_json(const journal_statement *one)
{
    json_t *object = json_object();
    for (size_t i = 0; i < STATEMENT_NUMBER_COUNT; i++) {
        int64_t number = *(const int64_t *)((const char *)one + STATEMENT_NUMBERS[i].offset);
        (void)json_object_set_new(object, STATEMENT_NUMBERS[i].key, json_integer(number));
    }
    (void)json_object_set_new(object, "opened", json_boolean(one->opened));
    (void)json_object_set_new(object, "text", utr_json_text(one->text));
    return object;
}

static json_t *statements_to_json(const journal_statements *statements)
{
    json_t *list = json_array();
    for (size_t i = 0; i < statements->count; i++)
        (void)json_array_append_new(list, journal_statement_json(&statements->items[i]));
    return list;
}

static json_t *names_to_json(const utr_strs *names)
{
    json_t *list = json_array();
    for (size_t i = 0; i < names->count; i++)
        (void)json_array_append_new(list, utr_json_text(names->items[i]));
    return list;
}

/* The member's value, or NULL where the field is empty and left out. */
static json_t *field_to_json(const field *f, const void *at)
{
    switch (f->type) {
    case FIELD_TEXT:
        return *(char *const *)at ? utr_json_text(*(char *const *)at) : NULL;
    case FIELD_INT:
        return *(const int64_t *)at ? json_integer(*(const int64_t *)at) : NULL;
    case FIELD_REAL:
        return *(const double *)at != 0 ? json_real(*(const double *)at) : NULL;
    case FIELD_BOOL:
        return *(const bool *)at ? json_true() : NULL;
    case FIELD_NAMES:
        return ((const utr_strs *)at)->count ? names_to_json(at) : NULL;
    case FIELD_STATEMENTS:
        return ((const journal_statements *)at)->count ? statements_to_json(at) : NULL;
    }
    return NULL;
}

char *journal_line_format(const journal_fact *fact)
{
    auto_json json_t *object = json_object();
    (void)json_object_set_new(object, "kind", json_string(journal_kind_text(fact->kind)));
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        json_t *value = field_to_json(&FIELDS[i], (const char *)fact + FIELDS[i].offset);
        if (value)
            (void)json_object_set_new(object, FIELDS[i].key, value);
    }
    size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(9);
    char most[2048]; /* of all lines fit; a longer one is put into words once more */
    size_t len = json_dumpb(object, most, sizeof most, flags);
    char *line = utr_calloc(len + 2, 1);
    if (len <= sizeof most)
        memcpy(line, most, len);
    else
        (void)json_dumpb(object, line, len, flags);
    return line;
}

static bool names_from_json(const json_t *list, utr_strs *out)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (!name)
            return false;
        utr_strs_add(out, name);
    }
    return json_is_array(list);
}

static bool statement_from_json(const json_t *object, journal_statement *out)
{
    const json_t *text = json_object_get(object, "text");
    const json_t *opened = json_object_get(object, "opened");
    out->text = utr_strdup(json_is_string(text) ? json_string_value(text) : "");
    out->opened = json_is_true(opened);
    size_t numbers = 0;
    for (size_t i = 0; i < STATEMENT_NUMBER_COUNT; i++) {
        const json_t *number = json_object_get(object, STATEMENT_NUMBERS[i].key);
        *(int64_t *)((char *)out + STATEMENT_NUMBERS[i].offset) = json_integer_value(number);
        numbers += json_is_integer(number);
    }
    return json_is_string(text) && json_is_boolean(opened) && numbers == STATEMENT_NUMBER_COUNT &&
           json_object_size(object) == numbers + 2;
}

static bool statements_from_json(const json_t *list, journal_statements *out)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!statement_from_json(json_array_get(list, i), utr_vec_push(out)))
            return false;
    }
    return json_is_array(list);
}

/* False where the value has another type than the field. */
static bool field_from_json(const field *f, const json_t *value, void *at)
{
    switch (f->type) {
    case FIELD_TEXT:
        *(char **)at = utr_strdup(json_string_value(value));
        return json_is_string(value);
    case FIELD_INT:
        *(int64_t *)at = json_integer_value(value);
        return json_is_integer(value);
    case FIELD_REAL:
        *(double *)at = json_number_value(value);
        return json_is_number(value);
    case FIELD_BOOL:
        *(bool *)at = json_is_true(value);
        return json_is_boolean(value);
    case FIELD_NAMES:
        return names_from_json(value, at);
    case FIELD_STATEMENTS:
        return statements_from_json(value, at);
    }
    return false;
}

static bool kind_parse(const char *word, journal_kind *out)
{
    for (size_t i = 0; word && i < sizeof KIND_TEXTS / sizeof *KIND_TEXTS; i++) {
        if (strcmp(KIND_TEXTS[i], word) == 0) {
            *out = (journal_kind)i;
            return true;
        }
    }
    return false;
}

static const field *field_find(const char *key)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (strcmp(FIELDS[i].key, key) == 0)
            return &FIELDS[i];
    }
    return NULL;
}

static utr_code fill(json_t *object, journal_fact *out, utr_error *err)
{
    const char *word = json_string_value(json_object_get(object, "kind"));
    if (!kind_parse(word, &out->kind))
        return utr_fail(err, UTR_CONFIG, "unknown kind of fact '%s'", word ? word : "");
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        const field *f = field_find(key);
        if (!f && strcmp(key, "kind") != 0)
            return utr_fail(err, UTR_CONFIG, "unknown field '%s' of a fact", key);
        if (f && !field_from_json(f, value, (char *)out + f->offset))
            return utr_fail(err, UTR_CONFIG, "field '%s' has the wrong type", key);
    }
    return UTR_OK;
}

utr_code journal_line_parse(const char *line, journal_fact *out, utr_error *err)
{
    json_error_t where;
    auto_json json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &where);
    if (!json_is_object(object))
        return utr_fail(err, UTR_CONFIG, "not a JSON object: %s", object ? "another value" : where.text);
    if (fill(object, out, err)) {
        journal_line_dispose(out);
        return err->code;
    }
    return UTR_OK;
}

void journal_line_copy(journal_fact *to, const journal_fact *from)
{
    *to = *from;
    to->names = to->uses = (utr_strs){0};
    to->statements.items = NULL;
    to->statements.count = to->statements.capacity = 0;
    utr_strs_add_all(&to->names, &from->names);
    utr_strs_add_all(&to->uses, &from->uses);
    for (size_t i = 0; i < from->statements.count; i++) {
        journal_statement *one = utr_vec_push(&to->statements);
        *one = from->statements.items[i];
        one->text = utr_strdup(one->text);
    }
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (FIELDS[i].type != FIELD_TEXT)
            continue;
        char **text = (char **)((char *)to + FIELDS[i].offset);
        *text = utr_strdup(*text);
    }
}

void journal_line_dispose(journal_fact *fact)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (FIELDS[i].type == FIELD_TEXT)
            free(*(char **)((char *)fact + FIELDS[i].offset));
    }
    utr_strs_dispose(&fact->names);
    utr_strs_dispose(&fact->uses);
    for (size_t i = 0; i < fact->statements.count; i++)
        free(fact->statements.items[i].text);
    utr_vec_dispose(&fact->statements);
    *fact = (journal_fact){0};
}
