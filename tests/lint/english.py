#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""english.py PHRASES FILE...: what is hard to read, in the comments of .c and .h files and
in all of the others. PHRASES: a regular expression, a tab, what is wrong with it; for each
comment, or paragraph, in one line. And lines of an .md file above 100 columns, other than
those of tables and of code."""
import re
import sys

import csource

COLUMNS = 100


def phrases(path):
    with open(path, encoding='utf-8') as file:
        for line in file:
            if line.strip() and not line.startswith('#'):
                pattern, advice = line.rstrip('\n').split('\t')
                yield re.compile(pattern), advice


def texts(path):
    """Paragraphs, with the line they begin in."""
    if path.endswith(('.c', '.h')):
        parts = [(c.line, c.text()) for c in csource.Source(path).comments]
    else:
        with open(path, encoding='utf-8') as file:
            parts = [(1, file.read())]
    for line, text in parts:
        for found in re.finditer(r'(?:[ \t]*\S[^\n]*(?:\n|$))+', text):
            yield line + text.count('\n', 0, found.start()), ' '.join(found.group(0).split())


def check_columns(path):
    code = False
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            code ^= line.startswith('```')
            if len(line.rstrip('\n')) > COLUMNS and not code and not line.startswith('|'):
                csource.complain(f'{path}:{number}: more than {COLUMNS} columns')


def run(arguments, _):
    phrase_file, *paths = arguments
    rules = list(phrases(phrase_file))
    for path in paths:
        if path.endswith('.md'):
            check_columns(path)
        for line, text in texts(path):
            for pattern, advice in rules:
                for found in pattern.finditer(text):
                    around = text[max(0, found.start() - 20):found.end() + 20]
                    csource.complain(f'{path}:{line}: {advice}: {around}')
    return csource.wrong


if __name__ == '__main__':
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(run(sys.argv[1:], sys.stdin))
