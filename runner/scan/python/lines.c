#include "scan/python/lines.h"

#include <string.h>

/* What a byte of code is to the lexer; the others are passed over. */
enum { PLAIN, NEWLINE, QUOTE, HASH, OPEN, CLOSE, BACKSLASH, SEMICOLON };

static const uint8_t CLASSES[256] = {
    ['\n'] = NEWLINE, ['"'] = QUOTE, ['\''] = QUOTE, ['#'] = HASH,  ['('] = OPEN,       ['['] = OPEN,
    ['{'] = OPEN,     [')'] = CLOSE, [']'] = CLOSE,  ['}'] = CLOSE, ['\\'] = BACKSLASH, [';'] = SEMICOLON,
};

typedef struct {
    const char *text;
    uint32_t len, at;
    uint32_t line, line_start; /* of `at` */
    uint32_t depth;            /* of brackets */
    uint32_t code_end;         /* of what was read last of the statement */
    bool begun;                /* a logical line is in work: the last one */
    python_lines *out;
} lexer;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f' || c == '\r';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c < 0;
}

static bool starts(const lexer *l, uint32_t at, const char *word)
{
    size_t len = strlen(word);
    return l->len - at >= len && memcmp(l->text + at, word, len) == 0;
}

static python_logical *current(lexer *l)
{
    return &l->out->logical.items[l->out->logical.count - 1];
}

/* What came before `to` on this line belongs to the statement, but for a comment. */
static void note_code(lexer *l, uint32_t to)
{
    const python_comment *last =
        l->out->comments.count ? &l->out->comments.items[l->out->comments.count - 1] : NULL;
    if (last && last->line == l->line)
        return;
    while (to > l->line_start && to > l->code_end && is_blank(l->text[to - 1]))
        to--;
    if (l->begun && to > l->line_start && to > l->code_end)
        l->code_end = to;
}

static void end_logical(lexer *l)
{
    if (!l->begun)
        return;
    python_logical *logical = current(l);
    logical->end = l->code_end;
    logical->closed = l->depth == 0;
    l->begun = false;
    l->depth = 0;
}

static void begin_logical(lexer *l, uint32_t indent)
{
    *(python_logical *)utr_vec_push(&l->out->logical) =
        (python_logical){.start = l->at, .line = l->line, .indent = indent};
    l->begun = true;
    l->code_end = l->at;
}

/* Pass the line's end at `at`. */
static void next_line(lexer *l)
{
    l->at++;
    l->line++;
    l->line_start = l->at;
}

static void read_comment(lexer *l, bool alone)
{
    const char *newline = memchr(l->text + l->at, '\n', l->len - l->at);
    uint32_t to = newline ? (uint32_t)(newline - l->text) : l->len;
    uint32_t end = to > l->at && l->text[to - 1] == '\r' ? to - 1 : to;
    *(python_comment *)utr_vec_push(&l->out->comments) = (python_comment){
        .start = l->at,
        .end = end,
        .line = l->line,
        .next = (uint32_t)l->out->logical.count,
        .alone = alone,
        .inside = alone && l->begun,
    };
    l->at = to;
}

/* Whether a statement begins here that cannot stand inside brackets: so a bracket never closed. */
static bool is_statement(const lexer *l)
{
    return starts(l, l->at, "def ") || starts(l, l->at, "class ") || starts(l, l->at, "async def ");
}

/* At the start of a line: blanks, and what they lead to. */
static void begin_line(lexer *l)
{
    uint32_t indent = 0;
    for (; l->at < l->len && is_blank(l->text[l->at]); l->at++) {
        char c = l->text[l->at];
        indent = c == '\t' ? (indent / 8 + 1) * 8 : c == ' ' ? indent + 1 : c == '\f' ? 0 : indent;
    }
    if (l->at == l->len || l->text[l->at] == '\n')
        return;
    if (l->text[l->at] == '#') {
        read_comment(l, true);
        return;
    }
    if (l->begun && l->depth && is_statement(l))
        end_logical(l);
    if (!l->begun)
        begin_logical(l, indent);
    else
        current(l)->spread = true;
}

