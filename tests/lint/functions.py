#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""functions.py FILE...: rules about the functions of C files in kernel style:

 - none is longer than 60 lines;
 - the name of one that has lockdep_assert_held() in it ends in _locked;
 - one whose name ends in _locked has lockdep_assert_held() in it, or is static in a .c file;
 - one that calls a *_locked() of its file, or a wp_*_locked() in kernel/, takes a lock or is
   a *_locked one itself."""
import os
import re
import sys

import csource

LONGEST = 60
ASSERTS = re.compile(r'\blockdep_assert_held(_write|_read)?\(')
TAKES = re.compile(r'\b(\w*spin_lock(_[a-z]+)*|xa_lock(_[a-z]+)*|mutex_lock\w*|wp_pool_lock|(scoped_)?guard)\(')


def complain(source, function, what):
    csource.complain(f'{source.path}:{function.line}: {function.name}(): {what}')


def check(source):
    ours = {f.name for f in source.functions}
    in_kernel = 'kernel' in os.path.normpath(source.path).split(os.sep)
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
                if callee in ours or (in_kernel and callee.startswith('wp_')):
                    complain(source, function, f'calls {callee}() without a lock')
        elif not asserts and not (function.static and source.path.endswith('.c')):
            complain(source, function, 'needs lockdep_assert_held()')


def run(paths, _):
    number = 0
    for path in paths:
        source = csource.Source(path)
        number += len(source.functions)
        check(source)
    if not number:
        csource.complain('no function found')
    return csource.wrong


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(run(sys.argv[1:], sys.stdin))
