#include "scan/python/condense.h"

#include <ctype.h>
#include <string.h>

/* --- words that matter --- */

enum { WINDOW = 4, BLOCKS = 1024 };

/* How the name matters that a word is part of. */
typedef enum {
    WHOLE,  /* with its arguments */
    ALONE,  /* its arguments do not, where it decorates something or is entered by a "with" */
    CALLED, /* only where it is called; its arguments do not */
} importance;

/* In small letters, at least WINDOW long; found as part of any name, in any case. */
#define WORD(text, matter)                                                                                   \
    {                                                                                                        \
        text, sizeof(text) - 1, matter                                                                       \
    }
static const struct {
    const char *text;
    size_t len;
    importance matter;
} WORDS[] = {
    WORD("skip", WHOLE),     WORD("xfail", WHOLE),           WORD("pytestmark", WHOLE),
    WORD("suppress", WHOLE), WORD("import", WHOLE),          WORD("patch", ALONE),
    WORD("raises", ALONE),   WORD("warns", ALONE),           WORD("fail", CALLED),
    WORD("assert", CALLED),  WORD("verify", CALLED),         WORD("check", CALLED),
    WORD("expect", CALLED),  WORD("deprecated_call", ALONE),
};
#undef WORD
enum { WORD_COUNT = sizeof WORDS / sizeof *WORDS };

typedef struct {
    uint32_t start, end; /* the name that it is part of */
    importance matter;
} word;

/* What becomes of a statement. */
typedef enum {
    KEPT,   /* stays as it is */
    SOLID,  /* likewise; and whatever stands in front of it, its block is not empty */
    PLAIN,  /* only that there is one matters */
    DOC,    /* a string, which matters only where the block holds nothing else */
    PRINT,  /* likewise a call of print(), without its arguments */
    CALL,   /* a call whose name matters, and its arguments do not */
    ASSERT, /* a call of an assertion of unittest: as good as an "assert" */
    VALUE,  /* "assert" or "return" with something that is no literal */
    TEST,   /* "if" or "while": begins a block whose condition does not matter */
    LOOP,   /* "for": likewise what it runs over */
    ENTRY,  /* "with": what it enters first is a call whose arguments do not matter */
    MARK,   /* a decorator whose arguments do not matter */
} nature;

typedef struct {
    const char *text; /* as it was */
    char *out;        /* as it becomes */
    uint32_t len;
    const python_lines *lines;
    UTR_VEC(word) words;           /* that matter, in code */
    size_t next_word, next_string; /* of the statement in work */
    const python_logical *weak;    /* statements that may go, up to the one before: PLAIN, DOC, PRINT */
    size_t weak_count;
    bool weak_plain; /* the first is PLAIN; none of the others is */
    bool handler;    /* in a handler's body */
    uint32_t handler_indent;
} condenser;

static bool is_word(char c)
{
    return c < 0 || c == '_' || isalnum((unsigned char)c);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f' || c == '\r';
}

/* Two letters in any case. */
static unsigned block_of(const char *at)
{
    return (unsigned)(at[0] & 31) << 5 | (unsigned)(at[1] & 31);
}

/* How far the search may go on behind two letters at the end of its window (Wu and Manber 1994, blocks of 2).
 */
static void fill_shifts(uint8_t shifts[BLOCKS])
{
    memset(shifts, WINDOW - 1, BLOCKS);
    for (size_t i = 0; i < WORD_COUNT; i++)
        for (uint8_t at = 0; at + 2 <= WINDOW; at++) {
            uint8_t *shift = &shifts[block_of(WORDS[i].text + at)];
            *shift = *shift < WINDOW - 2 - at ? *shift : (uint8_t)(WINDOW - 2 - at);
        }
}

enum { MOST_INDEX = 256 };

/* Behind the bracket that closes the one at `at`; what is longer, or holds odd strings, ends somewhere. */
static uint32_t pass_index(const condenser *c, uint32_t at)
{
    uint32_t depth = 0, most = c->len - at > MOST_INDEX ? at + MOST_INDEX : c->len;
    do {
        depth += c->text[at] == '[';
        depth -= c->text[at] == ']';
        at++;
    } while (depth && at < most);
    return at;
}

