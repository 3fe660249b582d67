#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""unlock.py WAIVERS DIRECTORY...: what is used after wp_pool_unlock().

Once the lock of a pool was dropped, the thread that the decision let go may have freed the
pool, the group, the task or the worker. So each pointer to such an object that a function uses
after it dropped the lock, itself or through functions that it calls, is in WAIVERS: FUNCTION
VARIABLE[,VARIABLE] REASON, where the reason says what pins the object. The callers of a function
that drops the lock with raw_spin_unlock(), which mostly only looked at something, are not
followed. A use within rcu_read_lock() that began before the lock was dropped needs none, as pools,
and multis, are freed by RCU.

The rest of a function is what follows the unlock, up to a return in the same block, and the
loops around it. A variable that is assigned again is another object."""
import re
import sys

import csource
from csource import complain

UNLOCK = ('wp_pool_unlock', 'wp_pool_unlock_deferred')
RAW_UNLOCK = re.compile(r'raw_spin_unlock(?:_irqrestore|_irq)?\(&[\w>.\[\]-]+->lock\b')
OBJECTS = ('workpool', 'workpool_multi', 'workpool_group', 'workpool_task',
           'workpool_delayed_task', 'wp_worker', 'wp_job', 'wp_waiter', 'wp_wait',
           'wp_flusher', 'any_wait', 'parallel_loop', 'parallel_helper')
BY_RCU = ('workpool', 'workpool_multi')
CALL = re.compile(r'(?<![\w.>])([a-z_]\w*)\s*\(')
POINTER = re.compile(r'\bstruct (%s)((?:\s*\*\s*\w+(?:\s*=[^,;]*)?,?)+)' % '|'.join(OBJECTS))
LOOP = re.compile(r'\b(for|while|[a-z_]*for_each[a-z_]*)\s*\(|\bdo\b')


def pointers(function):
    """The variables that point to an object, and what it is."""
    found = {}
    for text in (function.head, function.body):
        for decl in POINTER.finditer(text):
            for name in re.findall(r'\*\s*(\w+)', re.sub(r'=[^,;]*', '', decl.group(2))):
                found[name] = decl.group(1)
    return found


def block_end(body, offset):
    """Where the block around offset ends."""
    depth = 0
    for i in range(offset, len(body)):
        if body[i] == '{':
            depth += 1
        elif body[i] == '}':
            depth -= 1
            if depth < 0:
                return i
    return len(body)


def rest(body, start):
    """The parts of body that may be executed after start."""
    parts = []
    while start < len(body):
        end = block_end(body, start)
        leave = None
        depth = 0
        for token in re.finditer(r'[{}]|\breturn\b|\bgoto\b', body[start:end]):
            if token.group(0) in '{}':
                depth += 1 if token.group(0) == '{' else -1
            elif not depth and not conditional(body, start, start + token.start()):
                leave = start + token.start()
                break
        if leave is not None:
            stop = body.find(';', leave)
            parts.append((start, end if stop < 0 else stop))
            return parts
        parts.append((start, end))
        start = end + 1
    return parts


def conditional(body, start, offset):
    """Is the statement at offset the only one of an if or else?"""
    before = body[start:offset].rstrip()
    if re.search(r'\belse$', before):
        return True
    if not before.endswith(')'):
        return False
    depth = 0
    for i in range(len(before) - 1, -1, -1):
        if before[i] == ')':
            depth += 1
        elif before[i] == '(':
            depth -= 1
            if not depth:
                return bool(re.search(r'\b(if|for|while|[a-z_]*for_each[a-z_]*)\s*$',
                                      before[:i]))
    return False


def loops(body):
    """Where each loop begins and ends."""
    for loop in LOOP.finditer(body):
        if loop.group(1):
            close = csource.matching(body, loop.end() - 1)
            brace = re.match(r'\)\s*\{', body[close:])
            if brace:
                yield loop.start(), csource.matching(body, close + brace.end() - 1)
            else:
                yield loop.start(), body.find(';', close)
        else:
            brace = re.match(r'do\s*\{', body[loop.start():])
            if brace:
                close = csource.matching(body, loop.start() + brace.end() - 1)
                yield loop.start(), body.find(';', close)
            else:
                yield loop.start(), body.find(';', body.find('while', loop.start()))


def in_rcu(body, offset, use):
    """Does a section of RCU that began before offset last until use?"""
    begin = body.rfind('rcu_read_lock()', 0, offset)
    return begin >= 0 and 'rcu_read_unlock()' not in body[begin:use]


def first_use(body, name, start, end):
    """The first use of name in this part; None: there is none, or it is assigned before."""
    for use in re.finditer(r'(?<![\w.>])%s\b' % re.escape(name), body[start:end]):
        after = body[start + use.end():end]
        if re.match(r'\s*=(?!=)', after):
            value = re.match(r'[^;]*', after).group(0)
            if re.search(r'(?<![\w.>])%s\b' % re.escape(name), value):
                return start + use.start()
            return None
        return start + use.start()
    return None


def uses(function, droppers):
    """Each variable that is used after the lock was dropped, once."""
    body = function.body
    objects = pointers(function)
    where = list(loops(body))
    for call in CALL.finditer(body):
        if call.group(1) not in droppers and not RAW_UNLOCK.match(body, call.start()):
            continue
        close = csource.matching(body, call.end() - 1)
        if re.search(r'\breturn\b[^;{}]*$', body[:call.start()]):
            parts = [(close + 1, body.find(';', close))]
        else:
            parts = rest(body, close + 1)
        leaves = parts[-1][1] < len(body) - 1
        for begin, end in where:
            if begin < call.start() < end and not (leaves and parts[-1][1] < end):
                parts.append((begin, end))
        for name, kind in objects.items():
            for start, end in parts:
                use = first_use(body, name, start, end)
                if use is None:
                    continue
                # of a loop the whole section has to be around it
                section = (call.start(), use) if start > close else (start, end)
                if not (kind in BY_RCU and in_rcu(body, *section)):
                    yield name
                    break


def droppers_of(functions):
    """Functions that drop the lock, themselves or through what they call. One whose name ends
    with _locked has it again when it returns."""
    found = set(UNLOCK)
    calls = {}
    for function in functions:
        calls.setdefault(function.name, set()).update(CALL.findall(function.body))
    grown = True
    while grown:
        grown = False
        for name, called in calls.items():
            if name not in found and not name.endswith('_locked') and called & found:
                found.add(name)
                grown = True
    return found


def run(arguments, _):
    waivers, directories = arguments[0], arguments[1:]
    sources = csource.load(directories)
    functions = [(source, function) for source in sources for function in source.functions]
    droppers = droppers_of([function for _, function in functions])
    waived = {}
    for function, variables, reason in csource.table(waivers, 3):
        for variable in variables.split(','):
            waived[function, variable] = reason
    used = set()
    for source, function in functions:
        if function.name in UNLOCK:
            continue
        for name in sorted(set(uses(function, droppers))):
            if (function.name, name) in waived:
                used.add((function.name, name))
            else:
                complain(f'{source.path}:{function.line}: {function.name}() uses {name} after '
                         'the lock was dropped, and no waiver says what pins it')
    for function, variable in sorted(set(waived) - used):
        complain(f'{waivers}: {function}() does not use {variable} after the lock was dropped')
    return csource.wrong


if __name__ == '__main__':
    sys.exit(run(sys.argv[1:], None))
