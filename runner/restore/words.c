#include "restore/words.h"

#include <ctype.h>
#include <string.h>

bool words_is(words_word w, const char *text)
{
    return w.len == strlen(text) && memcmp(w.data, text, w.len) == 0;
}

bool words_is_letter(char c)
{
    return c < 0 || c == '_' || isalnum((unsigned char)c);
}

words_reader words_from(const words_text *file, uint32_t start, uint32_t end)
{
    words_reader r = {.file = file, .at = start, .end = end};
    const python_lines *lines = file->lines;
    size_t low = 0, high = lines->strings.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lines->strings.items[middle].start < start)
            low = middle + 1;
        else
            high = middle;
    }
    r.string = low;
    for (low = 0, high = lines->comments.count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (lines->comments.items[middle].start < start)
            low = middle + 1;
        else
            high = middle;
    }
    r.comment = low;
    return r;
}

/* Over a string or comment that begins here. */
static bool pass_hidden(words_reader *r)
{
    const python_lines *lines = r->file->lines;
    if (r->string < lines->strings.count && r->at == lines->strings.items[r->string].start) {
        r->at = lines->strings.items[r->string++].end;
        return true;
    }
    if (r->comment < lines->comments.count && r->at == lines->comments.items[r->comment].start) {
        r->at = lines->comments.items[r->comment++].end;
        return true;
    }
    return false;
}

/* The next word or sign; of length 0 at the end. */
words_word words_next(words_reader *r)
{
    const char *text = r->file->text.data;
    while (r->at < r->end && (pass_hidden(r) || isspace((unsigned char)text[r->at])))
        r->at += isspace((unsigned char)text[r->at]) && r->at < r->end ? 1 : 0;
    uint32_t start = r->at;
    if (start >= r->end)
        return (words_word){text, 0, r->end};
    while (r->at < r->end && words_is_letter(text[r->at]))
        r->at++;
    r->at += r->at == start;
    return (words_word){text + start, r->at - start, start};
}
