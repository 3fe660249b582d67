#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""layers.py KERNEL WAIVERS < NM: what uses what in KERNEL, a directory of sources with a
table "layers". NM is what `nm -A` says of its objects, named as seen from the directory.

 - a file uses its own group and groups of a smaller rank: no cycle between groups;
 - in a group no files use each other in a circle; of two that do one says why;
 - each folder, and each file beside them, has a rank, and the other way round;
 - global symbols start with workpool_ or wp_, but for those the kernel's macros make;
 - what is global is used by another object or exported;
 - the global names wp_NOUN and wp_NOUN_* are defined in one .c file, or in the header of
   its name. WAIVERS: wp_NOUN FILE REASON, another file that defines some;
 - only main.o uses the adapters admin/chardev.o and admin/debugfs.o;
 - core/stack.o uses nothing of the module.

A call of an inline function, or of a macro in small letters, counts as a use of the file
whose header defines it. Not seen: calls by pointer, types, constants."""
import os
import re
import sys

import csource
from csource import complain

# of tracepoints, of module_init() and module_exit()
GENERATED = re.compile(r'__(tracepoint|traceiter|SC[KT]__tp_func|probestub|bpf_trace)_workpool_'
                       r'|(init_module|cleanup_module|__this_module)$')
ADAPTERS = ('admin/chardev', 'admin/debugfs')
STACK = 'core/stack'


def unit(path):
    """core/slot.c, core/slot.h and core/slot.o are one."""
    return os.path.splitext(os.path.normpath(path))[0]


def group(name):
    return name.split('/')[0]


class Uses:
    """Edges between units, with the symbols that make them."""
    def __init__(self):
        self.of = {}

    def add(self, user, definer, symbol):
        if user != definer:
            self.of.setdefault(user, {}).setdefault(definer, set()).add(symbol)

    def between(self, user, definer):
        return sorted(self.of.get(user, {}).get(definer, ()))

    def all(self):
        for user in sorted(self.of):
            for definer in sorted(self.of[user]):
                yield user, definer


def components(nodes, edges):
    """Strongly connected components of more than one node (Tarjan, 1972)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in edges.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for node in sorted(nodes):
        if node not in index:
            visit(node)
    return found


def read_symbols(lines, uses, kunit):
    """Edges by the objects' symbols; returns where each is defined, and its users."""
    defined, used, exported, objects = {}, {}, set(kunit), set()
    for line in lines:
        where, _, rest = line.rpartition(':')
        fields = rest.split()
        if len(fields) < 2:
            continue
        obj, kind, name = unit(where), fields[-2], fields[-1]
        objects.add(obj)
        if kind == 'U':
            used.setdefault(name, set()).add(obj)
        elif name.startswith('__ksymtab_'):
            exported.add(name[len('__ksymtab_'):])
        elif kind.isupper() and not GENERATED.match(name):
            defined[name] = obj
    for name, obj in sorted(defined.items()):
        if not re.match(r'(__(devm_)?)?(workpool|wp)_', name):
            complain(f'{obj}.o: {name}: a global name needs the prefix wp_ or workpool_')
        if name not in used and name not in exported:
            complain(f'{obj}.o: {name}: nothing uses it outside of its file')
        for user in used.get(name, ()):
            uses.add(user, obj, name)
    if not defined:
        complain('no symbols found')
    return defined, objects


def inlines(sources):
    """Where the inline functions and macros of headers are: name -> unit."""
    where = {}
    for path, source in sources.items():
        if not path.endswith('.h'):
            continue
        names = [f.name for f in source.functions]
        names += re.findall(r'^[ \t]*#[ \t]*define[ \t]+(_*[a-z]\w*)\(', source.code, re.M)
        for name in names:
            if re.match(r'_*(wp|workpool)_', name):
                where.setdefault(name, set()).add(unit(path))
    return where


def read_inlines(sources, defined, uses):
    where = inlines(sources)
    for path, source in sources.items():
        if path.endswith('.h'):
            # what a header's own functions use shows in the objects of others only
            for function in source.functions:
                for name in set(re.findall(r'\b\w+\b', function.body)) & set(defined):
                    uses.add(unit(path), defined[name], name)
        for name in set(re.findall(r'\b(\w+)\(', source.code)) & set(where):
            # one that has a second definition in the file itself is that
            if unit(path) not in where[name]:
                for definer in where[name]:
                    uses.add(unit(path), definer, name + '()')
    return where


def check_ranks(ranks, what, sources, uses):
    """Prints the table, too."""
    groups = {group(unit(path)) for path in sources if path.endswith('.c')}
    for name in sorted(groups - set(ranks)):
        complain(f'{name}: has no rank in the table layers')
    for name in sorted(set(ranks) - groups):
        complain(f'{name}: has a rank in the table layers, and no .c file')
    against = 0
    edges = {}
    for user, definer in uses.all():
        low, high = group(user), group(definer)
        if low == high:
            continue
        edges.setdefault(low, set()).add(high)
        if low in ranks and high in ranks and ranks[high] >= ranks[low]:
            against += 1
            complain(f'{user} ({ranks[low]} {low}) uses {", ".join(uses.between(user, definer))}'
                     f' of {definer} ({ranks[high]} {high}), against the rank')
    cycles = components(groups, edges)
    for cycle in cycles:
        complain('a cycle of groups: ' + ' '.join(cycle))
    for name in sorted(ranks, key=lambda n: ranks[n]):
        files = sum(group(unit(p)) == name and p.endswith('.c') for p in sources)
        print(f'# rank {ranks[name]} {name}: {what[name]} ({files} .c)')
    return against, len(cycles)


