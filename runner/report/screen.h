/**
 * The part of a terminal that is redrawn in place. Used inside the report only.
 *
 * Lines that stay are printed above it; the rest is drawn anew each time, cut to the window's width, and
 * never taller than the window. A frame is written at once.
 */
#ifndef UTR_REPORT_SCREEN_H
#define UTR_REPORT_SCREEN_H

#include "report/text.h"

#include "base/vec.h"

/** One line of the part that is redrawn. */
typedef struct {
    text_tone tone;
    char *mark; /* one or two characters in the tone */
    char *text; /* clean */
    bool quiet; /* left out first where the window is too small */
} screen_line;

typedef UTR_VEC(screen_line) screen_lines;

typedef struct {
    FILE *out; /* borrowed */
    bool colour;
    UTR_VEC(size_t) drawn; /* columns of each line that stands on the terminal */
} screen;

void screen_init(screen *s, FILE *out, bool colour);
void screen_dispose(screen *s);

/** Append a line; mark and text are the screen lines' own from now on. */
void screen_lines_add(screen_lines *lines, screen_line line);
void screen_lines_dispose(screen_lines *lines);

/**
 * Replace what stands on the terminal.
 * @param above  complete lines that stay above it, "" for none
 */
void screen_draw(screen *s, const char *above, const screen_lines *lines);

#endif