/* How many bytes in front of the quote at `at` are its prefix. */
static uint32_t prefix_of(const lexer *l)
{
    uint32_t most = l->at - l->line_start, n = 0;
    while (n < most && n < 3 && is_word(l->text[l->at - n - 1])) {
        if (!python_is_in(l->text[l->at - n - 1], "rRbBuUfFtT"))
            return 0;
        n++;
    }
    return n < 3 ? n : 0;
}

/* Behind the quote that closes a string in single quotes whose contents begin at `at`; 0: none on its line.
 */
static uint32_t end_of_single(const lexer *l, uint32_t at, char quote)
{
    for (; at < l->len && l->text[at] != '\n'; at++) {
        if (l->text[at] == quote)
            return at + 1;
        if (l->text[at] == '\\' && at + 1 < l->len) {
            at++;
            if (l->text[at] == '\r' && at + 1 < l->len && l->text[at + 1] == '\n')
                at++;
        }
    }
    return 0;
}

static bool is_escaped(const lexer *l, uint32_t from, uint32_t at)
{
    uint32_t n = 0;
    while (at - n > from && l->text[at - n - 1] == '\\')
        n++;
    return n % 2;
}

static uint32_t end_of_triple(const lexer *l, uint32_t from, char quote)
{
    for (uint32_t at = from; at < l->len; at++) {
        const char *found = memchr(l->text + at, quote, l->len - at);
        if (!found)
            return 0;
        at = (uint32_t)(found - l->text);
        if (l->len - at >= 3 && found[1] == quote && found[2] == quote && !is_escaped(l, from, at))
            return at + 3;
    }
    return 0;
}

static bool closes(const lexer *l, uint32_t at, char quote, uint32_t quotes)
{
    return l->text[at] == quote &&
           (quotes == 1 || (l->len - at >= 3 && l->text[at + 1] == quote && l->text[at + 2] == quote));
}

/* A string within the braces of a formatted one; where it does not close on its line it is none. Behind it,
 * or 0 where the quote ends the whole. */
static uint32_t pass_nested(const lexer *l, uint32_t at, char quote, uint32_t quotes)
{
    uint32_t end = end_of_single(l, at + 1, l->text[at]);
    if (end)
        return end;
    return closes(l, at, quote, quotes) ? 0 : at + 1;
}

static uint32_t end_of_formatted(const lexer *l, uint32_t at, char quote, uint32_t quotes)
{
    uint32_t braces = 0;
    while (at < l->len) {
        char c = l->text[at];
        if (c == '\n' && quotes == 1)
            return 0;
        if (c == '\\') {
            at += at + 1 < l->len ? 2 : 1;
        } else if (c == '{') {
            bool doubled = !braces && at + 1 < l->len && l->text[at + 1] == '{';
            braces += !doubled;
            at += doubled ? 2 : 1;
        } else if (c == '}') {
            braces -= braces > 0;
            at++;
        } else if (c != '"' && c != '\'') {
            at++;
        } else if (!braces) {
            if (closes(l, at, quote, quotes))
                return at + quotes;
            at++;
        } else {
            uint32_t end = pass_nested(l, at, quote, quotes);
            if (!end)
                return at + quotes;
            at = end;
        }
    }
    return 0;
}

static uint32_t end_of_string(const lexer *l, uint32_t from, char quote, uint32_t quotes, bool formatted)
{
    if (formatted)
        return end_of_formatted(l, from, quote, quotes);
    return quotes == 3 ? end_of_triple(l, from, quote) : end_of_single(l, from, quote);
}