def why(source, other):
    head = '\n'.join(source.text.split('\n')[:30])
    words = ' '.join(c.words() for c in csource.Source(source.path, head).comments)
    return re.search(r'Calls %s and is called by it: (\w[^.]*)' % re.escape(other), words)


def check_pairs(sources, uses):
    """Returns the numbers of pairs, of those of them that say why, and of longer circles."""
    nodes, explained, pairs = set(), set(), 0
    for user, definer in uses.all():
        nodes |= {user, definer}
        if group(user) != group(definer) or user > definer or \
           not uses.between(definer, user):
            continue
        pairs += 1
        for one, other in ((user, definer), (definer, user)):
            for path in (one + '.c', one + '.h'):
                reason = path in sources and why(sources[path],
                                                 os.path.basename(other) + '.c')
                if reason:
                    explained.add((user, definer))
                    print(f'# pair {user} {definer}: {reason.group(1)}')
        if (user, definer) not in explained:
            complain(f'{user} and {definer} use each other, and none says why: '
                     f'{", ".join(uses.between(user, definer))}; '
                     f'{", ".join(uses.between(definer, user))}')
    for path, source in sources.items():
        for comment in source.comments:
            for other in re.findall(r'Calls (\w+)\.c and is called by it', comment.words()):
                pair = {unit(path), os.path.join(os.path.dirname(path), other)}
                if not any(pair == set(p) for p in explained):
                    complain(f'{path}:{comment.line}: it and {other}.c do not use each other')
    # a pair that says why is one node, so that longer circles through it are seen
    one = {node: node for node in nodes}
    for user, definer in sorted(explained):
        for node in nodes:
            if one[node] == one[definer] and node != user:
                one[node] = one[user]
    edges = {}
    for user, definer in uses.all():
        if group(user) == group(definer) and one[user] != one[definer]:
            edges.setdefault(one[user], set()).add(one[definer])
    circles = components(set(one.values()), edges)
    for circle in circles:
        circle = sorted(node for node in nodes if one[node] in circle)
        complain(f'{len(circle)} files use each other in a circle: {" ".join(circle)}')
        for user in circle:
            for definer in circle:
                if uses.between(user, definer):
                    print(f'  {user} -> {definer}: {", ".join(uses.between(user, definer))}')
    return pairs, len(explained), len(circles)


def check_prefixes(waivers, defined, where):
    """wp_NOUN_* is defined in one file."""
    allowed, needed, files = {}, set(), {}
    for noun, path, _ in csource.table(waivers, 3):
        allowed.setdefault(noun, set()).add(path)
    names = [(name, obj) for name, obj in defined.items()]
    names += [(name, u) for name, units in where.items() for u in units]
    for name, definer in names:
        noun = re.match(r'_*(wp_[a-z0-9]+)', name)
        if noun:
            files.setdefault(noun.group(1), {}).setdefault(definer, set()).add(name)
    for noun, definers in sorted(files.items()):
        extra = {u for u in definers
                 if {u + '.c', u + '.h'} & allowed.get(noun, set())}
        for definer in extra:
            needed |= {(noun, definer + '.c'), (noun, definer + '.h')}
        rest = sorted(set(definers) - extra)
        if len(rest) > 1:
            complain(f'{noun}_* belongs to {len(rest)} files: ' + '; '.join(
                f'{u}: {" ".join(sorted(definers[u]))}' for u in rest))
    for noun, paths in allowed.items():
        for path in paths:
            if (noun, path) not in needed:
                complain(f'{waivers}: nothing needs {noun} {path}')
            elif len(files[noun]) == 1:
                complain(f'{waivers}: {path} is the only one that defines {noun}')


def check_adapters(objects, uses):
    for needed in ADAPTERS + (STACK,):
        if needed not in objects:
            complain(f'there is no {needed}.o')
    for user, definer in uses.all():
        if definer in ADAPTERS and user != 'main':
            complain(f'{user}: uses {", ".join(uses.between(user, definer))} '
                     f'of the adapter {definer}')
        if user == STACK:
            complain(f'{user}: uses {", ".join(uses.between(user, definer))} of {definer}')


def run(arguments, symbols):
    kernel, waivers = arguments
    sources = {os.path.relpath(s.path, kernel): s for s in csource.load([kernel])}
    ranks, what = {}, {}
    for rank, name, text in csource.table(os.path.join(kernel, 'layers'), 3):
        if name in ranks or not rank.isdigit() or int(rank) in ranks.values():
            complain(f'layers: {rank} {name}: given twice, or no number')
            continue
        ranks[name], what[name] = int(rank), text
    kunit = [name for s in sources.values()
             for name in re.findall(r'^EXPORT_SYMBOL_IF_KUNIT\((\w+)\)', s.code, re.M)]
    uses = Uses()
    defined, objects = read_symbols(symbols, uses, kunit)
    where = read_inlines(sources, defined, uses)
    against, cycles = check_ranks(ranks, what, sources, uses)
    pairs, explained, circles = check_pairs(sources, uses)
    check_prefixes(waivers, defined, where)
    check_adapters(objects, uses)
    print(f'# uses against the rank: {against}, cycles of groups: {cycles}, '
          f'pairs of files: {pairs} ({explained} say why), longer circles: {circles}')
    return csource.wrong


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(run(sys.argv[1:], sys.stdin))
