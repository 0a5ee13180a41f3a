/*
 * What the go command prints besides what its test binaries do:
 *
 *     ok      example.com/shop/carts   0.012s          "(cached)" where it did not run
 *     FAIL    example.com/shop/carts [build failed]
 *     # example.com/shop/carts [example.com/shop/carts.test]      what is wrong with it, above that
 *
 * With -json each of these is the "Output" of an object.
 */
#include "suites/reader.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

#include <string.h>

typedef struct {
    suites_track *track;
    utr_buf text;    /* what the compiler said since the last package that it failed for */
    utr_strs failed; /* names and messages of these, told when no test runs any more */
} command_state;

static void command_begin(void *state, suites_track *track)
{
    command_state *self = state;
    *self = (command_state){.track = track, .text = UTR_BUF_INIT((size_t)64 * 1024)};
}

static void command_note(command_state *self, const char *line)
{
    utr_error err = {0};
    if (self->text.len + strlen(line) + 1 > self->text.limit ||
        utr_buf_add(&self->text, line, strlen(line), &err))
        return; /* the beginning is enough */
    utr_buf_puts(&self->text, "\n");
}

/* "FAIL\texample.com/shop/carts [build failed]" */
static void command_failed(command_state *self, const char *line)
{
    const char *package = line + strlen("FAIL\t");
    const char *end = strstr(package, " [");
    if (!end)
        return; /* its own tests said why */
    auto_free char *path = utr_strndup(package, (size_t)(end - package));
    auto_free char *name = utr_format("%s.(%.*s)", path, (int)strcspn(end + 2, "]"), end + 2);
    utr_strs_add(&self->failed, name);
    utr_strs_add(&self->failed, self->text.len ? utr_buf_text(&self->text) : end + 1);
    utr_buf_reset(&self->text);
}

/* What `go` says of packages, not the compiler of a source. */
static bool is_word(const char *line)
{
    return utr_text_starts(line, "ok  \t") || utr_text_starts(line, "?   \t") || strcmp(line, "FAIL") == 0 ||
           utr_text_starts(line, "exit status ") || utr_text_starts(line, "signal: ");
}

static void command_said(command_state *self, const char *line)
{
    if (utr_text_starts(line, "FAIL\t"))
        command_failed(self, line);
    else if (utr_text_starts(line, "ok  \t") && strstr(line, "\t(cached)"))
        suites_track_fault(self->track, "an earlier run's result is no result: %s", line);
    else if (utr_text_starts(line, "# ") || (self->text.len && !is_word(line)))
        command_note(self, line);
}

static void command_line(void *state, const char *line)
{
    if (*line != '{') {
        command_said(state, line);
        return;
    }
    auto_json json_t *object = json_loads(line, 0, NULL);
    const char *output = json_string_value(json_object_get(object, "Output"));
    auto_free char *text = output ? utr_strndup(output, strcspn(output, "\n")) : NULL;
    if (text)
        command_said(state, text);
}

static void command_end(void *state, const loop_exit *how)
{
    command_state *self = state;
    suites_track_abandon(self->track, suites_track_why(how));
    for (size_t i = 0; i + 1 < self->failed.count; i += 2) {
        suites_result result = {.test = self->failed.items[i],
                                .status = SUITES_ERROR,
                                .message = self->failed.items[i + 1],
                                .file = ""};
        (void)suites_track_tell(self->track, &result);
    }
    utr_strs_dispose(&self->failed);
    utr_buf_dispose(&self->text);
}

const suites_reader suites_reader_go_command = {
    .size = sizeof(command_state), .begin = command_begin, .line = command_line, .end = command_end};
