#include "dialogue.h"

#include "base/buf.h"
#include "witness/conversation.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

typedef struct {
    evidence evidence;
    fingerprint_cache prints;
    conversation talk;
    utr_strs services;
    utr_buf told;
    size_t cut;  /* offset over all lines at which one is cut; 0: nowhere */
    bool single; /* byte by byte */
} play;

char *dialogue_text(const witness_evidence *seen)
{
    utr_buf text = UTR_BUF_INIT(1 << 16);
    utr_buf_print(&text, "%luE %luS %luR %luW %luX", (unsigned long)seen->exchanges,
                  (unsigned long)seen->substantive, (unsigned long)seen->reads, (unsigned long)seen->writes,
                  (unsigned long)seen->errors);
    utr_buf_puts(&text, seen->opaque ? " opaque" : "");
    utr_buf_puts(&text, seen->lost ? " lost" : "");
    for (size_t i = 0; i < seen->statements.count; i++)
        utr_buf_print(&text, " [%s x%lu]", seen->statements.items[i].text,
                      (unsigned long)seen->statements.items[i].count);
    return utr_buf_take(&text);
}

static void tell_end(play *p)
{
    witness_evidence_list list = {0};
    evidence_end(&p->evidence, &p->services, &list);
    auto_free char *text = list.count ? dialogue_text(&list.items[0]) : utr_strdup("nothing");
    utr_buf_print(&p->told, "%s%s", p->told.len ? " | " : "", text);
    witness_evidence_dispose(&list);
}

/** Each chunk in memory of its own size, so that the sanitizer sees a step too far. */
static void say(play *p, char who, const char *bytes, size_t len)
{
    if (len == 0)
        return;
    auto_free uint8_t *copy = utr_calloc(1, len);
    memcpy(copy, bytes, len);
    if (who == 'C')
        conversation_sent(&p->talk, copy, len);
    else
        conversation_received(&p->talk, copy, len);
}

static void play_line(play *p, const line *one, size_t before)
{
    if (one->who == 'B')
        evidence_begin(&p->evidence);
    if (one->who == 'E')
        tell_end(p);
    if (one->who != 'C' && one->who != 'S')
        return;
    size_t first = p->cut > before && p->cut < before + one->len ? p->cut - before : one->len;
    for (size_t i = 0; p->single && i < one->len; i++)
        say(p, one->who, one->bytes + i, 1);
    if (p->single)
        return;
    say(p, one->who, one->bytes, first);
    say(p, one->who, one->bytes + first, one->len - first);
}

static void play_once(witness_protocol protocol, const line *lines, play *how, const char *expected)
{
    play p = {.cut = how->cut, .single = how->single, .told = UTR_BUF_INIT(1 << 20)};
    utr_strs_add(&p.services, "service");
    evidence_init(&p.evidence);
    conversation_open(&p.talk,
                      &(conversation_options){
                          .evidence = &p.evidence, .prints = &p.prints, .number = 1, .protocol = protocol});
    for (size_t before = 0; lines->who; before += lines->len, lines++)
        play_line(&p, lines, before);
    conversation_close(&p.talk);
    tell_end(&p);
    if (strcmp(utr_buf_text(&p.told), expected) != 0)
        fail_msg("cut at %zu%s:\n  got      %s\n  expected %s", p.cut, p.single ? " (byte by byte)" : "",
                 utr_buf_text(&p.told), expected);
    utr_buf_dispose(&p.told);
    evidence_dispose(&p.evidence);
    fingerprint_cache_dispose(&p.prints);
    utr_strs_dispose(&p.services);
}

void dialogue_as_said(witness_protocol protocol, const line *lines, const char *expected)
{
    play_once(protocol, lines, &(play){.cut = 0}, expected);
}

void dialogue_whole(witness_protocol protocol, const line *lines, const char *expected)
{
    dialogue_as_said(protocol, lines, expected);
    play_once(protocol, lines, &(play){.single = true}, expected);
}

void dialogue_gives(witness_protocol protocol, const line *lines, const char *expected)
{
    size_t total = 0;
    for (const line *one = lines; one->who; one++)
        total += one->len;
    dialogue_whole(protocol, lines, expected);
    for (size_t cut = 1; cut < total; cut++)
        play_once(protocol, lines, &(play){.cut = cut}, expected);
}
