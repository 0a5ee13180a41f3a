/** What reads a suite's output line by line, one implementation a format. */
#ifndef UTR_SUITES_READER_H
#define UTR_SUITES_READER_H

#include "suites/track.h"

typedef struct {
    size_t size; /* of its state, which comes zeroed */
    void (*begin)(void *state, suites_track *track);
    void (*line)(void *state, const char *line);
    void (*end)(void *state, const loop_exit *how); /* also frees what the state owns */
    /* Of output that is read in step with who prints it (lockstep.h); NULL elsewhere: */
    /** Whether what lies there begins a line, though what was printed before did not end one. */
    bool (*begins)(const char *data, size_t len);
    /** Whether what lies there ends a test: what was sent until now is attributed before it is told. */
    bool (*holds)(void *state, const char *data, size_t len);
    /** How many milliseconds to leave there what was told last; asked again until it is 0. */
    int64_t (*quiet)(void *state);
} suites_reader;

/** cmocka's standard output, 1.1.5 to 1.1.7. */
extern const suites_reader suites_reader_cmocka;

/** Test Anything Protocol, versions 12 to 14. */
extern const suites_reader suites_reader_tap;

/** GoogleTest's standard output, from 1.8 on. */
extern const suites_reader suites_reader_gtest;

/** The XML reporter of Catch2, versions 2 and 3. */
extern const suites_reader suites_reader_catch2;

/** What a Go test binary prints, in step; and what the go command prints besides. */
extern const suites_reader suites_reader_go;
extern const suites_reader suites_reader_go_command;

/** JUnit reports that the suite wrote, read when it has ended. */
extern const suites_reader suites_reader_junit;

/** No format: the suite is one test, passed when it exits with 0. */
extern const suites_reader suites_reader_exit;

#endif
