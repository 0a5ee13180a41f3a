#include "base/yaml.h"

#include "base/buf.h"
#include "base/files.h"

#include <assert.h>
#include <string.h>
#include <yaml.h>

static const size_t MOST_BYTES = (size_t)1 << 20;
static const size_t MOST_NODES = 100000; /* with every alias and merge written out */
static const size_t BYTES_A_NODE =
    64; /* of text, or one alias of a long text after the other would fill memory */
static const size_t MOST_ANCHORS = 1000;
static const unsigned MOST_LEVELS = 64;

/* A node with what is needed to bound aliases of it. The public part comes first, so that both have one
 * address. */
typedef struct {
    utr_yaml base;
    const char *raw; /* a scalar's text even where it reads as null: for keys */
    size_t weight;   /* nodes in it with aliases written out */
    unsigned height; /* levels in it; 1 for a scalar */
    bool open;       /* still being read: an alias of it is a cycle */
} yaml_node;

typedef struct {
    const char *name;
    yaml_node *node;
} yaml_anchor;

struct utr_yaml_doc {
    UTR_VEC(void *) memory; /* everything the tree is made of */
    const utr_yaml *root;
};

typedef struct {
    yaml_parser_t parser;
    utr_yaml_doc *doc;
    const char *path;
    utr_faults *faults;
    UTR_VEC(yaml_anchor) anchors;
    size_t expanded; /* nodes so far, with aliases written out */
    bool faulty;
} yaml_builder;

typedef UTR_VEC(const utr_yaml *) yaml_items;

/* A pair of a mapping under construction. */
typedef struct {
    utr_yaml_pair pair;
    size_t rank; /* own pairs first, then merged ones; where keys are equal the lower one wins */
    bool merged;
    bool dropped;
} yaml_entry;
typedef UTR_VEC(yaml_entry) yaml_entries;

#define auto_event __attribute__((cleanup(yaml_event_delete)))

static void *doc_alloc(utr_yaml_doc *doc, size_t count, size_t size)
{
    void *memory = utr_calloc(count, size);
    *utr_vec_push(&doc->memory) = memory;
    return memory;
}

static char *doc_text(utr_yaml_doc *doc, const void *text, size_t len)
{
    char *copy = doc_alloc(doc, len + 1, 1);
    (void)memcpy(copy, text, len);
    return copy;
}

static utr_place place_at(const yaml_builder *b, yaml_mark_t mark)
{
    return (utr_place){.path = b->path, .line = (int)mark.line + 1, .column = (int)mark.column + 1};
}

#define build_fault(b, place, ...) ((b)->faulty = true, utr_faults_add((b)->faults, (place), __VA_ARGS__))

/* libyaml gives no mark for bytes that are not text, only their offset. */
static utr_place place_of_bytes(const yaml_builder *b)
{
    const unsigned char *start = b->parser.input.string.start;
    size_t len = (size_t)(b->parser.input.string.end - start);
    size_t end = b->parser.problem_offset < len ? b->parser.problem_offset : len;
    utr_place place = {.path = b->path, .line = 1, .column = 1};
    for (size_t i = 0; i < end; i++) {
        place.column = start[i] == '\n' ? 1 : place.column + 1;
        place.line += start[i] == '\n';
    }
    return place;
}

static void fault_syntax(yaml_builder *b)
{
    const yaml_parser_t *parser = &b->parser;
    const char *problem = parser->problem ? parser->problem : "not readable";
    if (parser->error == YAML_READER_ERROR)
        build_fault(b, place_of_bytes(b), "not YAML: %s; save the file as UTF-8 text", problem);
    else
        build_fault(b, place_at(b, parser->problem_mark), "not YAML: %s%s%s", problem,
                    parser->context ? " " : "", parser->context ? parser->context : "");
}

/* The next event; false, with the fault recorded, where the text is no YAML. */
static bool next_event(yaml_builder *b, yaml_event_t *event)
{
    if (yaml_parser_parse(&b->parser, event))
        return true;
    fault_syntax(b);
    return false;
}

/* Counts nodes as if every alias were written out, which is what their readers walk. */
static bool count_nodes(yaml_builder *b, utr_place place, size_t nodes)
{
    b->expanded += nodes;
    if (b->expanded <= MOST_NODES)
        return true;
    build_fault(b, place, "more than %zu nodes once aliases are written out; make the file smaller",
                MOST_NODES);
    return false;
}

static bool check_level(yaml_builder *b, utr_place place, unsigned level)
{
    if (level <= MOST_LEVELS)
        return true;
    build_fault(b, place, "nested over %u levels deep; make the file flatter", MOST_LEVELS);
    return false;
}

