/** The formats: how the tests of each are told. */
#ifndef UTR_SUITES_FORMAT_H
#define UTR_SUITES_FORMAT_H

#include "suites/reader.h"

typedef struct {
    const char *name;
    const suites_reader *reader;  /* from output: the process's, or with events from each worker's own */
    const suites_reader *command; /* where it is the workers': what reads the process's; NULL: nothing does */
    /** More of its environment, and what that needs in the folder; NULL: nothing. */
    utr_code (*prepare)(const char *folder, utr_strs *environment, utr_error *err);
    void (*clean)(const char *folder);
    bool events;       /* over the event socket */
    bool many_workers; /* workers come by themselves, main announcing none */
    bool selects;      /* tests can be selected one by one */
    bool tells_tests;  /* each test is told (else the suite is one test of its own name) */
} suites_format;

/** @return NULL: there is none of that name */
const suites_format *suites_format_find(const char *name);

#endif
