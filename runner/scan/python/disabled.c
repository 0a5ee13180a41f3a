#include "scan/python/disabled.h"

#include "scan/grammars/grammars.h"
#include "scan/python/commented.h"

#include <ctype.h>
#include <string.h>

typedef struct {
    const python_lines *lines;
    tree_text text;
    tree_parser *parser;
} search;

/* Where a comment's decorator was read to. */
typedef struct {
    size_t comment; /* the one that is read */
    uint32_t at;
    uint32_t hashes; /* that stand in front of the "@": in front of what goes on below, too */
} place;

/* What a remark may begin with. */
static const char *const MARKS[] = {"#", "-", "<-", "=>", "//", ";", "\xE2\x80\x93", "\xE2\x80\x94"};

/* Or with such a word, in any case, perhaps behind a bracket. */
static const char *const WORDS[] = {
    "commented", "deactivated", "disable",   "disabled", "enable",    "fixme",
    "off",       "re-enable",   "reenable",  "removed",  "skip",      "skipped",
    "temp",      "temporarily", "temporary", "todo",     "uncomment", "xxx",
};

/* Tags of documentation comments: no decorators where nothing is called. */
static const char *const TAGS[] = {
    "arg",     "attention", "author",    "authors", "brief",   "bug",       "copyright", "cvar",    "date",
    "details", "example",   "exception", "file",    "ingroup", "invariant", "ivar",      "keyword", "license",
    "link",    "note",      "package",   "param",   "post",    "pre",       "raise",     "raises",  "remark",
    "remarks", "return",    "returns",   "rtype",   "sa",      "section",   "see",       "seealso", "since",
    "summary", "throw",     "throws",    "todo",    "tparam",  "type",      "var",       "version", "warning",
};

/* What no name can be; the grammar takes them where only a name could stand. */
static const char *const KEYWORDS[] = {
    "and",    "as",   "assert", "async",  "await",  "break",   "class",    "continue",
    "def",    "del",  "elif",   "else",   "except", "finally", "for",      "from",
    "global", "if",   "import", "in",     "is",     "lambda",  "nonlocal", "not",
    "or",     "pass", "raise",  "return", "try",    "while",   "with",     "yield",
};

static bool is_word(char c)
{
    return c < 0 || c == '_' || isalnum((unsigned char)c);
}

static const python_comment *comment_at(const search *s, size_t i)
{
    return i < s->lines->comments.count ? &s->lines->comments.items[i] : NULL;
}

/* Behind the name at `at`, or `at` where there is none. */
static uint32_t pass_name(const search *s, uint32_t at, uint32_t end)
{
    uint32_t from = at;
    while (at < end && is_word(s->text.data[at]))
        at++;
    if (at == from || isdigit((unsigned char)s->text.data[from]))
        return from;
    for (size_t i = 0; i < sizeof KEYWORDS / sizeof *KEYWORDS; i++)
        if (strlen(KEYWORDS[i]) == at - from && memcmp(s->text.data + from, KEYWORDS[i], at - from) == 0)
            return from;
    return at;
}

/* Behind `name.name`, or `at` where none begins there. */
static uint32_t pass_dotted(const search *s, uint32_t at, uint32_t end)
{
    uint32_t behind = pass_name(s, at, end);
    while (behind > at && behind < end && s->text.data[behind] == '.') {
        uint32_t next = pass_name(s, behind + 1, end);
        if (next == behind + 1)
            break;
        behind = next;
    }
    return behind;
}

/* Behind a comment's first "#"s, as many as the decorator has, and blanks: a "#" more begins a comment
 * within.
 */
static uint32_t pass_hashes(const search *s, const python_comment *comment, uint32_t hashes)
{
    uint32_t at = comment->start;
    for (; at < comment->end; at++) {
        bool hash = s->text.data[at] == '#';
        if ((hash && !hashes) || (!hash && !python_is_in(s->text.data[at], " \t\f")))
            break;
        hashes -= hash;
    }
    return at;
}

