/* Journals written down as text: facts as lines of JSON, with ' for ". */
#ifndef UTR_TESTS_RECORD_H
#define UTR_TESTS_RECORD_H

#include "verdict/verdict.h"

#include "../base/cmocka_all.h"

#include <string.h>

typedef struct {
    journal *j;
    verdict *v;
} judged;

/* Judge the facts that the pieces of text add up to; ends with NULL. */
judged record_judge_pieces(const char *const *pieces);
#define record_judge(...) record_judge_pieces((const char *const[]){__VA_ARGS__})
judged record_judge_text(const char *text);
judged record_judge_file(const char *path);
void record_free(const judged *one);

#define auto_judged __attribute__((cleanup(record_free)))

/* The first reason of that rule, or NULL. */
const verdict_reason *record_reason(const judged *one, const char *rule);

/* The outcome's word and exit code are these. */
void record_expect(const judged *one, const char *outcome, int exit_code);

/* Refused (3) because of this rule. */
void record_expect_refused(const judged *one, const char *rule);

const verdict_test *record_test(const judged *one, const char *name);

/* An honest run in pieces, so that each test changes one. */
#define RUN      "{'kind':'run','id':'r1','started':'2026-03-01T10:00:00.000Z','real_services':true}\n"
#define CATEGORY "{'kind':'category','category':'c','state':'required','count':1,'text':'What must work.'}\n"
#define SERVICES                                                                                             \
    "{'kind':'service','category':'c','service':'pg','image':'postgres:15','critical':true}\n"               \
    "{'kind':'service-state','category':'c','service':'pg','state':'ready'}\n"
#define SUITE                                                                                                \
    "{'kind':'suite','category':'c','suite':'s','format':'pytest','tells_tests':true,'default_evidence':"    \
    "true}\n"
#define SUITE_OWING "{'kind':'suite','category':'c','suite':'s','format':'pytest','tells_tests':true}\n"
#define OWED(scope, measure, count)                                                                          \
    "{'kind':'owed','category':'c','suite':'s','service':'pg','state':'" scope "','measure':'" measure       \
    "','count':" #count "}\n"
#define BEGIN(collected)                                                                                     \
    "{'kind':'suite-start','category':'c','suite':'s'}\n"                                                    \
    "{'kind':'collected','category':'c','suite':'s','count':" #collected "}\n"
#define START(test) "{'kind':'test-start','category':'c','suite':'s','test':'" test "'}\n"
#define START_REQUIRING(test, services)                                                                      \
    "{'kind':'test-start','category':'c','suite':'s','test':'" test "','names':[" services "]}\n"
#define EVIDENCE(test, service, numbers)                                                                     \
    "{'kind':'evidence','category':'c','suite':'s','test':'" test "','state':'test','service':'" service     \
    "'," numbers "}\n"
#define OUTSIDE(service, numbers)                                                                            \
    "{'kind':'evidence','category':'c','suite':'s','state':'fixture','service':'" service "'," numbers "}\n"
#define REAL    "'connections':1,'exchanges':3,'substantive':2,'reads':1,'writes':1"
#define TRIVIAL "'connections':1,'exchanges':2"
#define FINISH(test, status)                                                                                 \
    "{'kind':'test-finish','category':'c','suite':'s','test':'" test "','state':'" status "'}\n"
#define HONEST(test)      START(test) EVIDENCE(test, "pg", REAL) FINISH(test, "passed")
#define IDLE(test)        START(test) FINISH(test, "passed")
#define SUITE_END         "{'kind':'suite-finish','category':'c','suite':'s','seconds':1.5}\n"
#define SUITE_EXIT(how)   "{'kind':'suite-finish','category':'c','suite':'s','seconds':1.5," how "}\n"
#define END               "{'kind':'finish','seconds':2}\n"
#define RULE(name, level) "{'kind':'rule','category':'c','rule':'" name "','level':'" level "'}\n"
#define WAIVER(rule, test, expires)                                                                          \
    "{'kind':'waiver','category':'c','rule':'" rule "','test':'" test "','expires':'" expires                \
    "','text':'known','owner':'me'}\n"
#define PLAN RUN CATEGORY SERVICES SUITE

#endif