/* Whether a call follows, perhaps of what a name holds at an index. */
static bool is_called(const condenser *c, uint32_t at)
{
    while (at < c->len && (is_blank(c->text[at]) || c->text[at] == '['))
        at = c->text[at] == '[' ? pass_index(c, at) : at + 1;
    return at < c->len && (c->text[at] == '(' || c->text[at] == '\\');
}

/* Index of the word that begins at `at`, or their count. */
static size_t word_at(const condenser *c, uint32_t at)
{
    size_t i = 0;
    char first = (char)(c->text[at] | 0x20); /* a letter in small */
    while (i < WORD_COUNT && (WORDS[i].text[0] != first || c->len - at < WORDS[i].len ||
                              strncasecmp(c->text + at, WORDS[i].text, WORDS[i].len) != 0))
        i++;
    return i;
}

/* The whole name around `at`. */
static word name_at(const condenser *c, uint32_t at)
{
    word name = {.start = at, .end = at};
    while (name.end < c->len && is_word(c->text[name.end]))
        name.end++;
    while (name.start && is_word(c->text[name.start - 1]))
        name.start--;
    return name;
}

/* Whether code may stand at `at`: not in a comment, nor in a string without braces. */
static bool is_code(const condenser *c, uint32_t at, size_t *comment, size_t *string)
{
    const python_lines *lines = c->lines;
    while (*comment < lines->comments.count && lines->comments.items[*comment].end <= at)
        ++*comment;
    while (*string < lines->strings.count && lines->strings.items[*string].end <= at)
        ++*string;
    return !(*comment < lines->comments.count && lines->comments.items[*comment].start <= at) &&
           !(*string < lines->strings.count && lines->strings.items[*string].start <= at &&
             !lines->strings.items[*string].formatted);
}

/* A word begins at `at`: note the name where it matters. @return where to go on */
static uint32_t note_word(condenser *c, uint32_t at, importance matter, word *uncalled)
{
    bool called_only = matter == CALLED;
    if (called_only && at < uncalled->end)
        return at + 1;
    word name = name_at(c, at);
    if (called_only && !is_called(c, name.end)) {
        *uncalled = name;
        return at + 1;
    }
    name.matter = matter;
    *(word *)utr_vec_push(&c->words) = name;
    return name.end;
}

static void find_words(condenser *c)
{
    uint8_t shifts[BLOCKS];
    fill_shifts(shifts);
    size_t comment = 0, string = 0;
    word uncalled = {0};
    for (uint32_t at = 0; at + WINDOW <= c->len;) {
        uint8_t shift = shifts[block_of(c->text + at + WINDOW - 2)];
        size_t i = shift ? WORD_COUNT : word_at(c, at);
        if (i < WORD_COUNT && is_code(c, at, &comment, &string))
            at = note_word(c, at, WORDS[i].matter, &uncalled);
        else
            at += shift ? shift : 1;
    }
}

/* --- statements --- */

static const struct {
    const char *word;
    nature nature;
} KEYWORDS[] = {
    {"assert", VALUE}, {"return", VALUE},  {"if", TEST},      {"while", TEST},  {"elif", TEST},
    {"for", LOOP},     {"with", ENTRY},    {"try", SOLID},    {"def", SOLID},   {"class", SOLID},
    {"async", SOLID},  {"import", SOLID},  {"from", SOLID},   {"raise", SOLID}, {"pass", KEPT},
    {"break", KEPT},   {"continue", KEPT}, {"del", KEPT},     {"global", KEPT}, {"nonlocal", KEPT},
    {"else", KEPT},    {"except", KEPT},   {"finally", KEPT}, {"not", KEPT},    {"lambda", KEPT},
    {"case", KEPT},    {"match", KEPT},    {"None", KEPT},    {"True", KEPT},   {"False", KEPT},
    {"exec", KEPT},
};

/* The length of the name at `at`. */
static uint32_t name_len(const condenser *c, uint32_t at, uint32_t end)
{
    uint32_t to = at;
    while (to < end && is_word(c->text[to]))
        to++;
    return to - at;
}