static bool anchor_add(yaml_builder *b, const yaml_char_t *name, yaml_node *node)
{
    if (!name)
        return true;
    if (b->anchors.count == MOST_ANCHORS) {
        build_fault(b, node->base.place, "more than %zu anchors", MOST_ANCHORS);
        return false;
    }
    const char *text = (const char *)name;
    *utr_vec_push(&b->anchors) = (yaml_anchor){doc_text(b->doc, text, strlen(text)), node};
    return true;
}

/* A name may be given again; the last before the alias counts. */
static yaml_node *anchor_find(const yaml_builder *b, const char *name)
{
    for (size_t i = b->anchors.count; i-- > 0;) {
        if (strcmp(b->anchors.items[i].name, name) == 0)
            return b->anchors.items[i].node;
    }
    return NULL;
}

static yaml_node *node_new(yaml_builder *b, utr_yaml_kind kind, const yaml_event_t *event,
                           const yaml_char_t *tag)
{
    utr_place place = place_at(b, event->start_mark);
    if (!count_nodes(b, place, 1))
        return NULL;
    yaml_node *node = doc_alloc(b->doc, 1, sizeof *node);
    node->base.kind = kind;
    node->base.place = place;
    node->base.tag = tag ? doc_text(b->doc, tag, strlen((const char *)tag)) : NULL;
    node->weight = 1;
    node->height = 1;
    return node;
}

static bool reads_as_null(const yaml_node *node)
{
    static const char *const NULLS[] = {"", "~", "null", "Null", "NULL"};
    if (!node->base.plain || node->base.tag)
        return false;
    for (size_t i = 0; i < sizeof NULLS / sizeof *NULLS; i++) {
        if (strcmp(node->raw, NULLS[i]) == 0)
            return true;
    }
    return false;
}

static yaml_node *build_scalar(yaml_builder *b, const yaml_event_t *event)
{
    yaml_node *node = node_new(b, UTR_YAML_SCALAR, event, event->data.scalar.tag);
    if (!node || !anchor_add(b, event->data.scalar.anchor, node))
        return NULL;
    size_t len = event->data.scalar.length;
    if (!count_nodes(b, node->base.place, len / BYTES_A_NODE))
        return NULL;
    node->weight += len / BYTES_A_NODE;
    node->raw = doc_text(b->doc, event->data.scalar.value, len);
    node->base.plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (strlen(node->raw) != len)
        build_fault(b, node->base.place, "a NUL byte within a text; remove it");
    if (reads_as_null(node))
        node->base.kind = UTR_YAML_NULL;
    else
        node->base.text = node->raw;
    return node;
}

static yaml_node *build_alias(yaml_builder *b, const yaml_event_t *event, unsigned level)
{
    const char *name = (const char *)event->data.alias.anchor;
    utr_place place = place_at(b, event->start_mark);
    yaml_node *node = anchor_find(b, name);
    if (!node || node->open) {
        build_fault(b, place,
                    node ? "alias '*%s' stands within its own anchor" : "no anchor '&%s' before this alias",
                    name);
        return NULL;
    }
    if (!count_nodes(b, place, node->weight) || !check_level(b, place, level + node->height - 1))
        return NULL;
    return node;
}

static void node_adopt(yaml_node *parent, const yaml_node *child)
{
    parent->weight += child->weight;
    if (parent->height <= child->height)
        parent->height = child->height + 1;
}

static yaml_node *build_node(yaml_builder *b, const yaml_event_t *event, unsigned level);

/* Reads items up to the end of the sequence. */
static bool read_items(yaml_builder *b, yaml_node *node, yaml_items *items, unsigned level)
{
    for (;;) {
        auto_event yaml_event_t event = {0};
        if (!next_event(b, &event))
            return false;
        if (event.type == YAML_SEQUENCE_END_EVENT)
            return true;
        yaml_node *item = build_node(b, &event, level + 1);
        if (!item)
            return false;
        node_adopt(node, item);
        *utr_vec_push(items) = &item->base;
    }
}

static yaml_node *build_sequence(yaml_builder *b, const yaml_event_t *event, unsigned level)
{
    yaml_node *node = node_new(b, UTR_YAML_SEQUENCE, event, event->data.sequence_start.tag);
    if (!node || !anchor_add(b, event->data.sequence_start.anchor, node))
        return NULL;
    node->open = true;
    yaml_items items = {0};
    bool read = read_items(b, node, &items, level);
    node->open = false;
    node->base.count = items.count;
    node->base.items = doc_alloc(b->doc, items.count, sizeof(utr_yaml *));
    for (size_t i = 0; i < items.count; i++)
        node->base.items[i] = items.items[i];
    utr_vec_dispose(&items);
    return read ? node : NULL;
}

static void entry_add(yaml_entries *entries, utr_yaml_pair pair, bool merged)
{
    size_t rank = entries->count;
    *utr_vec_push(entries) = (yaml_entry){.pair = pair, .rank = rank, .merged = merged};
}

