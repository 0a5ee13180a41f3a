#include "witness/wire/sql_lexer.h"

#include <ctype.h>
#include <string.h>

static bool is_word_start(char byte)
{
    return isalpha((unsigned char)byte) || byte == '_' || (unsigned char)byte >= 0x80;
}

static bool is_word_byte(char byte)
{
    return is_word_start(byte) || isdigit((unsigned char)byte) || byte == '$';
}

static bool looking_at(const sql_lexer *lexer, const char *text)
{
    size_t len = strlen(text);
    return (size_t)(lexer->end - lexer->at) >= len && memcmp(lexer->at, text, len) == 0;
}

/** Block comments nest. */
static void skip_block_comment(sql_lexer *lexer)
{
    size_t depth = 0;
    while (lexer->at < lexer->end) {
        if (looking_at(lexer, "/*")) {
            depth++;
            lexer->at += 2;
        } else if (looking_at(lexer, "*/")) {
            lexer->at += 2;
            if (--depth == 0)
                return;
        } else {
            lexer->at++;
        }
    }
}

static void skip_blank(sql_lexer *lexer)
{
    while (lexer->at < lexer->end) {
        if (isspace((unsigned char)*lexer->at)) {
            lexer->at++;
        } else if (looking_at(lexer, "--")) {
            const char *line = memchr(lexer->at, '\n', (size_t)(lexer->end - lexer->at));
            lexer->at = line ? line + 1 : lexer->end;
        } else if (looking_at(lexer, "/*")) {
            skip_block_comment(lexer);
        } else {
            return;
        }
    }
}

/** Past the closing quote; a doubled quote, or one behind a backslash where that escapes, belongs inside. */
static void skip_quoted(sql_lexer *lexer, char quote, bool backslash)
{
    lexer->at++;
    while (lexer->at < lexer->end) {
        char byte = *lexer->at++;
        bool more = lexer->at < lexer->end;
        bool escapes = (backslash && byte == '\\') || (byte == quote && more && *lexer->at == quote);
        if (escapes && more)
            lexer->at++;
        else if (byte == quote)
            return;
    }
}

/** The length of the opening "$tag$" here, or 0. */
static size_t dollar_tag(const sql_lexer *lexer)
{
    const char *at = lexer->at + 1;
    if (at < lexer->end && isdigit((unsigned char)*at))
        return 0;
    while (at < lexer->end && is_word_byte(*at) && *at != '$')
        at++;
    return at < lexer->end && *at == '$' ? (size_t)(at + 1 - lexer->at) : 0;
}

static void skip_dollar_quoted(sql_lexer *lexer, size_t tag_len)
{
    const char *tag = lexer->at;
    lexer->at += tag_len;
    const char *close = memmem(lexer->at, (size_t)(lexer->end - lexer->at), tag, tag_len);
    lexer->at = close ? close + tag_len : lexer->end;
}

static void skip_number(sql_lexer *lexer)
{
    while (lexer->at < lexer->end) {
        char byte = *lexer->at;
        char before = lexer->at[-1];
        bool exponent_sign = (byte == '+' || byte == '-') && (before == 'e' || before == 'E');
        if (!isalnum((unsigned char)byte) && byte != '.' && byte != '_' && !exponent_sign)
            return;
        lexer->at++;
    }
}

/** E'..', B'..', X'..', N'..', U&'..' and U&"..": the length of the prefix, or 0. */
static size_t string_prefix(const sql_lexer *lexer)
{
    size_t room = (size_t)(lexer->end - lexer->at);
    if (room >= 2 && strchr("eEbBxXnN", lexer->at[0]) && lexer->at[1] == '\'')
        return 1;
    if (room >= 3 && (lexer->at[0] == 'u' || lexer->at[0] == 'U') && lexer->at[1] == '&' &&
        lexer->at[2] == '\'')
        return 2;
    return 0;
}

static sql_kind scan_word(sql_lexer *lexer)
{
    size_t prefix = string_prefix(lexer);
    if (prefix) {
        bool backslash = lexer->at[0] == 'e' || lexer->at[0] == 'E';
        lexer->at += prefix;
        skip_quoted(lexer, '\'', backslash);
        return SQL_STRING;
    }
    while (lexer->at < lexer->end && is_word_byte(*lexer->at))
        lexer->at++;
    return SQL_WORD;
}

static sql_kind scan_dollar(sql_lexer *lexer)
{
    size_t tag_len = dollar_tag(lexer);
    if (tag_len) {
        skip_dollar_quoted(lexer, tag_len);
        return SQL_STRING;
    }
    lexer->at++;
    while (lexer->at < lexer->end && isdigit((unsigned char)*lexer->at))
        lexer->at++;
    return SQL_PARAMETER;
}

static sql_kind scan(sql_lexer *lexer, sql_token *token)
{
    char first = *lexer->at;
    if (is_word_start(first))
        return scan_word(lexer);
    if (isdigit((unsigned char)first)) {
        lexer->at++;
        skip_number(lexer);
        return SQL_NUMBER;
    }
    if (first == '$')
        return scan_dollar(lexer);
    if (first == '\'' || first == '"') {
        skip_quoted(lexer, first, false);
        token->quoted = first == '"';
        return token->quoted ? SQL_WORD : SQL_STRING;
    }
    lexer->at++;
    return SQL_MARK;
}

sql_token sql_lexer_next(sql_lexer *lexer)
{
    skip_blank(lexer);
    sql_token token = {.kind = SQL_END, .text = lexer->at};
    if (lexer->at >= lexer->end || *lexer->at == '\0') {
        lexer->at = lexer->end;
        return token;
    }
    token.kind = scan(lexer, &token);
    token.len = (size_t)(lexer->at - token.text);
    return token;
}
