#include "restore/remark.h"

#include "base/memory.h"

#include <ctype.h>

char *remark_kept(tree_text indent, tree_text code, tree_text rest)
{
    while (rest.len && isspace((unsigned char)rest.data[rest.len - 1]))
        rest.len--;
    size_t blanks = 0;
    while (blanks < rest.len && isspace((unsigned char)rest.data[blanks]))
        blanks++;
    bool is_comment = blanks < rest.len && rest.data[blanks] == '#';
    const char *mark = !rest.len || (is_comment && blanks) ? "" : is_comment ? "  " : "  # ";
    size_t skip = is_comment ? 0 : blanks;
    return utr_format("%.*s%.*s%s%.*s", (int)indent.len, indent.data, (int)code.len, code.data, mark,
                      (int)(rest.len - skip), rest.data + skip);
}