/* The pairs of one mapping that a `<<` names, into entries. */
static bool merge_mapping(yaml_builder *b, const utr_yaml *from, yaml_entries *entries)
{
    if (from->kind != UTR_YAML_MAPPING) {
        build_fault(b, from->place, "'<<' merges %s; it takes a mapping or a list of mappings",
                    utr_yaml_kind_text(from->kind));
        return true;
    }
    if (!count_nodes(b, from->place, ((const yaml_node *)from)->weight))
        return false;
    for (size_t i = 0; i < from->count; i++)
        entry_add(entries, from->pairs[i], true);
    return true;
}

static bool merge_value(yaml_builder *b, const utr_yaml *value, yaml_entries *entries)
{
    if (value->kind != UTR_YAML_SEQUENCE)
        return merge_mapping(b, value, entries);
    for (size_t i = 0; i < value->count; i++) {
        if (!merge_mapping(b, value->items[i], entries))
            return false;
    }
    return true;
}

/* One `key: value`, whose key has been read. A `<<` is kept aside until all own keys are known. */
static bool read_pair(yaml_builder *b, const yaml_node *key, yaml_entries *own, const utr_yaml **merge,
                      unsigned level)
{
    auto_event yaml_event_t event = {0};
    if (!next_event(b, &event))
        return false;
    yaml_node *value = build_node(b, &event, level + 1);
    if (!value)
        return false;
    utr_place place = key->base.place;
    if (!key->raw)
        build_fault(b, place, "%s as a key; a key is a scalar", utr_yaml_kind_text(key->base.kind));
    else if (!key->base.plain || strcmp(key->raw, "<<") != 0)
        entry_add(own, (utr_yaml_pair){.key = key->raw, .place = place, .value = &value->base}, false);
    else if (*merge)
        build_fault(b, place, "duplicate key '<<'; merge a list: `<<: [*a, *b]`");
    else
        *merge = &value->base;
    return true;
}

static bool read_pairs(yaml_builder *b, yaml_entries *entries, unsigned level)
{
    const utr_yaml *merge = NULL;
    for (;;) {
        auto_event yaml_event_t event = {0};
        if (!next_event(b, &event))
            return false;
        if (event.type == YAML_MAPPING_END_EVENT)
            return !merge || merge_value(b, merge, entries);
        yaml_node *key = build_node(b, &event, level + 1);
        if (!key || !read_pair(b, key, entries, &merge, level))
            return false;
    }
}

static int entry_by_key(const void *left, const void *right)
{
    const yaml_entry *a = left;
    const yaml_entry *b = right;
    int order = strcmp(a->pair.key, b->pair.key);
    return order ? order : (a->rank > b->rank) - (a->rank < b->rank);
}

