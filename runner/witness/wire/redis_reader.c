#include "witness/wire/redis_reader.h"

#include <string.h>

/* The limits of the server: 2^31-1 arguments, 512 MB a bulk string unless configured higher. */
enum { MOST_ARGUMENTS = INT32_MAX };
static const int64_t MOST_BYTES = (int64_t)1 << 40;

/** Add what is there of a line. @return whether it is complete, without its CRLF */
static bool line_take(redis_line *line, wire_view *in)
{
    const uint8_t *end = memchr(in->data, '\n', in->len);
    size_t len = end ? (size_t)(end - in->data) : in->len;
    size_t room = sizeof line->text - line->len;
    size_t take = len < room ? len : room;
    memcpy(line->text + line->len, in->data, take);
    line->len = (uint8_t)(line->len + take);
    line->cut |= take < len;
    wire_skip(in, len + (end != NULL));
    if (end && !line->cut && line->len > 0 && line->text[line->len - 1] == '\r')
        line->len--;
    return end != NULL;
}

/** The decimal number that a whole line is. */
static bool line_number(const redis_line *line, int64_t least, int64_t most, int64_t *out)
{
    size_t at = line->len > 0 && (line->text[0] == '-' || line->text[0] == '+');
    if (line->cut || line->len == at || line->len - at > 18)
        return false;
    int64_t number = 0;
    for (size_t i = at; i < line->len; i++) {
        if (line->text[i] < '0' || line->text[i] > '9')
            return false;
        number = number * 10 + (line->text[i] - '0');
    }
    if (at && line->text[0] == '-')
        number = -number;
    if (number < least || number > most)
        return false;
    *out = number;
    return true;
}

static void line_reset(redis_line *line)
{
    line->len = 0;
    line->cut = false;
}

static void word_add(redis_word *word, const uint8_t *data, size_t len)
{
    size_t room = sizeof word->text - word->len;
    size_t take = len < room ? len : room;
    memcpy(word->text + word->len, data, take);
    word->len = (uint8_t)(word->len + take);
}

static void command_reset(redis_command *command)
{
    command->count = 0;
    for (size_t i = 0; i < 3; i++)
        command->words[i].len = 0;
}

static wire_step command_done(redis_command_reader *r, const redis_command **out)
{
    redis_word *name = &r->command.words[0];
    for (size_t i = 0; i < name->len; i++)
        if (name->text[i] >= 'a' && name->text[i] <= 'z')
            name->text[i] = (char)(name->text[i] - 'a' + 'A');
    r->state = REDIS_START;
    *out = &r->command;
    return WIRE_FRAME;
}

/** The number at a position that ends in CRLF there. @return -1: not so, or not all there */
static int64_t number_here(const uint8_t **at, const uint8_t *end)
{
    int64_t number = 0;
    const uint8_t *start = *at;
    const uint8_t *digit = start;
    for (; digit < end && *digit >= '0' && *digit <= '9' && digit - start < 9; digit++)
        number = number * 10 + (*digit - '0');
    if (digit == start || end - digit < 2 || digit[0] != '\r' || digit[1] != '\n')
        return -1;
    *at = digit + 2;
    return number;
}

/** The bulk string at a position, if all of it is there. @param word  where its beginning goes; NULL: nowhere
 */
static bool bulk_here(const uint8_t **at, const uint8_t *end, redis_word *word)
{
    const uint8_t *data = *at + 1;
    if (*at == end || **at != '$')
        return false;
    int64_t len = number_here(&data, end);
    if (len < 0 || end - data < len + 2 || data[len] != '\r' || data[len + 1] != '\n')
        return false;
    if (word) {
        word->len = 0;
        word_add(word, data, (size_t)len);
    }
    *at = data + len + 2;
    return true;
}

