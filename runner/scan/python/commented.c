#include "scan/python/commented.h"

#include <ctype.h>
#include <string.h>

/* Parts of the words of a label, in any case. */
static const char *const GONE[] = {"remov", "comment", "disabl", "skip",   "deprecat",
                                   "delet", "todo",    "fixme",  "broken", "error"};

static bool is_word(char c)
{
    return c < 0 || c == '_' || isalnum((unsigned char)c);
}

static uint32_t pass_blanks(tree_text text, uint32_t at, uint32_t end)
{
    while (at < end && (text.data[at] == ' ' || text.data[at] == '\t'))
        at++;
    return at;
}

uint32_t python_comment_body(tree_text text, const python_comment *comment)
{
    uint32_t at = comment->start;
    while (at < comment->end && python_is_in(text.data[at], "# \t\f"))
        at++;
    return at;
}

/* Behind the word and the blanks that must follow it, or 0. */
static uint32_t pass_word(tree_text text, uint32_t at, uint32_t end, const char *word)
{
    size_t len = strlen(word);
    if (end - at <= len || memcmp(text.data + at, word, len) != 0)
        return 0;
    uint32_t behind = pass_blanks(text, at + (uint32_t)len, end);
    return behind > at + len ? behind : 0;
}

bool python_commented_at(tree_text text, uint32_t at, uint32_t end, python_commented *out)
{
    uint32_t async = pass_word(text, at, end, "async");
    uint32_t name = pass_word(text, async ? async : at, end, "def");
    bool is_class = !name;
    if (is_class)
        name = pass_word(text, at, end, "class");
    if (!name || isdigit((unsigned char)text.data[name]))
        return false;
    uint32_t name_end = name;
    while (name_end < end && is_word(text.data[name_end]))
        name_end++;
    uint32_t behind = pass_blanks(text, name_end, end);
    if (name_end == name || behind == end)
        return false;
    if (text.data[behind] != '(' && !(is_class && text.data[behind] == ':'))
        return false;
    *out = (python_commented){.at = at, .name = name, .end = name_end, .is_class = is_class};
    return true;
}

static bool is_label(tree_text text, uint32_t at, uint32_t end)
{
    while (end > at && (text.data[end - 1] == ' ' || text.data[end - 1] == '\t'))
        end--;
    const char *label = text.data + at;
    size_t len = end - at;
    if (len < 2 || !(isalpha((unsigned char)*label) || *label < 0))
        return false;
    if (label[len - 1] != ':' && !(label[len - 1] == '-' && label[len - 2] == ' '))
        return false;
    for (size_t i = 0; i < len; i++)
        if (python_is_in(label[i], "\"'()[]{}"))
            return false;
    for (size_t w = 0; w < sizeof GONE / sizeof *GONE; w++)
        for (size_t i = 0, part = strlen(GONE[w]); i + part <= len; i++)
            if (strncasecmp(label + i, GONE[w], part) == 0)
                return true;
    return false;
}

bool python_commented_read(tree_text text, const python_comment *comment, python_commented *out)
{
    uint32_t body = python_comment_body(text, comment);
    if (python_commented_at(text, body, comment->end, out))
        return true;
    for (uint32_t at = body; at < comment->end; at++) {
        bool begins = python_is_in(text.data[at], "adc") && !is_word(text.data[at - 1]);
        if (begins && python_commented_at(text, at, comment->end, out)) {
            out->labelled = true;
            return is_label(text, body, at);
        }
        if (python_is_in(text.data[at], "\"'()[]{}")) /* no label holds one */
            return false;
    }
    return false;
}
