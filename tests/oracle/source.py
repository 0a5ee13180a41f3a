"""One file read: its text, its lines, its tokens as far as they go, its syntax tree."""
import ast
import io
import re
import tokenize
import warnings
from functools import cached_property
from typing import NamedTuple

from tree import Tree

warnings.simplefilter("ignore")
LONE_RETURN = re.compile(rb"\r(?!\n)")
SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}


class Token(NamedTuple):
    type: int
    string: str
    line: int
    column: int
    depth: int  # of open brackets
    doubtful: bool  # behind a string that never ends


class Source:
    def __init__(self, data):
        self.data = data
        self.text = self._decode()
        self.lines = self.text.split("\n")

    def _decode(self):
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(self.data).readline)
            return self.data.decode(encoding)
        except (SyntaxError, UnicodeDecodeError, LookupError):
            return self.data.decode("utf-8", "replace")

    @cached_property
    def tree(self):
        """None where Python cannot read it, or counts its lines otherwise than we do."""
        if LONE_RETURN.search(self.data):
            return None
        try:
            return Tree(ast.parse(self.data))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    @cached_property
    def tokens(self):
        return list(self._tokens())

    def _tokens(self):
        start, depth, doubtful = 0, 0, False
        while start < len(self.lines):
            reader = iter([line + "\n" for line in self.lines[start:]])
            try:
                for token in tokenize.generate_tokens(lambda: next(reader, "")):
                    if token.type == tokenize.OP and token.string in ")]}":
                        depth = max(0, depth - 1)
                    yield Token(token.type, token.string, token.start[0] + start, token.start[1], depth, doubtful)
                    if token.type == tokenize.OP and token.string in "([{":
                        depth += 1
                return
            except IndentationError as error:  # at the line that fits no outer block: begin again there
                start, depth = start + max(2, error.args[1][1]) - 1, 0
            except tokenize.TokenError as error:
                if "string" not in error.args[0]:
                    return
                start, doubtful = start + error.args[1][0], True

    @cached_property
    def comment_lines(self):
        """line -> (token, the next token that is code) of each line that holds nothing but a comment"""
        found, following = {}, None
        for token in reversed(self.tokens):
            if token.type not in SILENT:
                following = token
            elif token.type == tokenize.COMMENT and not self.lines[token.line - 1][:token.column].strip():
                found[token.line] = (token, following)
        return found