/** The ordinary case, a whole command in one piece, without the state machine. */
static bool command_whole(redis_command_reader *r, wire_view *in)
{
    const uint8_t *at = in->data + 1;
    const uint8_t *end = in->data + in->len;
    int64_t count = in->data[0] == '*' ? number_here(&at, end) : -1;
    if (count < 1 || count > 1024)
        return false;
    for (int64_t i = 0; i < count; i++)
        if (!bulk_here(&at, end, i < 3 ? &r->command.words[i] : NULL))
            return false;
    for (int64_t i = count; i < 3; i++)
        r->command.words[i].len = 0;
    r->command.count = (uint32_t)count;
    wire_skip(in, (size_t)(at - in->data));
    return true;
}

static wire_step command_start(redis_command_reader *r, wire_view *in, const redis_command **out)
{
    if (command_whole(r, in))
        return command_done(r, out);
    command_reset(&r->command);
    line_reset(&r->line);
    uint8_t first = in->data[0];
    r->in_word = false;
    r->state = REDIS_INLINE;
    if (first == '*') {
        r->state = REDIS_COUNT;
        wire_skip(in, 1);
    }
    return WIRE_MORE;
}

static wire_step command_count(redis_command_reader *r, wire_view *in)
{
    int64_t count = 0;
    if (!line_take(&r->line, in))
        return WIRE_MORE;
    if (!line_number(&r->line, -1, MOST_ARGUMENTS, &count))
        return WIRE_BROKEN;
    r->left = count > 0 ? (uint32_t)count : 0;
    r->state = r->left ? REDIS_TYPE : REDIS_START;
    return WIRE_MORE;
}

static wire_step command_type(redis_command_reader *r, wire_view *in)
{
    if (in->data[0] != '$')
        return WIRE_BROKEN;
    wire_skip(in, 1);
    line_reset(&r->line);
    r->state = REDIS_LENGTH;
    return WIRE_MORE;
}

static wire_step command_length(redis_command_reader *r, wire_view *in)
{
    int64_t len = 0;
    if (!line_take(&r->line, in))
        return WIRE_MORE;
    if (!line_number(&r->line, 0, MOST_BYTES, &len))
        return WIRE_BROKEN;
    r->data_left = (uint64_t)len;
    r->state = len ? REDIS_DATA : REDIS_END;
    r->command.count++;
    r->data_left += len ? 0 : 2;
    return WIRE_MORE;
}

static wire_step command_data(redis_command_reader *r, wire_view *in)
{
    size_t take = in->len < r->data_left ? in->len : (size_t)r->data_left;
    if (r->command.count <= 3)
        word_add(&r->command.words[r->command.count - 1], in->data, take);
    wire_skip(in, take);
    r->data_left -= take;
    if (r->data_left == 0) {
        r->state = REDIS_END;
        r->data_left = 2;
    }
    return WIRE_MORE;
}

static wire_step command_end(redis_command_reader *r, wire_view *in, const redis_command **out)
{
    if (in->data[0] != (r->data_left == 2 ? '\r' : '\n'))
        return WIRE_BROKEN;
    wire_skip(in, 1);
    if (--r->data_left > 0)
        return WIRE_MORE;
    r->state = REDIS_TYPE;
    return --r->left == 0 ? command_done(r, out) : WIRE_MORE;
}

static wire_step command_inline(redis_command_reader *r, wire_view *in, const redis_command **out)
{
    while (in->len > 0) {
        uint8_t byte = in->data[0];
        wire_skip(in, 1);
        if (byte == '\n') {
            r->state = REDIS_START;
            return r->command.count ? command_done(r, out) : WIRE_MORE;
        }
        bool space = byte == ' ' || byte == '\t' || byte == '\r';
        if (!space && !r->in_word)
            r->command.count++;
        r->in_word = !space;
        if (!space && r->command.count <= 3)
            word_add(&r->command.words[r->command.count - 1], &byte, 1);
    }
    return WIRE_MORE;
}