/* Count the lines up to `to`, which becomes `at`. */
static void pass_lines(lexer *l, uint32_t to)
{
    const char *newline;
    while ((newline = memchr(l->text + l->at, '\n', to - l->at))) {
        l->at = (uint32_t)(newline - l->text);
        next_line(l);
        current(l)->spread = true;
    }
    l->at = to;
}

/* The end of a line that does not close its string; a backslash continues it. */
static uint32_t end_of_open(const lexer *l, uint32_t at)
{
    while (at < l->len && l->text[at] != '\n')
        at += l->text[at] == '\\' && at + 1 < l->len ? 2 : 1;
    return at;
}

static void read_string(lexer *l)
{
    char quote = l->text[l->at];
    uint32_t prefix = prefix_of(l), start = l->at - prefix;
    uint32_t quotes = closes(l, l->at, quote, 3) ? 3 : 1;
    bool formatted = false;
    for (uint32_t i = start; i < l->at; i++)
        formatted |= python_is_in(l->text[i], "fFtT");
    uint32_t from = l->at + quotes, end = end_of_string(l, from, quote, quotes, formatted);
    uint32_t to = end ? end : quotes == 3 ? l->len : end_of_open(l, from);
    *(python_string *)utr_vec_push(&l->out->strings) = (python_string){
        .start = start,
        .end = to,
        .line = l->line,
        .prefix = (uint8_t)prefix,
        .quotes = (uint8_t)quotes,
        .formatted = formatted,
        .closed = end != 0,
        .inside = l->depth != 0,
    };
    pass_lines(l, to);
    l->code_end = to;
}

/* A backslash: before a line's end it continues the statement. */
static void read_backslash(lexer *l)
{
    uint32_t at = l->at + 1;
    at += at < l->len && l->text[at] == '\r';
    if (at == l->len || l->text[at] != '\n') {
        l->at++;
        return;
    }
    note_code(l, l->at + 1);
    l->at = at;
    next_line(l);
    begin_line(l);
}

/* The line's end at `at`; behind it the next line's first byte of code, or its end. */
static void read_newline(lexer *l)
{
    note_code(l, l->at);
    if (!l->depth)
        end_logical(l);
    next_line(l);
    begin_line(l);
}

/* One byte that is not plain. */
static void step(lexer *l)
{
    switch (CLASSES[(unsigned char)l->text[l->at]]) {
    case NEWLINE:
        read_newline(l);
        return;
    case QUOTE:
        read_string(l);
        return;
    case HASH:
        note_code(l, l->at);
        read_comment(l, false);
        return;
    case BACKSLASH:
        read_backslash(l);
        return;
    case OPEN:
        l->depth++;
        break;
    case CLOSE:
        l->depth -= l->depth > 0;
        break;
    default:
        current(l)->joined |= !l->depth;
    }
    l->at++;
}

void python_lines_read(tree_text text, python_lines *out)
{
    lexer l = {.text = text.data, .len = (uint32_t)text.len, .line = 1, .out = out};
    if (starts(&l, 0, "\xEF\xBB\xBF"))
        l.at = l.line_start = 3;
    begin_line(&l);
    while (l.at < l.len) {
        while (l.at < l.len && CLASSES[(unsigned char)l.text[l.at]] == PLAIN)
            l.at++;
        if (l.at < l.len)
            step(&l);
    }
    note_code(&l, l.len);
    end_logical(&l);
}

void python_lines_dispose(python_lines *lines)
{
    utr_vec_dispose(&lines->logical);
    utr_vec_dispose(&lines->comments);
    utr_vec_dispose(&lines->strings);
}

void python_lines_blank_comments(const python_lines *lines, char *copy)
{
    for (size_t i = 0; i < lines->comments.count; i++) {
        const python_comment *one = &lines->comments.items[i];
        (void)memset(copy + one->start, ' ', one->end - one->start);
    }
}

size_t python_lines_at(const python_lines *lines, uint32_t byte)
{
    size_t low = 0, high = lines->logical.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lines->logical.items[middle].end <= byte)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
