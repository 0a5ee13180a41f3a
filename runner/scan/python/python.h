/**
 * The Python scan: one text in work, and what its parts find in it. Used inside the Python scan only.
 *
 * python_read() splits the text into lines, condenses it (condense.h), parses that, and asks each part in the
 * order below. A part adds its findings with scan_add() and keeps nothing.
 */
#ifndef UTR_SCAN_PYTHON_PYTHON_H
#define UTR_SCAN_PYTHON_PYTHON_H

#include "scan/language.h"
#include "scan/python/lines.h"
#include "scan/python/names.h"

/** A def or a class. */
typedef struct {
    tree_node node;      /* function_definition or class_definition; in front: sorted.h */
    tree_node decorated; /* its decorated_definition, or 0 */
    uint32_t parent;     /* 1 + index of the def or class around it; 0: none */
    char *symbol;        /* "Class.test_x": the names of those around it and its own */
    bool is_class, is_test;
    const char *neutral; /* why it may be one although it is none: what its subkinds begin with
                            ("other-name:"); else NULL */
} python_def;

/** One text in work. */
typedef struct {
    const scan_source *source;
    scan_file *out;
    python_lines lines;
    const tree *tree; /* of the condensed text; NULL where there is none */
    python_names names;
    UTR_VEC(python_def) defs; /* in the order of the text */
} python_file;

/** Read a text; whole: parse all of it and not what condensing leaves (for tests: finds the same). */
void python_read(const scan_source *source, scan_file *out, bool whole);

/* The parts. Those of the first group need no tree. */
void python_comments(python_file *f); /* disabled-decorator, commented-test, in-string, sqlite-memory */

void python_names_read(python_file *f);
void python_defs_read(python_file *f);
void python_skips(python_file *f);
void python_mocks(python_file *f);
void python_bodies(python_file *f); /* empty-test, no-assert */
void python_swallows(python_file *f);
void python_nested(python_file *f);  /* uncollected-test: nested */
void python_imports(python_file *f); /* dynamic-import */
void python_tests(python_file *f);   /* every scan_test */

/** Whether a text may hold a dynamic-import, by a search of its bytes; and by its lines. */
bool python_imports_may_be_late(tree_text text);
bool python_imports_on_way_out(const python_lines *lines, tree_text text);

/** Turn to blanks what stands on its own in a text and has no part in a dynamic-import. @param out that text,
 * condensed */
void python_imports_keep(const python_lines *lines, tree_text text, char *out);

void python_names_dispose(python_names *names);
void python_defs_dispose(python_file *f);

/** The dotted name that an expression is, followed through imports: "pytest.mark.skip".
 * @return false where it is no dotted name, or a longer one than fits */
bool python_name_of(const python_file *f, tree_node expression, char *out, size_t size);
/** Likewise as it is written. */
bool python_name_written(const python_file *f, tree_node expression, char *out, size_t size);

/** The symbol of the innermost def or class that holds n (its own, where n is one), or NULL. */
const char *python_symbol_at(const python_file *f, tree_node n);

#endif