/* Go on in the comment on the next line, where there is one that begins no decorator of its own. */
static bool continue_below(const search *s, place *p)
{
    const python_comment *here = comment_at(s, p->comment), *next = comment_at(s, p->comment + 1);
    if (!next || !next->alone || next->line != here->line + 1)
        return false;
    uint32_t body = python_comment_body(s->text, next);
    p->comment++;
    p->at = pass_hashes(s, next, p->hashes);
    return body == next->end || s->text.data[body] != '@';
}

static bool is_triple(const search *s, uint32_t at, uint32_t end)
{
    const char *quotes = s->text.data + at;
    return end - at >= 3 && quotes[1] == quotes[0] && quotes[2] == quotes[0];
}

/* Behind the string whose quote is at p: in three quotes, or behind a backslash, it may go on below.
 * @return false where it does not close */
static bool pass_string(const search *s, place *p)
{
    char quote = s->text.data[p->at];
    bool triple = is_triple(s, p->at, comment_at(s, p->comment)->end), continued = false;
    p->at += triple ? 3 : 1;
    for (;;) {
        uint32_t end = comment_at(s, p->comment)->end;
        if (p->at >= end) {
            if (!(triple || continued) || !continue_below(s, p))
                return false;
            continued = false;
        } else if (s->text.data[p->at] == quote && (!triple || is_triple(s, p->at, end))) {
            p->at += triple ? 3 : 1;
            return true;
        } else {
            continued = s->text.data[p->at] == '\\';
            p->at += continued ? 2 : 1;
            continued = continued && p->at > end;
        }
    }
}

/* Behind the bracket that closes the one at p. @return false where it does not close */
static bool pass_brackets(const search *s, place *p)
{
    uint32_t depth = 0;
    do {
        uint32_t end = comment_at(s, p->comment)->end;
        if (p->at >= end || s->text.data[p->at] == '#') {
            if (!continue_below(s, p))
                return false;
            continue;
        }
        char c = s->text.data[p->at];
        if (c == '"' || c == '\'') {
            if (!pass_string(s, p))
                return false;
            continue;
        }
        depth += python_is_in(c, "([{");
        depth -= python_is_in(c, ")]}");
        p->at++;
    } while (depth);
    return true;
}

/* The decorator whose "@" is at p. @return false where it never ends */
static bool pass_decorator(const search *s, place *p)
{
    for (;;) {
        uint32_t end = comment_at(s, p->comment)->end;
        if (p->at >= end)
            return true;
        char c = s->text.data[p->at];
        uint32_t name = c == '.' ? pass_name(s, p->at + 1, end) : 0;
        if (c == '(' || c == '[') {
            if (!pass_brackets(s, p))
                return false;
        } else if (name > p->at + 1) {
            p->at = name;
        } else {
            return true;
        }
    }
}

static bool is_listed(const char *at, size_t len, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t word = strlen(words[i]);
        if (len >= word && strncasecmp(at, words[i], word) == 0 && (len == word || !is_word(at[word])))
            return true;
    }
    return false;
}

#define IS_LISTED(at, len, words) is_listed(at, len, words, sizeof(words) / sizeof *(words))

/* Whether what stands behind a decorator is a remark about it and no prose that it is part of. */
static bool is_remark(const char *at, size_t len)
{
    while (len && (*at == ' ' || *at == '\t'))
        at++, len--;
    if (!len)
        return true;
    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++)
        if (len >= strlen(MARKS[i]) && memcmp(at, MARKS[i], strlen(MARKS[i])) == 0)
            return true;
    bool bracket = python_is_in(*at, "([{");
    return IS_LISTED(at + bracket, len - bracket, WORDS);
}

/* Whether it parses as a decorator in front of a def, its "#"s taken out. */
static bool parses(const search *s, const python_disabled *d, size_t comment)
{
    static const char DEF[] = "\ndef f(): pass\n";
    size_t len = d->end - d->at;
    auto_free char *code = utr_calloc(1, len + sizeof DEF);
    memcpy(code, s->text.data + d->at, len);
    memcpy(code + len, DEF, sizeof DEF);
    for (size_t i = comment + 1; i <= comment + (d->last - d->line); i++) {
        const python_comment *c = comment_at(s, i);
        memset(code + (c->start - d->at), ' ', pass_hashes(s, c, d->hashes) - c->start);
    }
    auto_tree tree parsed = {0};
    utr_error err = {0}; /* what takes too long to parse is none */
    tree_text whole = {code, len + sizeof DEF - 1};
    return !tree_parse(s->parser, tree_sitter_python(), whole, &parsed, &err) && !parsed.broken;
}