static int entry_by_rank(const void *left, const void *right)
{
    const yaml_entry *a = left;
    const yaml_entry *b = right;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

/* Of equal keys keeps the first; a mapping's own key given twice is a fault. Sorting keeps a mapping of many
 * keys from costing their square. */
static void drop_equal_keys(yaml_builder *b, yaml_entries *entries)
{
    if (!entries->count)
        return;
    qsort(entries->items, entries->count, sizeof *entries->items, entry_by_key);
    const yaml_entry *first = entries->items;
    for (size_t i = 1; i < entries->count; i++) {
        yaml_entry *entry = &entries->items[i];
        entry->dropped = strcmp(first->pair.key, entry->pair.key) == 0;
        if (!entry->dropped)
            first = entry;
        else if (!entry->merged)
            build_fault(b, entry->pair.place, "duplicate key '%s'; it stands at line %d already",
                        entry->pair.key, first->pair.place.line);
    }
    qsort(entries->items, entries->count, sizeof *entries->items, entry_by_rank);
}

static void node_take_pairs(yaml_builder *b, yaml_node *node, yaml_entries *entries)
{
    drop_equal_keys(b, entries);
    node->base.pairs = doc_alloc(b->doc, entries->count, sizeof *node->base.pairs);
    for (size_t i = 0; i < entries->count; i++) {
        const yaml_entry *entry = &entries->items[i];
        if (entry->dropped)
            continue;
        node->base.pairs[node->base.count++] = entry->pair;
        node->weight++; /* the key */
        node_adopt(node, (const yaml_node *)entry->pair.value);
    }
}

static yaml_node *build_mapping(yaml_builder *b, const yaml_event_t *event, unsigned level)
{
    yaml_node *node = node_new(b, UTR_YAML_MAPPING, event, event->data.mapping_start.tag);
    if (!node || !anchor_add(b, event->data.mapping_start.anchor, node))
        return NULL;
    node->open = true;
    yaml_entries entries = {0};
    bool read = read_pairs(b, &entries, level);
    node->open = false;
    node_take_pairs(b, node, &entries);
    utr_vec_dispose(&entries);
    return read ? node : NULL;
}

/* The node that event begins; NULL, with the fault recorded, where reading cannot go on. */
static yaml_node *build_node(yaml_builder *b, const yaml_event_t *event, unsigned level)
{
    if (!check_level(b, place_at(b, event->start_mark), level))
        return NULL;
    if (event->type == YAML_SCALAR_EVENT)
        return build_scalar(b, event);
    if (event->type == YAML_ALIAS_EVENT)
        return build_alias(b, event, level);
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return build_sequence(b, event, level);
    assert(event->type == YAML_MAPPING_START_EVENT);
    return build_mapping(b, event, level);
}

static bool read_document(yaml_builder *b, const yaml_event_t *start)
{
    if (b->doc->root) {
        build_fault(b, place_at(b, start->start_mark), "a second document; one file holds one");
        return false;
    }
    auto_event yaml_event_t first = {0};
    if (!next_event(b, &first))
        return false;
    const yaml_node *root = build_node(b, &first, 1);
    b->doc->root = root ? &root->base : NULL;
    return root != NULL;
}

static void read_stream(yaml_builder *b)
{
    for (;;) {
        auto_event yaml_event_t event = {0};
        if (!next_event(b, &event) || event.type == YAML_STREAM_END_EVENT)
            return;
        if (event.type == YAML_DOCUMENT_START_EVENT && !read_document(b, &event))
            return;
    }
}

static void root_of_nothing(yaml_builder *b)
{
    yaml_node *node = doc_alloc(b->doc, 1, sizeof *node);
    node->base = (utr_yaml){.kind = UTR_YAML_NULL, .place = {.path = b->path}};
    b->doc->root = &node->base;
}

utr_code utr_yaml_parse(const char *path, const char *text, size_t len, utr_yaml_doc **out,
                        utr_faults *faults)
{
    if (len > MOST_BYTES) {
        utr_faults_add(faults, (utr_place){.path = path}, "more than %zu bytes; make the file smaller",
                       MOST_BYTES);
        return UTR_CONFIG;
    }
    auto_yaml utr_yaml_doc *doc = UTR_NEW(utr_yaml_doc);
    yaml_builder b = {.doc = doc, .path = path, .faults = faults};
    if (!yaml_parser_initialize(&b.parser))
        abort(); /* out of memory, as utr_calloc does */
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)text, len);
    read_stream(&b);
    yaml_parser_delete(&b.parser);
    utr_vec_dispose(&b.anchors);
    if (b.faulty)
        return UTR_CONFIG;
    if (!doc->root)
        root_of_nothing(&b);
    *out = doc;
    doc = NULL;
    return UTR_OK;
}

utr_code utr_yaml_load(const char *path, utr_yaml_doc **out, utr_faults *faults, utr_error *err)
{
    auto_buf utr_buf text = UTR_BUF_INIT(MOST_BYTES);
    utr_code code = utr_file_read(path, &text, err);
    if (code)
        return code;
    if (utr_yaml_parse(path, utr_buf_text(&text), text.len, out, faults))
        return utr_fail(err, UTR_CONFIG, "%s has faults", path);
    return UTR_OK;
}

const utr_yaml *utr_yaml_root(const utr_yaml_doc *doc)
{
    return doc->root;
}

void utr_yaml_free(utr_yaml_doc *doc)
{
    if (!doc)
        return;
    for (size_t i = 0; i < doc->memory.count; i++)
        free(doc->memory.items[i]);
    utr_vec_dispose(&doc->memory);
    free(doc);
}

const utr_yaml *utr_yaml_get(const utr_yaml *node, const char *key)
{
    if (!node || node->kind != UTR_YAML_MAPPING)
        return NULL;
    for (size_t i = 0; i < node->count; i++) {
        if (strcmp(node->pairs[i].key, key) == 0)
            return node->pairs[i].value;
    }
    return NULL;
}

bool utr_yaml_bool(const utr_yaml *node, bool *out)
{
    static const char *const WORDS[] = {"false", "False", "FALSE", "true", "True", "TRUE"};
    if (!node || node->kind != UTR_YAML_SCALAR || !node->plain || node->tag)
        return false;
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (strcmp(node->text, WORDS[i]) != 0)
            continue;
        *out = i >= 3;
        return true;
    }
    return false;
}

const char *utr_yaml_kind_text(utr_yaml_kind kind)
{
    static const char *const TEXTS[] = {
        [UTR_YAML_NULL] = "nothing",
        [UTR_YAML_SCALAR] = "a scalar",
        [UTR_YAML_SEQUENCE] = "a list",
        [UTR_YAML_MAPPING] = "a mapping",
    };
    assert((size_t)kind < sizeof TEXTS / sizeof *TEXTS);
    return TEXTS[kind];
}