static bool is_name(const condenser *c, uint32_t at, uint32_t len, const char *name)
{
    return strlen(name) == len && memcmp(c->text + at, name, len) == 0;
}

/* Whether a string begins at `at`. */
static bool is_string(condenser *c, uint32_t at)
{
    const python_lines *lines = c->lines;
    while (c->next_string < lines->strings.count && lines->strings.items[c->next_string].start < at)
        c->next_string++;
    return c->next_string < lines->strings.count && lines->strings.items[c->next_string].start == at;
}

/* Whether something begins at `at` that may be no literal: a name. */
static bool is_open(condenser *c, uint32_t at, uint32_t end)
{
    if (at >= end)
        return false;
    char first = c->text[at];
    uint32_t len = name_len(c, at, end);
    return is_word(first) && !isdigit((unsigned char)first) && !is_string(c, at) &&
           !is_name(c, at, len, "None") && !is_name(c, at, len, "True") && !is_name(c, at, len, "False") &&
           !is_name(c, at, len, "not") && !is_name(c, at, len, "lambda");
}

/* The words of a statement: its first, and how many. */
typedef struct {
    const word *first;
    size_t count;
} words_of;

static words_of find_words_of(condenser *c, const python_logical *s)
{
    if (!c->words.count)
        return (words_of){0};
    while (c->next_word < c->words.count && c->words.items[c->next_word].start < s->start)
        c->next_word++;
    size_t end = c->next_word;
    while (end < c->words.count && c->words.items[end].start < s->end)
        end++;
    return (words_of){c->words.items + c->next_word, end - c->next_word};
}

/* Behind `name.name(` at `at`, or 0 where something else stands there. */
static uint32_t arguments_at(const condenser *c, const python_logical *s, uint32_t at)
{
    uint32_t end = at;
    while (end < s->end && (is_word(c->text[end]) || c->text[end] == '.'))
        end++;
    return end > at && end < s->end && c->text[end] == '(' ? end + 1 : 0;
}

static uint32_t arguments_of(const condenser *c, const python_logical *s)
{
    return arguments_at(c, s, s->start);
}

/* 1 where a bracket opens, -1 where one closes. */
static int bracket_at(const condenser *c, uint32_t at)
{
    char first = c->text[at];
    bool opens = first == '(' || first == '[' || first == '{';
    bool closes = first == ')' || first == ']' || first == '}';
    return opens - closes;
}

/* Behind the bracket that closes the one in front of `at`, or 0. */
static uint32_t closing_of(condenser *c, const python_logical *s, uint32_t at)
{
    const size_t next_string = c->next_string;
    int64_t depth = 1;
    while (depth && at < s->end) {
        if (is_string(c, at)) {
            at = c->lines->strings.items[c->next_string].end;
            continue;
        }
        depth += bracket_at(c, at);
        at++;
    }
    c->next_string = next_string;
    return depth ? 0 : at;
}

/* Whether of a call whose arguments begin at `at` and end before `end` these may go. */
static bool is_free(words_of words, uint32_t at, uint32_t end, importance least)
{
    for (size_t i = 0; i < words.count; i++) {
        const word *one = &words.first[i];
        if (one->start < end && (one->start >= at || one->matter < least))
            return false;
    }
    return true;
}

enum { SHORT = 5 }; /* bytes of a literal that stays as what is asserted: "True" */

/* Whether all of a statement is a call whose arguments may go. */
static bool is_bare_call(condenser *c, const python_logical *s, words_of words)
{
    uint32_t at = arguments_of(c, s);
    if (!at || (s->end - at <= SHORT + 1 && c->text[at] != ')' && !is_open(c, at, s->end)))
        return false;
    return is_free(words, at, s->end, CALLED) && closing_of(c, s, at) == s->end;
}

static nature keyword(const condenser *c, uint32_t at, uint32_t len)
{
    for (size_t i = 0; i < sizeof KEYWORDS / sizeof *KEYWORDS; i++)
        if (KEYWORDS[i].word[0] == c->text[at] && is_name(c, at, len, KEYWORDS[i].word))
            return KEYWORDS[i].nature;
    return PLAIN;
}