static bool is_tag(const search *s, const python_disabled *d)
{
    size_t len = d->name_end - d->at - 1;
    for (size_t i = 0; d->name_end == d->end && i < sizeof TAGS / sizeof *TAGS; i++)
        if (strlen(TAGS[i]) == len && strncasecmp(s->text.data + d->at + 1, TAGS[i], len) == 0)
            return true;
    return false;
}

/* Behind a word and the blanks that follow it, or 0. */
static uint32_t behind(const search *s, const python_logical *l, uint32_t at, const char *word)
{
    size_t len = strlen(word);
    if (l->end - at <= len || memcmp(s->text.data + at, word, len) != 0)
        return 0;
    at += (uint32_t)len;
    uint32_t from = at;
    while (at < l->end && python_is_in(s->text.data[at], " \t\\\r\n"))
        at++;
    return at > from ? at : 0;
}

/* Whether what follows a comment can be decorated. */
static bool is_above_target(const search *s, const python_comment *comment)
{
    if (comment->next >= s->lines->logical.count)
        return false;
    const python_logical *l = &s->lines->logical.items[comment->next];
    uint32_t async = behind(s, l, l->start, "async");
    return s->text.data[l->start] == '@' || behind(s, l, async ? async : l->start, "def") ||
           behind(s, l, l->start, "class");
}

/* What begins at p, in the comment at i. @return false where that is no decorator */
static bool read_from(const search *s, size_t i, place p, python_disabled *out)
{
    if (!pass_decorator(s, &p))
        return false;
    const python_comment *last = comment_at(s, p.comment);
    out->last = last->line;
    out->end = p.at;
    out->hashes = p.hashes;
    return is_remark(s->text.data + p.at, last->end - p.at) && !is_tag(s, out) && parses(s, out, i);
}

/* What the comment at i disables. @return false where it is no decorator */
static bool read_one(const search *s, size_t i, python_disabled *out)
{
    const python_comment *first = comment_at(s, i);
    place p = {i, python_comment_body(s->text, first), 0};
    if (p.at == first->end || s->text.data[p.at] != '@')
        return false;
    *out = (python_disabled){.line = first->line, .start = first->start, .at = p.at, .target = first->next};
    for (uint32_t at = first->start; at < p.at; at++)
        p.hashes += s->text.data[at] == '#';
    p.at = out->name_end = pass_dotted(s, out->at + 1, first->end);
    if (out->name_end == out->at + 1 || !is_above_target(s, first))
        return false;
    place any = {i, p.at, UINT32_MAX}; /* every "#" below is one that switches code off */
    return read_from(s, i, p, out) || read_from(s, i, any, out);
}

uint32_t python_disabled_body(const python_disabled *d, tree_text text, const python_comment *comment)
{
    const search s = {.text = text};
    return pass_hashes(&s, comment, d->hashes);
}

/* From the last comment to the first: what stands between one and its target is known then. */
void python_disabled_read(const python_lines *lines, tree_text text, tree_parser *parser,
                          python_disableds *out)
{
    search s = {lines, text, parser};
    uint32_t target = UINT32_MAX;
    bool gone = false; /* a commented definition stands between here and the target */
    for (size_t i = lines->comments.count; i-- > 0;) {
        const python_comment *comment = &lines->comments.items[i];
        python_disabled one;
        python_commented definition;
        if (!comment->alone || comment->inside)
            continue;
        gone = gone && comment->next == target;
        target = comment->next;
        if (!gone && read_one(&s, i, &one))
            *(python_disabled *)utr_vec_push(out) = one;
        gone = gone || python_commented_read(text, comment, &definition);
    }
    for (size_t i = 0; i < out->count / 2; i++) {
        python_disabled swapped = out->items[i];
        out->items[i] = out->items[out->count - 1 - i];
        out->items[out->count - 1 - i] = swapped;
    }
}
