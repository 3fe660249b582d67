#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""functions.py FILE...: rules about the functions of C files in kernel style:

 - none is longer than 60 lines;
 - the name of one that asserts that the lock of an object is held, lockdep_assert_held() of
   x->lock, ends in _locked;
 - one whose name ends in _locked asserts that, or is static in a .c file;
 - one that calls a *_locked() of its file, or a wp_*_locked() in kernel/, takes a lock or is
   a *_locked one itself;
 - one that is passed as a callback that is called with the lock held, CALLBACKS, ends in
   _locked;
 - a static one of a .c file of kernel/ has two words in its name, not counting _locked, and
   no other of kernel/ has that name."""
import os
import re
import sys

import csource

LONGEST = 60
CALLBACKS = ('wp_walk_fn', 'wp_scan_fn', 'wp_task_act_t')
ASSERTS = re.compile(r'\blockdep_assert_held(_write|_read)?\(&[^;]*->lock\)')
TAKES = re.compile(r'\b(\w*spin_lock(_[a-z]+)*|xa_lock(_[a-z]+)*|mutex_lock\w*|wp_pool_lock\w*|(scoped_)?guard)\(')
CALL = re.compile(r'(?<![\w.>])([a-z_]\w*)\(')


def complain(source, function, what):
    csource.complain(f'{source.path}:{function.line}: {function.name}(): {what}')


def check(source):
    ours = {f.name for f in source.functions}
    for function in source.functions:
        lines = function.body.count('\n') - 1
        asserts = ASSERTS.search(function.body)
        if lines > LONGEST:
            complain(source, function, f'{lines} lines are too long')
        if not function.name.endswith('_locked'):
            if asserts:
                complain(source, function, 'needs a lock, its name does not end in _locked')
                continue
            if TAKES.search(function.body):
                continue
            for callee in sorted(set(re.findall(r'\b(\w+_locked)\(', function.body))):
                if callee in ours or (in_kernel(source) and callee.startswith('wp_')):
                    complain(source, function, f'calls {callee}() without a lock')
        elif not asserts and not (function.static and source.path.endswith('.c')):
            complain(source, function, 'needs lockdep_assert_held()')


def arguments(text, offset):
    """Those of the call, or the head, whose bracket is at offset."""
    inner, depth, found = text[offset + 1:csource.matching(text, offset)], 0, ['']
    for char in inner:
        depth += (char in '([{') - (char in ')]}')
        if char == ',' and not depth:
            found.append('')
        else:
            found[-1] += char
    return [argument.strip() for argument in found]


def in_kernel(source):
    return 'kernel' in os.path.normpath(source.path).split(os.sep)


def check_names(sources):
    """A trace, and a reader of one, see the name alone."""
    found = {}
    for source in sources:
        if not in_kernel(source) or not source.path.endswith('.c'):
            continue
        for function in source.functions:
            if not function.static:
                continue
            if '_' not in function.name.removesuffix('_locked'):
                complain(source, function, 'one word is too little of a name')
            other = found.setdefault(function.name, source.path)
            if other != source.path:
                complain(source, function, f'{other} has one of this name')


def parameters(function):
    head = function.head[function.head.rfind(function.name + '('):]
    return arguments(head, len(function.name))


def takers(sources):
    """Which functions take a callback that needs the lock, in which file: (path, where)."""
    return {function.name: (source.path if function.static else None, i)
            for source in sources for function in source.functions
            for i, parameter in enumerate(parameters(function))
            if parameter.split(' ')[0] in CALLBACKS}


def check_callbacks(sources):
    names, known = {f.name for source in sources for f in source.functions}, takers(sources)
    for source in sources:
        for function in source.functions:
            own = {parameter.split(' ')[-1] for parameter in parameters(function)}
            for call in CALL.finditer(function.body):
                path, i = known.get(call.group(1), ('', 0))
                if path not in (None, source.path):
                    continue
                passed = arguments(function.body, call.end() - 1)[i]
                if passed in names - own and not passed.endswith('_locked'):
                    complain(source, function,
                             f'passes {passed}() to {call.group(1)}(): no name in _locked')


def run(paths, _):
    sources = [csource.Source(path) for path in paths]
    for source in sources:
        check(source)
    check_callbacks(sources)
    check_names(sources)
    if not any(source.functions for source in sources):
        csource.complain('no function found')
    return csource.wrong


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(run(sys.argv[1:], sys.stdin))