/* Where what follows the statement's first name begins. */
static uint32_t behind_name(const condenser *c, const python_logical *s)
{
    uint32_t at = s->start + name_len(c, s->start, s->end);
    while (at < s->end && (c->text[at] == ' ' || c->text[at] == '\t'))
        at++;
    return at;
}

/* `self.assertEqual(`: nothing of a mock, and no function of the file. */
static bool is_unittest(const condenser *c, const python_logical *s)
{
    static const char SELF[] = "self.assert";
    return s->end - s->start > sizeof SELF && memcmp(c->text + s->start, SELF, sizeof SELF - 1) == 0 &&
           isupper((unsigned char)c->text[s->start + sizeof SELF - 1]);
}

/* A statement that begins with a name that is no keyword. */
static nature nature_of_name(condenser *c, const python_logical *s, words_of words, uint32_t len)
{
    if (words.count)
        return !is_bare_call(c, s, words) ? KEPT : is_unittest(c, s) ? ASSERT : CALL;
    if (is_name(c, s->start, len, "print"))
        return arguments_of(c, s) ? PRINT : KEPT;
    return PLAIN;
}

/* A "with" that holds a word, or spreads. */
static nature nature_of_entry(condenser *c, const python_logical *s, words_of words)
{
    uint32_t at = arguments_at(c, s, behind_name(c, s));
    uint32_t end = at ? closing_of(c, s, at) : 0;
    return end && is_free(words, at, end, ALONE) ? ENTRY : SOLID;
}

static nature nature_of_mark(condenser *c, const python_logical *s, words_of words)
{
    uint32_t at = arguments_at(c, s, s->start + 1);
    return at && is_free(words, at, s->end, ALONE) && closing_of(c, s, at) == s->end ? MARK : SOLID;
}

/* What the head of every loop becomes. */
static const char LOOPS[] = "for x in x";

static nature nature_of_keyword(condenser *c, const python_logical *s, words_of words, nature found)
{
    bool heads = c->text[s->end - 1] == ':';
    uint32_t behind = behind_name(c, s);
    if (found == VALUE)
        return !words.count && is_open(c, behind, s->end) ? VALUE : KEPT;
    bool plain = heads && behind + 1 < s->end && !words.count && !s->spread && is_blank(c->text[behind - 1]);
    if (found == TEST)
        return plain ? TEST : KEPT;
    if (found == LOOP)
        return plain && s->end - s->start >= sizeof LOOPS ? LOOP : SOLID;
    if (found == ENTRY)
        return plain ? TEST : heads ? nature_of_entry(c, s, words) : SOLID;
    return found;
}

static nature nature_of(condenser *c, const python_logical *s)
{
    words_of words = find_words_of(c, s);
    char first = c->text[s->start];
    if (!s->closed || s->joined)
        return KEPT;
    if (first == '@')
        return nature_of_mark(c, s, words);
    if (is_string(c, s->start))
        return c->lines->strings.items[c->next_string].end == s->end ? DOC : KEPT;
    if (!is_word(first) || isdigit((unsigned char)first))
        return KEPT;
    uint32_t len = name_len(c, s->start, s->end);
    nature found = keyword(c, s->start, len);
    if (found != PLAIN)
        return nature_of_keyword(c, s, words, found);
    return c->text[s->end - 1] == ':' ? KEPT : nature_of_name(c, s, words, len);
}

/* --- what becomes of them --- */

static void blank(condenser *c, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        c->out[i] = c->out[i] == '\n' ? '\n' : ' ';
}

/* What stands from `from` on becomes a name. @return false where there is no room */
static bool reduce(condenser *c, const python_logical *s, uint32_t from)
{
    if (s->spread && c->text[from + 1] == '\n')
        return false;
    blank(c, from, s->end);
    c->out[from] = s->spread ? '(' : 'x';
    if (s->spread) {
        c->out[from + 1] = 'x';
        c->out[s->end - 1] = ')';
    }
    return true;
}

/* `self.assertEqual(...)` becomes `assert x`. */
static void reduce_assertion(condenser *c, const python_logical *s)
{
    static const char ASSERTS[] = "assert ";
    if (reduce(c, s, s->start + (uint32_t)sizeof ASSERTS - 1))
        memcpy(c->out + s->start, ASSERTS, sizeof ASSERTS - 1);
}

