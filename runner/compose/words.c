#include "compose/words.h"

#include <ctype.h>
#include <string.h>

/* Copy what stands in quotes at *at, quotes aside. @return false where they are never closed */
static bool copy_quoted(const char **at, char *word, size_t *len)
{
    const char *in = *at;
    char quote = *in++;
    while (*in && *in != quote) {
        if (*in == '\\' && quote == '"' && (in[1] == '"' || in[1] == '\\'))
            in++;
        word[(*len)++] = *in++;
    }
    *at = in + 1;
    return *in != 0;
}

bool compose_words(const char *text, utr_strs *out, bool *shell)
{
    const char *at = text;
    auto_free char *word = utr_calloc(strlen(text) + 1, 1);
    *shell = false;
    for (;;) {
        size_t len = 0;
        while (isspace((unsigned char)*at))
            at++;
        if (!*at)
            return true;
        while (*at && !isspace((unsigned char)*at)) {
            if (*at == '\'' || *at == '"') {
                if (!copy_quoted(&at, word, &len))
                    return false;
                continue;
            }
            if (*at == '\\' && at[1])
                at++;
            else if (strchr(";&|<>", *at))
                *shell = true;
            word[len++] = *at++;
        }
        utr_strs_give(out, utr_strndup(word, len));
    }
}
