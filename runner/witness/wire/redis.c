/* Pairs Redis commands with their replies: pipelines, transactions, subscriptions, CLIENT REPLY. */
#include "witness/wire/queue.h"
#include "witness/wire/redis_commands.h"
#include "witness/wire/redis_reader.h"
#include "witness/wire/tls.h"

#include <ctype.h>

typedef enum { REPLY_ON, REPLY_OFF, REPLY_SKIP_NEXT } reply_mode;

typedef struct {
    redis_command_reader commands;
    redis_reply_reader replies;
    wire_queue waiting; /* for their replies */
    wire_queue queued;  /* answered QUEUED, waiting for EXEC */
    wire_request subscription;
    reply_mode mode;
    bool begun, in_multi, subscribed, monitoring;
    uint8_t last_len; /* the command seen last, so that a run of one command is looked up once */
    char last_name[REDIS_WORD_BYTES];
    uint32_t last_flags;
    redis_word last_key;     /* of a command of that name, so that a run of like keys is named once */
    fingerprint *last_print; /* of both; NULL: none */
} redis;

static void redis_init(void *state)
{
    (void)state; /* zeroed is ready */
}

static void redis_dispose(void *state)
{
    redis *self = state;
    fingerprint_drop(self->subscription.print);
    fingerprint_drop(self->last_print);
    wire_queue_dispose(&self->waiting);
    wire_queue_dispose(&self->queued);
}

static bool word_is(const redis_word *word, const char *text)
{
    return word->len == strlen(text) && strncasecmp(word->text, text, word->len) == 0;
}

static bool word_starts(const redis_word *word, const char *text)
{
    return word->len >= strlen(text) && memcmp(word->text, text, strlen(text)) == 0;
}

static uint32_t flags_of(redis *self, const redis_command *command)
{
    const redis_word *name = &command->words[0];
    if (name->len != self->last_len || memcmp(name->text, self->last_name, name->len) != 0) {
        memcpy(self->last_name, name->text, name->len);
        self->last_len = name->len;
        self->last_flags = redis_command_flags(name->text, name->len);
        fingerprint_drop(self->last_print);
        self->last_print = NULL;
    }
    uint32_t flags = self->last_flags;
    const redis_word *sub = &command->words[1];
    if ((flags & REDIS_WORD) && redis_subcommand_is_idle(name->text, name->len, sub->text, sub->len))
        flags = (flags & ~(uint32_t)WIRE_WRITE) | WIRE_TRIVIAL;
    return flags;
}

