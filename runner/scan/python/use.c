#include "scan/python/use.h"

#include "scan/python/expression.h"
#include "scan/python/mock.h"

#include <ctype.h>
#include <string.h>

/* What a name says of the place where it stands. */
typedef enum {
    PLAIN,
    MOCK,     /* a mock, whatever it belongs to */
    IMPORTED, /* a mock where nothing stands in front of it */
    PATCH,    /* a mock where it is called, of its own or of one of those below */
    PATCHER,  /* has a PATCH */
    REPLACE,  /* a mock where it belongs to monkeypatch */
} role;

static const struct {
    const char *name;
    role role;
} ROLES[] = {
    {"Mock", MOCK},
    {"MagicMock", MOCK},
    {"AsyncMock", MOCK},
    {"NonCallableMock", MOCK},
    {"NonCallableMagicMock", MOCK},
    {"PropertyMock", MOCK},
    {"create_autospec", MOCK},
    {"mock_open", MOCK},
    {"mocker", MOCK},
    {"class_mocker", MOCK},
    {"module_mocker", MOCK},
    {"package_mocker", MOCK},
    {"session_mocker", MOCK},
    {"fakeredis", MOCK},
    {"FakeRedis", MOCK},
    {"FakeStrictRedis", MOCK},
    {"FakeAsyncRedis", MOCK},
    {"mongomock", MOCK},
    {"httpretty", MOCK},
    {"requests_mock", MOCK},
    {"respx_mock", MOCK},
    {"httpx_mock", MOCK},
    {"aioresponses", MOCK},
    {"patch", PATCH},
    {"mock", PATCHER},
    {"self", PATCHER},
    {"cls", PATCHER},
    {"setattr", REPLACE},
    {"setitem", REPLACE},
    {"delattr", REPLACE},
    {"delitem", REPLACE},
    {"context", REPLACE},
};

static tree_text text_of(const char *word)
{
    return (tree_text){word, strlen(word)};
}

bool python_use_is_mock_fixture(tree_text name)
{
    /* These say little elsewhere: `responses` is what a test got. */
    static const char *const FIXTURES[] = {"moto", "responses", "respx", "vcr", NULL};
    if (tree_text_is_one_of(name, FIXTURES))
        return true;
    for (size_t i = 0; i < sizeof ROLES / sizeof *ROLES; i++)
        if (ROLES[i].role == MOCK && tree_text_is(name, ROLES[i].name))
            return true;
    return false;
}

/* What an import of `name`, or of `member` of it, binds. */
static role role_of_import(const python_file *f, const char *module, const char *member)
{
    char whole[2 * PYTHON_NAME_SIZE];
    (void)snprintf(whole, sizeof whole, "%s.%s", module, member);
    bool is_general = strcmp(module, "unittest.mock") == 0 || strcmp(module, "mock") == 0;
    if (strcmp(whole, "unittest.mock") == 0 || strcmp(whole, "mock.mock") == 0 || (is_general && !*member))
        return PATCHER;
    if (!is_general)
        return python_is_mock_module(f, *member ? whole : module) ? IMPORTED : PLAIN;
    for (size_t i = 0; i < sizeof ROLES / sizeof *ROLES; i++)
        if (strcmp(member, ROLES[i].name) == 0)
            return ROLES[i].role;
    return PLAIN;
}

static void bind(const python_file *f, python_index *roles, const python_binding *binding)
{
    char module[PYTHON_NAME_SIZE] = "", member[PYTHON_NAME_SIZE] = "";
    if (!python_dotted(f->tree, binding->module, module, sizeof module) ||
        (binding->member && !python_dotted(f->tree, binding->member, member, sizeof member)))
        return;
    role found = role_of_import(f, module, member);
    if (found != PLAIN || tree_text_is(binding->name, "patch"))
        *python_index_at(roles, binding->name) = found;
}

/* By name; of several bindings of one, the first holds. */
static void read_roles(const python_file *f, python_index *roles)
{
    for (size_t i = 0; i < sizeof ROLES / sizeof *ROLES; i++)
        *python_index_at(roles, text_of(ROLES[i].name)) = ROLES[i].role;
    for (size_t i = f->names.bindings.count; i-- > 0;)
        bind(f, roles, &f->names.bindings.items[i]);
}