wire_step redis_command_next(redis_command_reader *r, wire_view *in, const redis_command **out)
{
    wire_step step = WIRE_MORE;
    while (step == WIRE_MORE && in->len > 0) {
        switch (r->state) {
        case REDIS_START:
            step = command_start(r, in, out);
            break;
        case REDIS_COUNT:
            step = command_count(r, in);
            break;
        case REDIS_TYPE:
            step = command_type(r, in);
            break;
        case REDIS_LENGTH:
            step = command_length(r, in);
            break;
        case REDIS_DATA:
            step = command_data(r, in);
            break;
        case REDIS_END:
            step = command_end(r, in, out);
            break;
        case REDIS_INLINE:
            step = command_inline(r, in, out);
            break;
        }
    }
    return step;
}

/** One value is whole: so are the collections that it was the last of. */
static wire_step value_done(redis_reply_reader *r, const redis_reply **out)
{
    r->state = REDIS_START;
    while (r->depth > 0) {
        uint32_t level = r->depth - 1;
        if (--r->left[level] > 0)
            return WIRE_MORE;
        bool attribute = r->attributes & (1U << level);
        r->attributes &= ~(1U << level);
        r->depth--;
        if (attribute) /* describes the value that follows, is none itself */
            return WIRE_MORE;
    }
    r->begun = false;
    *out = &r->reply;
    return WIRE_FRAME;
}

static wire_step collection_begin(redis_reply_reader *r, int64_t count, const redis_reply **out)
{
    bool attribute = r->type == '|';
    if (count <= 0) {
        r->reply.null |= count < 0 && r->depth == 0;
        r->state = REDIS_START;
        return attribute ? WIRE_MORE : value_done(r, out);
    }
    if (r->depth == REDIS_DEPTH)
        return WIRE_BROKEN;
    bool pairs = attribute || r->type == '%';
    r->left[r->depth] = (uint32_t)(pairs ? count * 2 : count);
    r->attributes |= attribute ? 1U << r->depth : 0;
    r->depth++;
    r->state = REDIS_START;
    return WIRE_MORE;
}

static wire_step bulk_begin(redis_reply_reader *r, int64_t len, const redis_reply **out)
{
    if (len < 0) {
        r->reply.null |= r->depth == 0;
        return value_done(r, out);
    }
    r->state = len ? REDIS_DATA : REDIS_END;
    r->data_left = len ? (uint64_t)len : 2;
    r->in_word = !r->word_done && r->attributes == 0;
    return WIRE_MORE;
}

static wire_step simple_value(redis_reply_reader *r, const redis_reply **out)
{
    int64_t number = 0;
    if (r->attributes == 0 && r->type == ':' && line_number(&r->line, INT64_MIN, INT64_MAX, &number))
        r->reply.number = number;
    if (r->attributes == 0 && !r->word_done && (r->type == '+' || r->type == '-')) {
        word_add(&r->reply.word, (const uint8_t *)r->line.text, r->line.len);
        r->word_done = true;
    }
    r->reply.null |= r->type == '_' && r->depth == 0;
    return value_done(r, out);
}

typedef enum { KIND_NONE, KIND_SIMPLE, KIND_BULK, KIND_COLLECTION } value_kind;

static const uint8_t KINDS[256] = {
    ['+'] = KIND_SIMPLE,     ['-'] = KIND_SIMPLE,     [':'] = KIND_SIMPLE,     ['_'] = KIND_SIMPLE,
    [','] = KIND_SIMPLE,     ['#'] = KIND_SIMPLE,     ['('] = KIND_SIMPLE,     ['$'] = KIND_BULK,
    ['!'] = KIND_BULK,       ['='] = KIND_BULK,       ['*'] = KIND_COLLECTION, ['%'] = KIND_COLLECTION,
    ['~'] = KIND_COLLECTION, ['>'] = KIND_COLLECTION, ['|'] = KIND_COLLECTION,
};