/** Letters only: a name that nobody knows could hold anything. */
static void put_name(fingerprint_text *text, const redis_word *word)
{
    for (size_t i = 0; i < word->len && i < 32; i++) {
        unsigned char byte = (unsigned char)word->text[i];
        bool plain = isalpha(byte) || byte == '_' || byte == '.' || byte == '-';
        fingerprint_put(text, (char)(plain ? toupper(byte) : '?'));
    }
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/** Keys that differ in nothing but which digits they have: no fingerprint of a key shows a digit. */
static bool are_like(const redis_word *a, const redis_word *b)
{
    size_t at = 0;
    while (at < a->len && (a->text[at] == b->text[at] || (is_digit(a->text[at]) && is_digit(b->text[at]))))
        at++;
    return a->len == b->len && at == a->len;
}

static fingerprint *print_of(const redis_command *command, uint32_t flags, fingerprint_cache *prints)
{
    fingerprint_text text = {.len = 0};
    if (flags & (REDIS_KEY | REDIS_WORD)) /* a known name */
        fingerprint_puts(&text, command->words[0].text, command->words[0].len);
    else
        put_name(&text, &command->words[0]);
    if (command->count > 1 && (flags & (REDIS_KEY | REDIS_WORD)))
        fingerprint_put(&text, ' ');
    if (command->count > 1 && (flags & REDIS_KEY))
        fingerprint_put_key(&text, command->words[1].text, command->words[1].len);
    if (command->count > 1 && (flags & REDIS_WORD))
        put_name(&text, &command->words[1]);
    return fingerprint_intern(prints, text.text, text.len);
}

/** A command's fingerprint: the last one again where name and key are like those of the last one. */
static fingerprint *print_next(redis *self, const redis_command *command, uint32_t flags,
                               fingerprint_cache *prints)
{
    bool keyed = command->count > 1 && (flags & (REDIS_KEY | REDIS_WORD)) == REDIS_KEY;
    if (!keyed)
        return print_of(command, flags, prints);
    if (!self->last_print || !are_like(&command->words[1], &self->last_key)) {
        fingerprint_drop(self->last_print);
        self->last_print = print_of(command, flags, prints);
        self->last_key = command->words[1];
    }
    return fingerprint_keep(self->last_print);
}

/** Follow CLIENT REPLY. @return whether the command will be answered */
static bool will_be_answered(redis *self, const redis_command *command, uint32_t flags)
{
    const redis_word *mode = &command->words[2];
    if ((flags & REDIS_CLIENT) && word_is(&command->words[1], "REPLY")) {
        if (word_is(mode, "ON"))
            self->mode = REPLY_ON;
        else if (word_is(mode, "OFF"))
            self->mode = REPLY_OFF;
        else if (word_is(mode, "SKIP") && self->mode == REPLY_ON)
            self->mode = REPLY_SKIP_NEXT;
        return self->mode == REPLY_ON;
    }
    if (self->mode == REPLY_SKIP_NEXT) {
        self->mode = REPLY_ON;
        return false;
    }
    return self->mode == REPLY_ON;
}

static bool on_command(redis *self, const redis_command *command, wire_context *ctx)
{
    uint32_t flags = flags_of(self, command);
    if (!will_be_answered(self, command, flags))
        return true;
    wire_request request = {.print = print_next(self, command, flags, ctx->prints),
                            .scope = ctx->scope,
                            .repeat = 1,
                            .flags = flags};
    return wire_queue_push(&self->waiting, request);
}

static wire_verdict redis_requests(void *state, wire_view *in, wire_context *ctx)
{
    redis *self = state;
    const redis_command *command = NULL;
    if (!self->begun && in->len > 0 && in->data[0] == TLS_HANDSHAKE)
        return WIRE_OPAQUE;
    self->begun |= in->len > 0;
    for (;;) {
        wire_step step = redis_command_next(&self->commands, in, &command);
        if (step == WIRE_MORE)
            return WIRE_FOLLOWING;
        if (step == WIRE_BROKEN || !on_command(self, command, ctx))
            return WIRE_LOST;
        if (self->last_flags & REDIS_STREAM)
            return WIRE_OPAQUE;
    }
}

static bool is_push(const redis *self, const redis_reply *reply)
{
    static const char *const KINDS[] = {"message",     "pmessage",     "smessage",
                                        "subscribe",   "psubscribe",   "ssubscribe",
                                        "unsubscribe", "punsubscribe", "sunsubscribe"};
    if (reply->type == '>')
        return true;
    const wire_request *head = wire_queue_head(&self->waiting);
    bool expected = self->subscribed || (head && (head->flags & REDIS_SUBSCRIBE));
    if (reply->type != '*' || !expected)
        return false;
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
        if (word_is(&reply->word, KINDS[i]))
            return true;
    return false;
}

/** A subscription was confirmed: the first confirmation answers the command, the others are its echo. */
static void on_confirmation(redis *self, const redis_reply *reply, wire_context *ctx)
{
    const wire_request *head = wire_queue_head(&self->waiting);
    bool ends = memmem(reply->word.text, reply->word.len, "unsub", 5) != NULL;
    self->subscribed = !(ends && reply->number == 0);
    if (!head || !(head->flags & REDIS_SUBSCRIBE))
        return;
    ctx->on_exchange(ctx, head, head->flags);
    if (!ends) {
        fingerprint_drop(self->subscription.print);
        self->subscription = *head;
        fingerprint_keep(self->subscription.print);
    }
    wire_queue_pop(&self->waiting);
}

/** A delivered message is one more answer to the subscription; other pushes (invalidations) are nobody's. */
static void on_push(redis *self, const redis_reply *reply, wire_context *ctx)
{
    if (memmem(reply->word.text, reply->word.len, "subscribe", 9))
        on_confirmation(self, reply, ctx);
    else if (memmem(reply->word.text, reply->word.len, "message", 7) && self->subscription.print)
        ctx->on_exchange(ctx, &self->subscription, self->subscription.flags);
}

/** EXEC was answered: with an array, each queued command counts by its own nature, else none ran. */
static void flush_queued(redis *self, const redis_reply *reply, wire_context *ctx)
{
    bool ran = reply->type == '*' && !reply->null;
    uint32_t errors = ran ? reply->errors : 0;
    for (const wire_request *one = wire_queue_head(&self->queued); one;
         one = wire_queue_head(&self->queued)) {
        uint32_t flags = ran ? one->flags : one->flags | WIRE_TRIVIAL;
        if (errors > 0) {
            flags |= WIRE_ERROR;
            errors--;
        }
        ctx->on_exchange(ctx, one, flags);
        wire_queue_pop(&self->queued);
    }
    self->in_multi = false;
}

static bool is_refusal(const redis_reply *reply)
{
    return word_starts(&reply->word, "NOAUTH") || word_starts(&reply->word, "WRONGPASS") ||
           word_starts(&reply->word, "NOPERM") || word_starts(&reply->word, "ERR invalid password");
}

/** What an answered command changes on the connection. */
static void follow(redis *self, uint32_t flags, const redis_reply *reply, wire_context *ctx)
{
    if (flags & (REDIS_EXEC | REDIS_DISCARD | REDIS_RESET))
        flush_queued(self, reply, ctx);
    if (flags & WIRE_ERROR)
        return;
    if (flags & REDIS_MULTI)
        self->in_multi = true;
    if (flags & REDIS_MONITOR)
        self->monitoring = true;
    if (flags & REDIS_RESET)
        self->monitoring = self->subscribed = false;
}

static bool on_reply(redis *self, const redis_reply *reply, wire_context *ctx)
{
    wire_request *head = wire_queue_head(&self->waiting);
    if (self->monitoring && reply->type == '+' && !head)
        return true;
    if (!head)
        return false;
    uint32_t flags = head->flags;
    if (reply->type == '-' || reply->type == '!') {
        flags |= WIRE_ERROR;
        if (is_refusal(reply)) /* a test may be about just that */
            flags &= ~(uint32_t)WIRE_TRIVIAL;
    }
    bool queued = self->in_multi && reply->type == '+' && word_is(&reply->word, "QUEUED");
    if (queued) {
        wire_request request = *head;
        request.repeat = 1;
        fingerprint_keep(request.print);
        wire_queue_pop(&self->waiting);
        return wire_queue_push(&self->queued, request);
    }
    follow(self, flags, reply, ctx);
    ctx->on_exchange(ctx, head, flags);
    wire_queue_pop(&self->waiting);
    return true;
}

static wire_verdict redis_answers(void *state, wire_view *in, wire_context *ctx)
{
    redis *self = state;
    const redis_reply *reply = NULL;
    for (;;) {
        wire_step step = redis_reply_next(&self->replies, in, &reply);
        if (step == WIRE_MORE)
            return WIRE_FOLLOWING;
        if (step == WIRE_BROKEN)
            return WIRE_LOST;
        if (is_push(self, reply))
            on_push(self, reply, ctx);
        else if (!on_reply(self, reply, ctx))
            return WIRE_LOST;
    }
}

const wire_protocol wire_redis = {"redis",        sizeof(redis), redis_init,
                                  redis_requests, redis_answers, redis_dispose};
