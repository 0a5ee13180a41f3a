#include "report/screen.h"

#include <string.h>
#include <sys/ioctl.h>

typedef struct {
    size_t columns, rows;
} window;

/* Asked for each time: windows change their size while tests run. */
static window window_of(FILE *out)
{
    struct winsize size = {0};
    int fd = fileno(out);
    if (fd < 0 || ioctl(fd, TIOCGWINSZ, &size) || !size.ws_col || !size.ws_row)
        return (window){80, 24};
    return (window){size.ws_col, size.ws_row};
}

void screen_init(screen *s, FILE *out, bool colour)
{
    *s = (screen){.out = out, .colour = colour};
}

void screen_dispose(screen *s)
{
    utr_vec_dispose(&s->drawn);
}

void screen_lines_add(screen_lines *lines, screen_line line)
{
    *utr_vec_push(lines) = line;
}

void screen_lines_dispose(screen_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->items[i].mark);
        free(lines->items[i].text);
    }
    utr_vec_dispose(lines);
}

/* A terminal that became narrower has wrapped what stands on it. */
static size_t rows_drawn(const screen *s, size_t columns)
{
    size_t rows = 0;
    for (size_t i = 0; i < s->drawn.count; i++)
        rows += s->drawn.items[i] ? (s->drawn.items[i] + columns - 1) / columns : 1;
    return rows;
}

static void put_line(screen *s, FILE *frame, const screen_line *line, size_t columns)
{
    auto_free char *text = utr_format("%s %s", line->mark, line->text);
    size_t mark = strlen(line->mark);
    text_cut(text, columns - 1);
    *utr_vec_push(&s->drawn) = text_columns(text);
    if (strlen(text) < mark)
        mark = strlen(text);
    auto_free char *head = utr_strndup(text, mark);
    text_put(frame, s->colour, line->tone, head);
    (void)fprintf(frame, "%s\n", text + mark);
}

static size_t count_loud(const screen_lines *lines)
{
    size_t loud = 0;
    for (size_t i = 0; i < lines->count; i++)
        loud += !lines->items[i].quiet;
    return loud;
}

/* Quiet lines give way first, then the last ones. One row is kept for the cursor. */
static void put_lines(screen *s, FILE *frame, const screen_lines *lines, window win)
{
    size_t room = win.rows > 1 ? win.rows - 1 : 1;
    size_t loud = count_loud(lines);
    size_t loud_room = loud < room ? loud : room;
    size_t quiet_room = room - loud_room;
    for (size_t i = 0; i < lines->count; i++) {
        size_t *left = lines->items[i].quiet ? &quiet_room : &loud_room;
        if (!*left)
            continue;
        --*left;
        put_line(s, frame, &lines->items[i], win.columns);
    }
}

void screen_draw(screen *s, const char *above, const screen_lines *lines)
{
    char *data = NULL;
    size_t len = 0;
    FILE *frame = open_memstream(&data, &len);
    if (!frame)
        return; /* the next frame may have better luck */
    window win = window_of(s->out);
    size_t up = rows_drawn(s, win.columns);
    if (up)
        (void)fprintf(frame, "\033[%zuA\r\033[J", up < win.rows ? up : win.rows - 1);
    s->drawn.count = 0;
    (void)fputs(above, frame);
    put_lines(s, frame, lines, win);
    if (fclose(frame) == 0) {
        (void)fwrite(data, 1, len, s->out);
        (void)fflush(s->out);
    }
    free(data);
}
