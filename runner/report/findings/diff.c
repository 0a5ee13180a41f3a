/* A unified diff: as it is for programs, cleaned and coloured for people at a terminal. */
#include "report/findings/findings.h"

#include "report/text.h"

#include <string.h>
#include <unistd.h>

static text_tone tone_of(const char *line, size_t len)
{
    if (len >= 4 && (strncmp(line, "--- ", 4) == 0 || strncmp(line, "+++ ", 4) == 0))
        return TEXT_BOLD;
    static const struct {
        char mark;
        text_tone tone;
    } TONES[] = {{'-', TEXT_BAD}, {'+', TEXT_GOOD}, {'@', TEXT_DIM}};
    for (size_t i = 0; len && i < sizeof TONES / sizeof *TONES; i++) {
        if (TONES[i].mark == *line)
            return TONES[i].tone;
    }
    return TEXT_PLAIN;
}

void findings_print_diff(FILE *out, const char *diff, size_t len)
{
    if (fileno(out) < 0 || !isatty(fileno(out))) {
        (void)fwrite(diff, 1, len, out);
        return;
    }
    bool colour = text_may_colour(out);
    for (size_t at = 0; at < len;) {
        const char *newline = memchr(diff + at, '\n', len - at);
        size_t line = newline ? (size_t)(newline - diff) - at : len - at;
        auto_free char *raw = utr_strndup(diff + at, line);
        auto_free char *clean = text_clean(raw);
        text_put(out, colour, tone_of(diff + at, line), clean);
        (void)fputc('\n', out);
        at += line + 1;
    }
}