/* The last byte moves up to `from`, where the line allows it; else what lies between becomes blanks. */
static void close_up(condenser *c, const python_logical *s, uint32_t from)
{
    char last = c->text[s->end - 1];
    blank(c, from, s->end - !!s->spread);
    if (!s->spread)
        c->out[from] = last;
}

static void blank_arguments(condenser *c, const python_logical *s)
{
    close_up(c, s, arguments_of(c, s));
}

/* The arguments that begin at `at` become blanks; the bracket behind them stays where it is, for findings
 * tell how long a call is. */
static void empty_call(condenser *c, const python_logical *s, uint32_t at)
{
    blank(c, at, closing_of(c, s, at) - 1);
}

static void reduce_loop(condenser *c, const python_logical *s)
{
    close_up(c, s, s->start + (uint32_t)sizeof LOOPS - 1);
    memcpy(c->out + s->start, LOOPS, sizeof LOOPS - 1);
}

/* The statements in front of one that is none of them: they go where it is solid and in their block. */
static void settle_weak(condenser *c, bool solid)
{
    for (size_t i = 0; solid && i < c->weak_count; i++)
        blank(c, c->weak[i].start, c->weak[i].end);
    if (!solid && c->weak_count && c->weak_plain)
        reduce(c, c->weak, c->weak->start);
    c->weak_count = 0;
}

static void add_weak(condenser *c, const python_logical *s, bool plain)
{
    if (!c->weak_count) {
        c->weak = s;
        c->weak_plain = plain;
    }
    c->weak_count++;
}

static void apply(condenser *c, const python_logical *s, nature what)
{
    switch (what) {
    case PLAIN:
    case DOC:
    case PRINT:
        add_weak(c, s, what == PLAIN);
        return;
    case VALUE:
        reduce(c, s, behind_name(c, s));
        return;
    case CALL:
        blank_arguments(c, s);
        return;
    case ASSERT:
        reduce_assertion(c, s);
        return;
    case TEST:
        close_up(c, s, behind_name(c, s) + 1);
        c->out[behind_name(c, s)] = 'x';
        return;
    case LOOP:
        reduce_loop(c, s);
        return;
    case ENTRY:
        empty_call(c, s, arguments_at(c, s, behind_name(c, s)));
        return;
    case MARK:
        empty_call(c, s, arguments_at(c, s, s->start + 1));
        return;
    case SOLID:
    case KEPT:
        return;
    }
}

static void condense(condenser *c, const python_logical *s)
{
    c->handler = c->handler && s->indent > c->handler_indent;
    nature what = c->handler ? KEPT : nature_of(c, s);
    bool same = c->weak_count && c->weak->indent == s->indent;
    if (!same || (what != DOC && what != PRINT))
        settle_weak(c, same && what != KEPT);
    apply(c, s, what);
    if (!c->handler && is_name(c, s->start, name_len(c, s->start, s->end), "except")) {
        c->handler = true;
        c->handler_indent = s->indent;
    }
}

/* Whether an import gives a name that matters another one, under which it would not be found. */
static bool has_alias(const condenser *c)
{
    for (size_t i = 0; i < c->words.count; i++) {
        uint32_t at = c->words.items[i].end;
        while (at < c->len && is_blank(c->text[at]))
            at++;
        if (c->len - at > 3 && memcmp(c->text + at, "as ", 3) == 0)
            return true;
    }
    return false;
}

void python_condense(const python_lines *lines, tree_text text, char *out)
{
    condenser c = {.text = text.data, .out = out, .len = (uint32_t)text.len, .lines = lines};
    memcpy(out, text.data, text.len);
    out[text.len] = 0;
    python_lines_blank_comments(lines, out);
    find_words(&c);
    bool aliased = has_alias(&c);
    for (size_t i = 0; i < lines->logical.count && !aliased; i++)
        condense(&c, &lines->logical.items[i]);
    settle_weak(&c, false);
    utr_vec_dispose(&c.words);
}
