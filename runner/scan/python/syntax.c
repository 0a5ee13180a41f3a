#include "scan/python/syntax.h"

#include "scan/grammars/grammars.h"
#include "scan/tree.h"

python_symbol_table python_symbols;
python_field_table python_fields;

void python_syntax_prepare(void)
{
    const TSLanguage *grammar = tree_sitter_python();
#define PYTHON_SYMBOL_READ(name) python_symbols.name##_ = tree_symbol_named(grammar, #name);
    PYTHON_SYMBOLS(PYTHON_SYMBOL_READ)
#undef PYTHON_SYMBOL_READ
#define PYTHON_FIELD_READ(name) python_fields.name##_ = tree_field_named(grammar, #name);
    PYTHON_FIELDS(PYTHON_FIELD_READ)
#undef PYTHON_FIELD_READ
}