static wire_step reply_line(redis_reply_reader *r, wire_view *in, const redis_reply **out)
{
    int64_t number = 0;
    if (!line_take(&r->line, in))
        return WIRE_MORE;
    if (KINDS[(uint8_t)r->type] == KIND_SIMPLE)
        return simple_value(r, out);
    bool bulk = KINDS[(uint8_t)r->type] == KIND_BULK;
    if (!line_number(&r->line, -1, bulk ? MOST_BYTES : MOST_ARGUMENTS, &number))
        return WIRE_BROKEN;
    return bulk ? bulk_begin(r, number, out) : collection_begin(r, number, out);
}

/** All but the word, whose bytes need not be cleared. */
static void reply_reset(redis_reply *reply, char type)
{
    reply->type = type;
    reply->null = false;
    reply->errors = 0;
    reply->number = 0;
}

/** The ordinary case, a bulk string or none in one piece as the whole reply, without the state machine. */
static bool reply_whole(redis_reply_reader *r, wire_view *in)
{
    static const char NONE[] = {'$', '-', '1', '\r', '\n'};
    const uint8_t *at = in->data;
    if (r->begun)
        return false;
    bool none = in->len >= sizeof NONE && memcmp(at, NONE, sizeof NONE) == 0;
    if (none) {
        at += sizeof NONE;
        r->reply.word.len = 0;
    } else if (!bulk_here(&at, in->data + in->len, &r->reply.word)) {
        return false;
    }
    reply_reset(&r->reply, '$');
    r->reply.null = none;
    wire_skip(in, (size_t)(at - in->data));
    return true;
}

static wire_step reply_type(redis_reply_reader *r, wire_view *in, const redis_reply **out)
{
    if (r->depth == 0 && reply_whole(r, in)) {
        *out = &r->reply;
        return WIRE_FRAME;
    }
    char type = (char)in->data[0];
    if (KINDS[in->data[0]] == KIND_NONE)
        return WIRE_BROKEN;
    wire_skip(in, 1);
    r->type = type;
    line_reset(&r->line);
    r->state = REDIS_LENGTH;
    if (!r->begun && type != '|' && r->attributes == 0) {
        r->begun = true;
        r->word_done = false;
        reply_reset(&r->reply, type);
        r->reply.word.len = 0;
    }
    if (r->depth == 1 && r->attributes == 0 && (type == '-' || type == '!'))
        r->reply.errors++;
    return WIRE_MORE;
}

static void reply_data(redis_reply_reader *r, wire_view *in)
{
    size_t take = in->len < r->data_left ? in->len : (size_t)r->data_left;
    if (r->in_word)
        word_add(&r->reply.word, in->data, take);
    wire_skip(in, take);
    r->data_left -= take;
    if (r->data_left > 0)
        return;
    r->word_done |= r->in_word;
    r->state = REDIS_END;
    r->data_left = 2;
}

static wire_step reply_end(redis_reply_reader *r, wire_view *in, const redis_reply **out)
{
    if (in->data[0] != (r->data_left == 2 ? '\r' : '\n'))
        return WIRE_BROKEN;
    wire_skip(in, 1);
    return --r->data_left > 0 ? WIRE_MORE : value_done(r, out);
}

wire_step redis_reply_next(redis_reply_reader *r, wire_view *in, const redis_reply **out)
{
    wire_step step = WIRE_MORE;
    while (step == WIRE_MORE && in->len > 0) {
        switch (r->state) {
        case REDIS_START:
            step = reply_type(r, in, out);
            break;
        case REDIS_COUNT:
        case REDIS_TYPE:
        case REDIS_INLINE:
            return WIRE_BROKEN; /* only commands have these */
        case REDIS_LENGTH:
            step = reply_line(r, in, out);
            break;
        case REDIS_DATA:
            reply_data(r, in);
            break;
        case REDIS_END:
            step = reply_end(r, in, out);
            break;
        }
    }
    return step;
}
