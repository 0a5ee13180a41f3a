/** The tree-sitter grammars that are compiled in, by the names that they export. */
#ifndef UTR_SCAN_GRAMMARS_H
#define UTR_SCAN_GRAMMARS_H

#include <tree_sitter/api.h>

const TSLanguage *tree_sitter_c(void);
const TSLanguage *tree_sitter_go(void);
const TSLanguage *tree_sitter_python(void);
const TSLanguage *tree_sitter_toml(void);
const TSLanguage *tree_sitter_tsx(void);
const TSLanguage *tree_sitter_typescript(void);

#endif
