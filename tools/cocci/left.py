# SPDX-License-Identifier: GPL-2.0
"""left.py TABLE NAME FILE: gives FILE, which was converted, its includes, and prints what is
left by hand in it as NAME:LINE: what to do. TABLE says what; NAME is how FILE is called."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../../tests/lint'))
from csource import Source, matching, table  # noqa: E402 (the path comes first)

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*<linux/([^>]+)>.*\n', re.M)
OURS = re.compile(r'\b(workpool_\w+|WORKPOOL_\w+|struct workpool)\b')
THEIRS = re.compile(r'\b(work_struct|delayed_work|workqueue_struct|work_func_t|WQ_[A-Z_]+)\b')
CREATE = re.compile(r'\b(?:devm_)?workpool_create\(')
# what the name of a pool may have, and %d, %s, ... of its format
NAME = re.compile(r'(?:[A-Za-z0-9._:!/-]|%[-0-9.*]*[a-z])*')


def include_header(text, left):
    """workpool.h in the place of workqueue.h, behind it if that is still needed, or else
    behind the other headers of Linux."""
    line = '#include <linux/workpool.h>\n'
    includes = list(INCLUDE.finditer(text))
    for found in includes:
        if found.group(1) == 'workpool.h':
            return text
    for found in includes:
        if found.group(1) == 'workqueue.h':
            start = found.end() if left else found.start()
            return text[:start] + line + text[found.end():]
    end = includes[-1].end() if includes else 0
    return text[:end] + line + text[end:]


def creations(source):
    """What is to be said of each pool that is created."""
    for found in CREATE.finditer(source.code):
        end = matching(source.code, found.end() - 1)
        line = source.line_at(found.start())
        call = source.text[found.start():end]
        for text in re.findall(r'"((?:\\.|[^"\\])*)"', call)[:1]:
            if not NAME.fullmatch(text):
                yield line, f'"{text}": a name has letters, digits and "._-:!/" only'
            elif '%s' in text:
                yield line, f'"{text}": is a name that has letters, digits and "._-:!/" only?'
            elif '%' not in text and not re.search(r'" *[A-Z]', call):
                yield line, f'"{text}": only one pool may have this name, is there only one?'
        if '* num_online_cpus()' in call or 'capacity = num_online_cpus()' in call or \
           ': num_online_cpus()' in call:
            yield line, 'capacity: max_active was that of each CPU; are fewer enough?'


def names(source, advice):
    for found in re.finditer(r'(->|\.)?\s*\b([A-Za-z_]\w*)\b(\s*\()?', source.code):
        member, name, call = found.groups()
        for pattern, calls_only, text in advice:
            if pattern.fullmatch(name) and not (calls_only and (member or not call)):
                yield source.line_at(found.start(2)), f'{name}: {text}'
                break


def read_advice(path):
    for pattern, text in table(path, 2):
        yield re.compile(pattern.removesuffix('()')), pattern.endswith('()'), text


def main():
    _, where, name, path = sys.argv
    advice = list(read_advice(where))
    source = Source(path)
    if OURS.search(source.code):
        text = include_header(source.text, THEIRS.search(source.code))
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        source = Source(path)
    found = set(names(source, advice)) | set(creations(source))
    if re.search(r'\bworkpool_\w+\(', source.code) and 'WORKPOOL_IMPORT_NS' not in source.code \
       and path.endswith('.c'):
        found.add((1, 'WORKPOOL_IMPORT_NS() goes beside the MODULE_LICENSE() of its module'))
    for line, text in sorted(found):
        print(f'{name}:{line}: {text}')


main()
