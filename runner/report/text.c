#include "report/text.h"

#include "base/json.h"
#include "base/memory.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

bool text_may_colour(FILE *out)
{
    int fd = fileno(out);
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return fd >= 0 && isatty(fd) && !(no_color && *no_color) && term && *term && strcmp(term, "dumb") != 0;
}

void text_put(FILE *out, bool colour, text_tone tone, const char *words)
{
    static const char *const CODES[] = {
        [TEXT_PLAIN] = "",        [TEXT_GOOD] = "\033[32m", [TEXT_BAD] = "\033[31m",
        [TEXT_WARN] = "\033[33m", [TEXT_DIM] = "\033[2m",   [TEXT_BOLD] = "\033[1m",
    };
    bool paint = colour && tone != TEXT_PLAIN;
    (void)fprintf(out, "%s%s%s", paint ? CODES[tone] : "", words, paint ? "\033[0m" : "");
}

/* The code point that valid UTF-8 begins with. @param out_len its bytes */
static uint32_t decode(const char *text, size_t *out_len)
{
    const unsigned char *in = (const unsigned char *)text;
    size_t len = in[0] < 0x80 ? 1 : in[0] < 0xE0 ? 2 : in[0] < 0xF0 ? 3 : 4;
    static const uint32_t MASKS[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t point = in[0] & MASKS[len];
    for (size_t i = 1; i < len; i++)
        point = point << 6 | (in[i] & 0x3F);
    *out_len = len;
    return point;
}

/* Text that is valid UTF-8 for certain; the caller drops it. */
static json_t *repaired(const char *text)
{
    return utr_json_text(text ? text : "");
}

static bool ends_string(const char *at)
{
    return *at == '\a' || (at[0] == '\033' && at[1] == '\\');
}

/* Where an escape sequence that begins at text (ECMA-48, section 5) ends. */
static const char *after_escape(const char *text)
{
    const char *at = text + 1;
    if (*at && strchr("]PX^_", *at)) { /* a string, up to BEL or ST */
        while (*at && !ends_string(at))
            at++;
        return *at == '\033' ? at + 2 : at + (*at != '\0');
    }
    if (*at == '[')
        at++;
    while (*at >= 0x20 && *at <= 0x3F) /* parameters and intermediates */
        at++;
    return *at >= 0x40 && *at <= 0x7E ? at + 1 : at;
}

/* Characters that move the cursor, hide text or turn its direction. */
static bool is_hostile(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x200B && point <= 0x200F) ||
           (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) || point == 0xFEFF;
}

static bool is_space(char c)
{
    return c == '\n' || c == '\t' || c == '\r';
}

/* Copies what is harmless from a valid UTF-8 text into out, which has room for it. */
static void copy_harmless(char *out, const char *in)
{
    while (*in) {
        size_t len = 1;
        if (*in == '\033') {
            in = after_escape(in);
            continue;
        }
        uint32_t point = decode(in, &len);
        if (is_space(*in))
            *out++ = ' ';
        else if (!is_hostile(point))
            out = (char *)memcpy(out, in, len) + len;
        in += len;
    }
    *out = '\0';
}

/* GitHub reads "::name::" at a line's start and "##[name]" anywhere in it as commands. */
static char *without_commands(const char *text)
{
    size_t blank = strspn(text, " ");
    if (strncmp(text + blank, "::", 2) != 0 && !strstr(text, "##["))
        return utr_strdup(text);
    char *out = utr_calloc(strlen(text) * 2 + 2, 1);
    size_t len = 0;
    for (size_t i = 0; text[i]; i++) {
        out[len++] = text[i];
        bool at_start = i == blank && strncmp(text + i, "::", 2) == 0;
        if (at_start || strncmp(text + i, "##[", 3) == 0)
            out[len++] = ' ';
    }
    return out;
}

/* Nothing in it is to be repaired or taken out, as in nearly all that there is to tell. */
static bool is_plain(const char *text)
{
    while (*text >= ' ' && *text <= '~')
        text++;
    return !*text;
}

char *text_clean(const char *text)
{
    if (text && is_plain(text))
        return without_commands(text);
    auto_json json_t *valid = repaired(text);
    auto_free char *harmless = utr_strdup(json_string_value(valid));
    copy_harmless(harmless, json_string_value(valid));
    return without_commands(harmless);
}

char *text_first_line(const char *text)
{
    const char *from = text ? text : "";
    from += strspn(from, " \t\r\n");
    auto_free char *line = utr_strndup(from, strcspn(from, "\n"));
    return text_clean(line);
}

static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (; *text; count++) {
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return count;
}

void text_put_lines(FILE *out, const char *indent, const char *text, size_t limit)
{
    const char *at = text ? text : "";
    size_t count = count_lines(at);
    size_t left_out = count > limit ? count - limit : 0;
    for (size_t line = 0; line < count; line++) {
        size_t len = strcspn(at, "\n");
        auto_free char *one = utr_strndup(at, len);
        auto_free char *clean = text_clean(one);
        if (line == 1 && left_out)
            (void)fprintf(out, "%s... %zu line%s; see report.json\n", indent, left_out, text_s(left_out));
        if (line == 0 || line > left_out)
            (void)fprintf(out, "%s%s\n", indent, clean);
        at += len + (at[len] == '\n');
    }
}

static bool xml_has(uint32_t point)
{
    return point == 0x9 || point == 0xA || point == 0xD || (point >= 0x20 && point <= 0xD7FF) ||
           (point >= 0xE000 && point <= 0xFFFD) || point >= 0x10000;
}

char *text_for_xml(const char *text)
{
    auto_json json_t *valid = repaired(text);
    const char *in = json_string_value(valid);
    char *out = utr_strdup(in);
    char *to = out;
    while (*in) {
        size_t len;
        if (xml_has(decode(in, &len)))
            to = (char *)memcpy(to, in, len) + len;
        in += len;
    }
    *to = '\0';
    return out;
}

/* Counts too many rather than too few: a line that is cut early still fits. */
static size_t columns_of(uint32_t point)
{
    return point >= 0x1100 ? 2 : 1;
}

size_t text_columns(const char *text)
{
    size_t columns = 0;
    for (size_t len; *text; text += len)
        columns += columns_of(decode(text, &len));
    return columns;
}

void text_cut(char *text, size_t columns)
{
    if (text_columns(text) <= columns)
        return;
    size_t dots = columns >= 3 ? 3 : columns;
    size_t used = 0, at = 0, len;
    while (text[at]) {
        size_t wide = columns_of(decode(text + at, &len));
        if (used + wide > columns - dots)
            break;
        used += wide;
        at += len;
    }
    (void)memset(text + at, '.', dots); /* what is cut off is at least as long as the dots */
    text[at + dots] = '\0';
}
