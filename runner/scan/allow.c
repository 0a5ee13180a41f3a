#include "scan/allow.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#define RIGHT "write `utr: allow(skip) reason, owner, until 2026-12-31`"

static const char MARK[] = "utr:";

typedef struct {
    int64_t line, below; /* where it stands; where else it holds, 0: nowhere */
    bool kinds[SCAN_KIND_COUNT], used[SCAN_KIND_COUNT];
    char *reason, *owner, *until;
} excuse;

typedef struct {
    const scan_source *source;
    scan_file *out;
    UTR_VEC(excuse) excuses;
} reader;

static void fault(reader *r, int64_t line, char *what)
{
    utr_strs_give(&r->out->faults, utr_format("%s:%lld: %s", r->source->path, (long long)line, what));
    free(what);
}

static tree_text trimmed(tree_text text)
{
    while (text.len && isspace((unsigned char)text.data[0]))
        text.data++, text.len--;
    while (text.len && isspace((unsigned char)text.data[text.len - 1]))
        text.len--;
    return text;
}

/* What stands in front of the last comma, which goes; `text` keeps what is behind it. False: there is none.
 */
static bool cut_last(tree_text *text, tree_text *front)
{
    const char *comma = memrchr(text->data, ',', text->len);
    if (!comma)
        return false;
    *front = trimmed((tree_text){text->data, (size_t)(comma - text->data)});
    *text = trimmed((tree_text){comma + 1, text->len - (size_t)(comma + 1 - text->data)});
    return true;
}

/* "YYYY-MM-DD" that the calendar has. */
static bool is_day(const char *text)
{
    struct tm day = {0};
    const char *end = strptime(text, "%Y-%m-%d", &day);
    if (strlen(text) != 10 || !end || *end)
        return false;
    struct tm same = day;
    return timegm(&same) != -1 && same.tm_mday == day.tm_mday && same.tm_mon == day.tm_mon;
}

/* What may follow the day: the comment's end, or a mark of comments and a remark. */
static bool is_end(tree_text text)
{
    return !text.len || (isspace((unsigned char)text.data[0]) && strchr("#/*-", *trimmed(text).data));
}

static bool read_day(reader *r, excuse *e, tree_text text)
{
    static const char UNTIL[] = "until ";
    if (text.len < sizeof UNTIL || memcmp(text.data, UNTIL, sizeof UNTIL - 1) != 0) {
        fault(r, e->line, utr_format("the excuse has no last day; " RIGHT));
        return false;
    }
    text = trimmed((tree_text){text.data + sizeof UNTIL - 1, text.len - (sizeof UNTIL - 1)});
    size_t len = text.len < 10 ? text.len : 10;
    e->until = utr_strndup(text.data, len);
    bool fine = is_day(e->until) && is_end((tree_text){text.data + len, text.len - len});
    if (!fine)
        fault(r, e->line, utr_format("'%.*s' is no day; write it as 2026-12-31", (int)text.len, text.data));
    return fine;
}

/* reason, owner, until 2026-12-31 */
static bool read_words(reader *r, excuse *e, tree_text text)
{
    tree_text front, owner;
    text = trimmed(text);
    if (!cut_last(&text, &front) || !text.len) {
        fault(r, e->line, utr_format("the excuse needs a reason, an owner and its last day; " RIGHT));
        return false;
    }
    if (!read_day(r, e, text))
        return false;
    owner = front;
    if (!cut_last(&owner, &front) || !owner.len || !front.len) {
        fault(r, e->line, utr_format("the excuse needs a reason and an owner; " RIGHT));
        return false;
    }
    e->reason = utr_strndup(front.data, front.len);
    e->owner = utr_strndup(owner.data, owner.len);
    return true;
}

static bool read_kind(reader *r, excuse *e, tree_text word)
{
    static const char *const WORDS[] = {
#define SCAN_KIND_WORD(name, word, advice) word,
        SCAN_KINDS(SCAN_KIND_WORD)
#undef SCAN_KIND_WORD
    };
    for (size_t i = 0; i < SCAN_KIND_COUNT; i++)
        if (tree_text_is(word, WORDS[i]))
            return e->kinds[i] = true;
    auto_free char *given = utr_strndup(word.data, word.len);
    const char *nearest = utr_text_nearest(given, WORDS, SCAN_KIND_COUNT);
    fault(r, e->line,
          nearest ? utr_format("unknown kind '%s'; did you mean '%s'?", given, nearest)
                  : utr_format("unknown kind '%s'; " RIGHT, given));
    return false;
}

/* Every kind is looked at, so that all that are unknown are told. */
static bool read_kinds(reader *r, excuse *e, tree_text text)
{
    bool fine = true;
    tree_text front;
    while (cut_last(&text, &front)) {
        fine = read_kind(r, e, text) && fine;
        text = front;
    }
    return read_kind(r, e, trimmed(text)) && fine;
}

static void excuse_dispose(excuse *e)
{
    free(e->reason);
    free(e->owner);
    free(e->until);
}

/* (kind, kind) reason, owner, until 2026-12-31 */
static void read_excuse(reader *r, tree_text text, excuse e)
{
    const char *close = memchr(text.data, ')', text.len);
    if (!text.len || *text.data != '(' || !close) {
        fault(r, e.line, utr_format("the excuse names no kind in brackets; " RIGHT));
        return;
    }
    size_t inside = (size_t)(close - text.data) - 1;
    bool fine = read_kinds(r, &e, (tree_text){text.data + 1, inside});
    if (read_words(r, &e, (tree_text){close + 1, text.len - inside - 2}) && fine)
        *utr_vec_push(&r->excuses) = e;
    else
        excuse_dispose(&e);
}

