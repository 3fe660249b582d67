#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""comments.py LINUX CACHE DIRECTORY...: what the comments of these directories name exists:

 - name(): a function or a macro of the directories, or of the kernel sources LINUX; but
   for Name(), which is of no code in kernel style;
 - wp_*, workpool_*, WP_*, WORKPOOL_*: an identifier of the code;
 - workpool.MEMBER, wp_*.MEMBER, workpool_*.MEMBER: a member of that structure, or a
   parameter of the module;
 - NAME.c, NAME.h: a file of the directories or of LINUX.

CACHE is a file for what was found in LINUX, so that one run takes seconds and the next none.
Not seen: a name that is one of something else, a function of the kernel that is named in
LINUX and not defined."""
import os
import re
import subprocess
import sys

import csource
from csource import complain

# where functions and files are looked for
PLACES = ['include', 'kernel', 'lib', 'mm', 'block', 'io_uring', 'arch/x86/include',
          'arch/x86/kernel']
CALL = re.compile(r'(?<![\w*>.])([A-Za-z_]\w*)\(\)')
OURS = re.compile(r'(?<![\w*-])((?:wp|workpool|WP|WORKPOOL)_\w*[A-Za-z0-9])(?![\w*]|_\*)')
FIELD = re.compile(r'(?<![\w/.-])((?:workpool|wp)(?:_\w+)?)((?:\.[a-z]\w*)+)')
FILE = re.compile(r'(?<![\w*.-])((?:[\w-]+/)*[\w-]+\.[chS])\b(?!\()')


class Linux:
    """Names that the kernel's sources know, asked for all at once."""
    def __init__(self, path, cache):
        self.path, self.cache, self.known = path, cache, {}
        try:
            with open(cache, encoding='utf-8') as file:
                if file.readline().strip() == path:
                    for line in file:
                        name, answer = line.split()
                        self.known[name] = answer == 'yes'
        except FileNotFoundError:
            pass

    def ask(self, functions, files):
        functions = sorted({f for f in functions if f + '()' not in self.known})
        files = sorted({f for f in files if f not in self.known})
        if not functions and not files:
            return
        places = [p for p in PLACES if os.path.isdir(os.path.join(self.path, p))]
        found = set()
        if functions:
            pattern = r'\b(' + '|'.join(functions) + r')\('
            out = subprocess.run(['grep', '-rhoE', '--include=*.[chS]', pattern] + places,
                                 cwd=self.path, env={**os.environ, 'LC_ALL': 'C'}, text=True,
                                 check=False, stdout=subprocess.PIPE).stdout
            found = {line.rstrip('(') for line in out.split('\n')}
        for name in functions:
            self.known[name + '()'] = name in found
        bare = [f for f in files if '/' not in f]
        if bare:
            names = ' -o '.join('-name ' + f for f in bare).split()
            out = subprocess.run(['find'] + places + ['('] + names + [')'], cwd=self.path,
                                 text=True, check=True, stdout=subprocess.PIPE).stdout
            found = {os.path.basename(line) for line in out.split('\n')}
        for name in files:
            self.known[name] = name in found or any(
                os.path.exists(os.path.join(self.path, place, name))
                for place in ['', 'include'])
        with open(self.cache, 'w', encoding='utf-8') as file:
            print(self.path, file=file)
            for name, answer in sorted(self.known.items()):
                print(name, 'yes' if answer else 'no', file=file)


class Names:
    """What the code of the directories defines."""
    def __init__(self, sources):
        code = '\n'.join(s.code for s in sources)
        self.identifiers = set(re.findall(r'\b[A-Za-z_]\w*', code))
        self.calls = set(re.findall(r'\b([A-Za-z_]\w*)\s*\(', code))
        self.calls |= set(re.findall(r'\(\s*\*\s*(\w+)\s*\)\s*\(', code))
        self.calls |= set(re.findall(r'#[ \t]*define[ \t]+(\w+)', code))
        self.calls |= {'trace_' + name for name in re.findall(
            r'\b(?:TRACE_EVENT|DEFINE_EVENT)\w*\(\s*(?:\w+\s*,\s*)?(\w+)', code)}
        self.parameters = set(re.findall(r'\bmodule_param\w*\(\s*(\w+)', code))
        self.tree = csource.Tree(sources)
        self.paths = ['/' + s.path for s in sources]

    def is_file(self, name):
        return any(path.endswith('/' + name) for path in self.paths)

    def is_field(self, struct, members):
        """True also for a member of what the structures here do not say the type of."""
        if struct == 'workpool' and members[0] in self.parameters:
            return True
        for name in members:
            if struct not in self.tree.structs:
                return True
            member = self.tree.structs[struct].member(name)
            if not member:
                return False
            struct = member.type
        return True


def mentions(sources, pattern):
    for source in sources:
        for comment in source.comments:
            text = comment.text()
            for found in pattern.finditer(text):
                line = comment.line + text.count('\n', 0, found.start())
                yield f'{source.path}:{line}', found


def run(arguments, _):
    linux, cache, *directories = arguments
    sources = csource.load(directories)
    names = Names(sources)
    kernel = Linux(linux, cache)
    functions = [(where, found.group(1)) for where, found in mentions(sources, CALL)
                 if found.group(1) not in names.calls and
                 not re.fullmatch('[A-Z][a-z]+', found.group(1))]
    files = [(where, found.group(1)) for where, found in mentions(sources, FILE)
             if not names.is_file(found.group(1))]
    kernel.ask([name for _, name in functions], [name for _, name in files])
    for where, name in functions:
        if not kernel.known[name + '()']:
            complain(f'{where}: there is no {name}()')
    for where, name in files:
        if not kernel.known[name]:
            complain(f'{where}: there is no file {name}')
    for where, found in mentions(sources, OURS):
        if found.group(1) not in names.identifiers and found.group(1) not in names.calls and \
           found.string[found.end():found.end() + 2] != '()':
            complain(f'{where}: there is no {found.group(1)}')
    for where, found in mentions(sources, FIELD):
        members = found.group(2)[1:].split('.')
        if members[-1] in ('c', 'h', 'o', 'ko', 'rst', 'md'):
            continue
        if found.group(1) not in names.tree.structs and members[0] not in names.parameters:
            complain(f'{where}: there is no struct {found.group(1)}')
        elif not names.is_field(found.group(1), members):
            complain(f'{where}: there is no {found.group(0)}')
    if not functions and not any(True for _ in mentions(sources, CALL)):
        complain('no comment names a function')
    return csource.wrong


if __name__ == '__main__':
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(run(sys.argv[1:], sys.stdin))
