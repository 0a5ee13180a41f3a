#include "suites/go_build.h"

#include "base/buf.h"
#include "base/files.h"
#include "base/text.h"
#include "suites/environment.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_SOURCE = 1 << 20, AT_ONCE_SINCE = 20 };

/** A place in testing.go, the same in Go 1.14 to 1.19. */
typedef struct {
    const char *old;
    const char *new;
    bool must; /* be there */
} change;

static const change CHANGES[] = {
    /* a subtest's result is printed when it is known */
    {"if c.chatty != nil && p.w == c.chatty.w {", "if c.chatty != nil {", true},
    /* the next parallel test goes on after this one's result, not before */
    {"\t\t\tt.context.release()\n\t\t}\n\t\tt.report() // Report after all subtests have finished.\n",
     "\t\t\tt.report()\n\t\t\tt.context.release()\n\t\t}\n\t\tif len(t.sub) > 0 || !t.isParallel "
     "{\n\t\t\tt.report()\n\t\t}\n",
     false},
};

static const char *value_of(const utr_strs *environment, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < environment->count; i++) {
        if (strncmp(environment->items[i], name, len) == 0 && environment->items[i][len] == '=')
            return environment->items[i] + len + 1;
    }
    return "";
}

/* The folder of the Go that PATH leads to, NULL where there is none. */
static char *root_find(const utr_strs *environment)
{
    auto_free char *path = utr_strdup(value_of(environment, "PATH"));
    char *rest = path;
    for (char *folder; (folder = strsep(&rest, ":"));) {
        auto_free char *program = utr_path_join(*folder ? folder : ".", "go");
        auto_free char *real = access(program, X_OK) == 0 ? realpath(program, NULL) : NULL;
        char *bin = real ? strstr(real, "/bin/go") : NULL;
        if (bin)
            return utr_strndup(real, (size_t)(bin - real));
    }
    return NULL;
}

/* 19 for "go1.19.8"; 0: not known */
static int minor_of(const char *root)
{
    utr_error err = {0};
    auto_buf utr_buf text = UTR_BUF_INIT(4096);
    auto_free char *path = utr_path_join(root, "VERSION");
    if (utr_file_read(path, &text, &err) || !utr_text_starts(utr_buf_text(&text), "go1."))
        return 0;
    return (int)strtol(utr_buf_text(&text) + strlen("go1."), NULL, 10);
}

static utr_code file_write(const char *path, const char *text, utr_error *err)
{
    FILE *file = fopen(path, "we");
    bool written = file && fputs(text, file) >= 0;
    if (file && fclose(file))
        written = false;
    return written ? UTR_OK : utr_fail_sys(err, errno, "write %s", path);
}

/* The text with the change made, owned; NULL where its place is not there. */
static char *change_make(const char *text, const change *what)
{
    const char *at = strstr(text, what->old);
    if (!at)
        return NULL;
    return utr_format("%.*s%s%s", (int)(at - text), text, what->new, at + strlen(what->old));
}

static utr_code source_change(const char *from, const char *to, utr_error *err)
{
    auto_buf utr_buf source = UTR_BUF_INIT(MOST_SOURCE);
    if (utr_file_read(from, &source, err))
        return utr_wrap(err, "testing");
    auto_free char *text = utr_strdup(utr_buf_text(&source));
    for (size_t i = 0; i < sizeof CHANGES / sizeof *CHANGES; i++) {
        char *changed = change_make(text, &CHANGES[i]);
        if (!changed && CHANGES[i].must)
            return utr_fail(err, UTR_CONFLICT,
                            "%s tells the end of subtests in a way that is not known; use Go 1.20 or newer",
                            from);
        if (!changed)
            continue;
        free(text);
        text = changed;
    }
    return file_write(to, text, err);
}

/* @return the overlay's path, owned; NULL: err says why */
static char *overlay_make(const char *root, const char *folder, utr_error *err)
{
    auto_free char *from = utr_path_join(root, "src/testing/testing.go");
    auto_free char *to = utr_path_join(folder, "testing.go");
    auto_free char *path = utr_path_join(folder, "overlay.json");
    if (source_change(from, to, err))
        return NULL;
    json_t *overlay = json_pack("{s{ss}}", "Replace", from, to);
    char *text = json_dumps(overlay, JSON_COMPACT);
    utr_code code = text ? file_write(path, text, err) : utr_fail(err, UTR_CONFLICT, "%s is no text", path);
    free(text);
    json_decref(overlay);
    return code ? NULL : utr_strdup(path);
}

utr_code suites_go_prepare(const char *folder, utr_strs *environment, utr_error *err)
{
    auto_free char *root = root_find(environment);
    int minor = root ? minor_of(root) : 0;
    bool old = minor && minor < AT_ONCE_SINCE;
    if (strchr(UTR_GO_EXEC, ' ') || (old && strchr(folder, ' ')))
        return utr_fail(err, UTR_CONFIG, "a path with a space, '%s', cannot stand in GOFLAGS",
                        strchr(UTR_GO_EXEC, ' ') ? UTR_GO_EXEC : folder);
    auto_free char *overlay = old ? overlay_make(root, folder, err) : NULL;
    if (old && !overlay)
        return err->code;
    auto_strs utr_strs flags = {0};
    utr_strs_give(&flags, utr_format("GOFLAGS=%s -exec=%s -count=1%s%s", value_of(environment, "GOFLAGS"),
                                     UTR_GO_EXEC, overlay ? " -overlay=" : "", overlay ? overlay : ""));
    suites_environment_set(environment, &flags);
    return UTR_OK;
}

void suites_go_clean(const char *folder)
{
    static const char *const FILES[] = {"testing.go", "overlay.json", "turn"};
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        auto_free char *path = utr_path_join(folder, FILES[i]);
        (void)unlink(path);
    }
}