typedef struct {
    const python_file *f;
    const python_index *functions;
    python_index roles;
    python_uses *out;
    tree_text text;
    tree_text last;         /* the name that was read last */
    char before;            /* the last byte that is no blank and belongs to no name; 'a': a name */
    size_t string, comment; /* the next ones */
} reading;

static void use(reading *r, uint32_t at, uint32_t function)
{
    *utr_vec_push(r->out) = (python_use){at, function};
}

/* The byte behind a name, blanks aside; 0 at the end, and for a lone `=`, which gives the name a meaning. */
static char byte_behind(const reading *r, uint32_t end)
{
    while (end < r->text.len && (r->text.data[end] == ' ' || r->text.data[end] == '\t'))
        end++;
    if (end >= r->text.len || (r->text.data[end] == '=' && r->text.data[end + 1] != '='))
        return '\0';
    return r->text.data[end];
}

static bool is_mock_here(const reading *r, role found, char behind)
{
    bool belongs = r->before == '.';
    switch (found) {
    case MOCK:
        return behind;
    case IMPORTED:
        return behind && !belongs;
    case PATCH:
        return (behind == '(' || behind == '.') &&
               (!belongs || python_index_get(&r->roles, r->last) == PATCHER);
    case REPLACE:
        return belongs && tree_text_is(r->last, "monkeypatch");
    case PLAIN:
    case PATCHER:
        break;
    }
    return false;
}

static void read_name(reading *r, uint32_t start, uint32_t end)
{
    tree_text name = {r->text.data + start, end - start};
    role found = (role)python_index_get(&r->roles, name);
    char behind = byte_behind(r, end);
    if (found != PLAIN && is_mock_here(r, found, behind))
        use(r, start, 0);
    uint32_t function = behind == '(' ? python_index_get(r->functions, name) : 0;
    if (function)
        use(r, start, function);
    r->last = name;
    r->before = 'a';
}

static bool is_of_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* A name or a number. @return where it ends */
static uint32_t read_word(reading *r, uint32_t at, uint32_t limit)
{
    uint32_t end = at + 1;
    while (end < limit && is_of_name(r->text.data[end]))
        end++;
    if (isdigit((unsigned char)r->text.data[at]))
        r->before = '0';
    else
        read_name(r, at, end);
    return end;
}

/* Code that holds no string and no comment. */
static void read_code(reading *r, uint32_t at, uint32_t limit)
{
    while (at < limit) {
        char c = r->text.data[at];
        if (is_of_name(c)) {
            at = read_word(r, at, limit);
            continue;
        }
        if (!isspace((unsigned char)c) && c != '\\')
            r->before = c;
        at++;
    }
}

/* A database that lives in memory stands in for one that does not. */
static void read_string(reading *r, const python_string *string)
{
    static const char *const IN_MEMORY[] = {"sqlite://", ":memory:"};
    uint32_t at = string->start + string->prefix + string->quotes;
    tree_text held = {r->text.data + at, at < string->end ? string->end - at : 0};
    for (size_t i = 0; i < sizeof IN_MEMORY / sizeof *IN_MEMORY; i++)
        if (tree_text_starts(held, IN_MEMORY[i]))
            use(r, string->start, 0);
    r->before = '"';
}

/* Read from a byte up to the next string or comment and over it. @return where it ends */
static uint32_t read_stretch(reading *r, uint32_t at)
{
    const python_lines *lines = &r->f->lines;
    const python_string *string = r->string < lines->strings.count ? &lines->strings.items[r->string] : NULL;
    const python_comment *comment =
        r->comment < lines->comments.count ? &lines->comments.items[r->comment] : NULL;
    if (string && (!comment || string->start < comment->start)) {
        read_code(r, at, string->start);
        read_string(r, string);
        r->string++;
        return string->end;
    }
    read_code(r, at, comment ? comment->start : (uint32_t)r->text.len);
    r->comment++;
    return comment ? comment->end : (uint32_t)r->text.len;
}

void python_uses_read(const python_file *f, const python_index *functions, python_uses *out)
{
    reading r = {.f = f, .functions = functions, .out = out, .text = f->source->text};
    read_roles(f, &r.roles);
    for (uint32_t at = 0; at < r.text.len;)
        at = read_stretch(&r, at);
    python_index_dispose(&r.roles);
}
