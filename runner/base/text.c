#include "base/text.h"

#include "base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

bool utr_text_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool utr_text_ends(const char *text, const char *suffix)
{
    size_t len = strlen(text);
    size_t suffix_len = strlen(suffix);
    return len >= suffix_len && strcmp(text + len - suffix_len, suffix) == 0;
}

/* Longer words are no slips of the hand, and comparing them would cost the product of their lengths. */
static const size_t LONGEST_NAME = 256;

static size_t least(size_t a, size_t b, size_t c)
{
    size_t low = a < b ? a : b;
    return low < c ? low : c;
}

/* Levenshtein distance, one row at a time, letter case aside. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t b_len = strlen(b);
    auto_free size_t *row = utr_calloc(b_len + 1, sizeof *row);
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < b_len; j++) {
            size_t above = row[j + 1];
            size_t cost = tolower((unsigned char)a[i]) != tolower((unsigned char)b[j]);
            row[j + 1] = least(above + 1, row[j] + 1, diagonal + cost);
            diagonal = above;
        }
    }
    return row[b_len];
}

/* The largest distance at which a word of len bytes is taken for a slip: never all of its letters. */
static size_t most_slips(size_t len)
{
    size_t most = len / 3 > 2 ? len / 3 : 2;
    return most < len ? most : len ? len - 1 : 0;
}

const char *utr_text_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t best = most_slips(strlen(word)) + 1;
    const char *nearest = NULL;
    if (strlen(word) > LONGEST_NAME)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (strlen(candidates[i]) > LONGEST_NAME)
            continue;
        size_t distance = edit_distance(word, candidates[i]);
        if (distance < best) {
            best = distance;
            nearest = candidates[i];
        }
    }
    for (size_t i = 0; i < count && !nearest && strlen(word) >= 3; i++) {
        if (strstr(candidates[i], word))
            nearest = candidates[i];
    }
    return nearest;
}

bool utr_text_glob(const char *glob, const char *text)
{
    return fnmatch(glob, text, 0) == 0;
}

typedef struct {
    const char *name;
    double us;
} duration_unit;

/* The units longest first, so that "ms" is not read as "m". */
static const duration_unit DURATION_UNITS[] = {
    {"us", 1}, {"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}, {"d", 86400e6},
};

static const duration_unit *duration_unit_find(const char *text)
{
    for (size_t i = 0; i < sizeof DURATION_UNITS / sizeof *DURATION_UNITS; i++) {
        if (utr_text_starts(text, DURATION_UNITS[i].name))
            return &DURATION_UNITS[i];
    }
    return NULL;
}

bool utr_text_duration_ms(const char *text, int64_t *out_ms)
{
    static const double MOST_US = 366 * 86400e6;
    double us = 0;
    if (!*text)
        return false;
    while (*text) {
        if (!isdigit((unsigned char)*text))
            return false;
        char *rest = NULL;
        double number = strtod(text, &rest);
        const duration_unit *unit = duration_unit_find(rest);
        bool decimal = rest == text + strspn(text, "0123456789."); /* strtod takes 0x10 and 1e3 too */
        if (!unit || !decimal)
            return false;
        us += number * unit->us;
        if (!(us <= MOST_US))
            return false;
        text = rest + strlen(unit->name);
    }
    *out_ms = (int64_t)((us + 999) / 1000);
    return true;
}

bool utr_text_int(const char *text, int64_t min, int64_t max, int64_t *out)
{
    if (!isdigit((unsigned char)*text) && *text != '-')
        return false;
    char *rest = NULL;
    errno = 0;
    long long number = strtoll(text, &rest, 10);
    if (errno || *rest || number < min || number > max)
        return false;
    *out = number;
    return true;
}

/* The bytes of the UTF-8 sequence that text begins with (RFC 3629), 0 where it begins with none. */
static size_t utf8_sequence(const unsigned char *text)
{
    if (text[0] < 0x80)
        return 1;
    size_t len = text[0] >= 0xF0 ? 4 : text[0] >= 0xE0 ? 3 : 2;
    if (text[0] < 0xC2 || text[0] > 0xF4)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    }
    bool overlong = (text[0] == 0xE0 && text[1] < 0xA0) || (text[0] == 0xF0 && text[1] < 0x90);
    bool outside = (text[0] == 0xED && text[1] > 0x9F) || (text[0] == 0xF4 && text[1] > 0x8F);
    return overlong || outside ? 0 : len;
}

char *utr_text_utf8(const char *text)
{
    size_t most = strlen(text) * 3;
    char *out = utr_calloc(most + 1, 1);
    size_t len = 0;
    while (*text) {
        size_t step = utf8_sequence((const unsigned char *)text);
        (void)memcpy(out + len, step ? text : "\xEF\xBF\xBD", step ? step : 3);
        len += step ? step : 3;
        text += step ? step : 1;
    }
    return out;
}
