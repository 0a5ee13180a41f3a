#include "scan/python/syntax.h"

#include "scan/grammars/grammars.h"
#include "scan/tree.h"

python_symbol_table python_symbols;
python_field_table python_fields;

static void read_symbols(const TSLanguage *grammar)
{
#define PYTHON_SYMBOL_READ(name) python_symbols.name##_ = tree_symbol_named(grammar, #name);
    PYTHON_SYMBOLS(PYTHON_SYMBOL_READ)
#undef PYTHON_SYMBOL_READ
}

static void read_fields(const TSLanguage *grammar)
{
#define PYTHON_FIELD_READ(name) python_fields.name##_ = tree_field_named(grammar, #name);
    PYTHON_FIELDS(PYTHON_FIELD_READ)
#undef PYTHON_FIELD_READ
}

void python_syntax_prepare(void)
{
    read_symbols(tree_sitter_python());
    read_fields(tree_sitter_python());
}