/* --- where they stand --- */

/* Whether only blanks stand between here and the comment's begin, its line's, or a mark of comments. */
static bool begins(const char *comment, const char *at)
{
    while (at > comment && (at[-1] == ' ' || at[-1] == '\t'))
        at--;
    return at == comment || strchr("#/*!\n", at[-1]);
}

/* The word behind the mark, where it is meant for "allow". */
static bool is_meant(tree_text *text)
{
    static const char *const ALLOW[] = {"allow"};
    size_t len = 0;
    *text = trimmed(*text);
    while (len < text->len && isalpha((unsigned char)text->data[len]))
        len++;
    auto_free char *word = utr_strndup(text->data, len);
    if (!utr_text_nearest(word, ALLOW, 1))
        return false;
    *text = trimmed((tree_text){text->data + len, text->len - len});
    return true;
}

/* The rest of the comment's line, without what closes the comment. */
static tree_text rest_of_line(tree_text text)
{
    const char *newline = memchr(text.data, '\n', text.len);
    text = trimmed((tree_text){text.data, newline ? (size_t)(newline - text.data) : text.len});
    if (text.len >= 2 && memcmp(text.data + text.len - 2, "*/", 2) == 0)
        text.len -= 2;
    return trimmed(text);
}

static int64_t newlines(const char *from, const char *to)
{
    int64_t count = 0;
    while ((from = memchr(from, '\n', (size_t)(to - from)))) {
        count++;
        from++;
    }
    return count;
}

/* Whether the comment has its lines for itself. */
static bool is_alone(const scan_source *source, tree_text comment)
{
    const char *before = comment.data, *after = comment.data + comment.len;
    const char *end = source->text.data + source->text.len;
    while (before > source->text.data && before[-1] != '\n' && isspace((unsigned char)before[-1]))
        before--;
    while (after < end && *after != '\n' && isspace((unsigned char)*after))
        after++;
    return (before == source->text.data || before[-1] == '\n') &&
           (after == end || *after == '\n' || (comment.len && after[-1] == '\n'));
}

/* Whether nothing but marks of comments stands in front of it on its line. */
static bool is_first(const char *text, const char *at)
{
    while (at > text && strchr("#/*! \t", at[-1]))
        at--;
    return at == text || at[-1] == '\n';
}

static void read_comment(reader *r, const tree *t, tree_node n)
{
    tree_text comment = tree_text_of(t, n);
    const char *end = comment.data + comment.len;
    bool alone = is_alone(r->source, comment);
    int64_t last = t->nodes[n].line + newlines(comment.data, end) - (comment.len && end[-1] == '\n');
    const char *at = comment.data;
    while ((at = memmem(at, (size_t)(end - at), MARK, sizeof MARK - 1))) {
        const char *behind = at + sizeof MARK - 1;
        tree_text rest = rest_of_line((tree_text){behind, (size_t)(end - behind)});
        excuse e = {.line = t->nodes[n].line + newlines(comment.data, at)};
        e.below = alone && is_first(r->source->text.data, at) ? last + 1 : 0;
        if (begins(comment.data, at) && is_meant(&rest))
            read_excuse(r, rest, e);
        at = behind;
    }
}

static void give(excuse *e, scan_finding *finding)
{
    bool holds = finding->line == e->line || finding->line == e->below;
    if (!holds || !e->kinds[finding->kind])
        return;
    e->used[finding->kind] = true;
    if (finding->allow)
        return;
    finding->allow = UTR_NEW(scan_allow);
    *finding->allow =
        (scan_allow){utr_text_utf8(e->reason), utr_text_utf8(e->owner), utr_strdup(e->until), 0};
}

static bool is_looked_for(const reader *r, int kind)
{
    return !r->source->other || kind == SCAN_DYNAMIC_IMPORT;
}

static void tell_idle(reader *r, const excuse *e)
{
    for (int i = 0; i < SCAN_KIND_COUNT; i++)
        if (e->kinds[i] && !e->used[i] && is_looked_for(r, i))
            fault(r, e->line, utr_format("it excuses no %s; delete it", scan_kind_text((scan_kind)i)));
}

static void apply(reader *r)
{
    for (size_t i = 0; i < r->excuses.count; i++) {
        excuse *e = &r->excuses.items[i];
        for (size_t k = 0; k < r->out->findings.count; k++)
            give(e, &r->out->findings.items[k]);
        if (r->out->state == SCAN_READ)
            tell_idle(r, e);
        excuse_dispose(e);
    }
    utr_vec_dispose(&r->excuses);
}

bool scan_allow_may_be_in(tree_text text)
{
    return memmem(text.data, text.len, MARK, sizeof MARK - 1) != NULL;
}

void scan_allow_read(const scan_source *source, const TSLanguage *grammar, scan_file *out)
{
    reader r = {.source = source, .out = out};
    tree *t = source->tree;
    utr_error ignored = {0}; /* the file's state says that it could not be parsed */
    if (!scan_allow_may_be_in(source->text) || source->text.len > SCAN_MOST_PARSED ||
        out->state == SCAN_UNPARSED || tree_parse(source->parser, grammar, source->text, t, &ignored))
        return;
    for (tree_node n = 0; n < t->count; n++)
        if (t->nodes[n].symbol == t->comment)
            read_comment(&r, t, n);
    apply(&r);
}
