#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""fields.py WAIVERS DIRECTORY...: the letter of a field, which says who may touch it. The
legend is the comment "DOC: Locking", lines "X: MEANING".

 - in a structure that has a letter each member has one of the legend, beside it: inline
   kernel-doc, "@member: X: ...", before it, or a comment "X: ..." behind it. Two letters are
   "X or Y". What is around a union may say it for its members; a lock needs none;
 - a W field is read by a READ_ONCE() or smp_load_acquire() somewhere, and written by a
   WRITE_ONCE() or smp_store_release() outside its creator;
 - an L field, or a W field without READ_ONCE(), is read in a function that takes a lock, or
   whose name ends in _locked, or in its creator, or in one that frees it. An L, W or O field
   is written there;
 - an I field is written in its creator: a function whose name begins or ends with init,
   alloc, setup or copy, or one that has the object as a local variable. One that creates may
   also publish, and what it writes afterwards is not seen.
WAIVERS: STRUCTURE.MEMBER FUNCTION REASON: another function that writes this I field, or one
that reads this W field in a way that is not seen, or reads this field without the lock.

The type of x in x->member is that of its declaration in the function or in the file. A
member of what a function or a macro returns has no known type: it counts as a reader of each
W field of its name, and as a writer of none. Not seen either: memset(), memcpy() and the
like, an assignment of the whole structure, reads and writes through a pointer to a member."""
import re
import sys

import csource
import functions
from csource import complain

LETTERS = r'([A-Z](?:(?: or |, )[A-Z])*): '
NEEDED = ('workpool', 'wp_worker', 'workpool_multi')
CREATOR = re.compile(r'^(init|alloc|setup|copy)_|_(init|alloc|setup|copy)(_locked)?$')
FREES = re.compile(r'^free_|_free$')
LOCK = re.compile(r'(raw_spinlock_t|spinlock_t|struct mutex)\s')


def legend(sources):
    letters = {}
    for source in sources:
        for comment in source.comments:
            if re.search(r'DOC: Locking\b', comment.raw):
                letters.update(re.findall(r'^\s+([A-Z]): (.*)', comment.text(), re.M))
    return letters


def letters_of(member):
    """Those beside it, as a list, or None."""
    found = None
    if member.comment and member.comment.raw.startswith('/**'):
        found = re.match(r'@%s: %s' % (member.name, LETTERS), member.comment.words() + ' ')
    if not found and member.trailing:
        found = re.match(LETTERS, member.trailing.words() + ' ')
    if not found and member.outer:
        found = re.match(r'(?:@\w+: )?' + LETTERS, member.outer.words() + ' ')
    return re.split(' or |, ', found.group(1)) if found else None


def listed(source, struct):
    """The members that the comment before the structure has letters for."""
    for comment in source.comments:
        if re.match(r'struct %s -' % struct.name, comment.words()):
            return re.findall(r'@(\w+): ' + LETTERS, comment.words())
    return []


def check_letters(source, known):
    """Returns the letters of the structures that have any: (structure, member) -> list."""
    result = {}
    for struct in source.structs():
        letters = {m.name: letters_of(m) for m in struct.members}
        far = [name for name, _ in listed(source, struct)]
        if not far and not any(letters.values()):
            continue
        for member in struct.members:
            where = f'{source.path}:{member.line}: {struct.name}.{member.name}'
            mine = letters[member.name]
            if mine:
                for letter in mine:
                    if letter not in known:
                        complain(f'{where}: the legend has no letter {letter}')
                result[struct.name, member.name] = mine
            elif member.name in far:
                complain(f'{where}: its letter is not beside it')
            elif not LOCK.match(member.code):
                complain(f'{where}: has no letter')
    return result


def check_readers(tree, letters, waivers, needed):
    readers, unknown = set(), set()
    for source in tree.sources:
        for access in tree.accesses(source, csource.read_once):
            if access.struct:
                readers.add((access.struct, access.member))
            else:
                unknown.add(access.member)
    for field, mine in sorted(letters.items()):
        if 'W' not in mine or field in readers or field[1] in unknown:
            continue
        if waivers.get(field):
            needed |= {(field, function) for function in waivers[field]}
            continue
        complain(f'{field[0]}.{field[1]}: W, and no READ_ONCE() reads it')


def check_writers(tree, letters, waivers, needed):
    for source in tree.sources:
        for access in tree.accesses(source, csource.assigned):
            field, function = (access.struct, access.member), access.function.name
            if letters.get(field) != ['I'] or CREATOR.search(function) or access.local:
                continue
            if function in waivers.get(field, ()):
                needed.add((field, function))
                continue
            complain(f'{access.path}:{access.line}: {function}() writes '
                     f'{field[0]}.{field[1]}, which is I')


def is_quiet(access):
    """Does no other thread know the object?"""
    return access.local or CREATOR.search(access.function.name) or \
        FREES.search(access.function.name)


def has_lock(function):
    return function.name.endswith('_locked') or functions.TAKES.search(function.body)


def check_lock(tree, letters, waivers, needed):
    for source in tree.sources:
        for access in tree.accesses(source, csource.read_plainly):
            field, function = (access.struct, access.member), access.function
            mine = letters.get(field, ())
            if access.part or not mine or set(mine) - {'L', 'W'} or has_lock(function) or \
               is_quiet(access):
                continue
            if function.name in waivers.get(field, ()):
                needed.add((field, function.name))
                continue
            complain(f'{access.path}:{access.line}: {function.name}() reads '
                     f'{field[0]}.{field[1]} without the lock')
        for access in tree.accesses(source, csource.assigned):
            field = (access.struct, access.member)
            mine = letters.get(field, ())
            if mine and not set(mine) - {'L', 'O', 'W'} and not access.part and \
               not has_lock(access.function) and not is_quiet(access):
                complain(f'{access.path}:{access.line}: {access.function.name}() writes '
                         f'{field[0]}.{field[1]} without the lock')
        for access in tree.accesses(source, csource.assigned_plainly):
            field = (access.struct, access.member)
            if 'W' in letters.get(field, ()) and not access.part and not is_quiet(access):
                complain(f'{access.path}:{access.line}: {access.function.name}() writes '
                         f'{field[0]}.{field[1]}, which is W, without WRITE_ONCE()')


def run(arguments, _):
    waiver_file, *directories = arguments
    sources = csource.load(directories)
    tree = csource.Tree(sources)
    known = legend(sources)
    if not known:
        complain('there is no legend of letters, "DOC: Locking"')
    letters, waivers, needed = {}, {}, set()
    for field, function, _ in csource.table(waiver_file, 3):
        waivers.setdefault(tuple(field.split('.')), set()).add(function)
    for source in sources:
        letters.update(check_letters(source, known))
    for name in NEEDED:
        if not any(struct == name for struct, _ in letters):
            complain(f'struct {name} has no letters')
    for letter in sorted(set(known) - {x for mine in letters.values() for x in mine}):
        complain(f'no field has the letter {letter} of the legend')
    check_readers(tree, letters, waivers, needed)
    check_writers(tree, letters, waivers, needed)
    check_lock(tree, letters, waivers, needed)
    for field, functions in sorted(waivers.items()):
        for function in sorted(functions):
            if (field, function) not in needed:
                complain(f'{waiver_file}: nothing needs {".".join(field)} {function}')
    print(f'# {len(letters)} fields with a letter, in {len({s for s, _ in letters})} structures')
    return csource.wrong


if __name__ == '__main__':
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(run(sys.argv[1:], sys.stdin))
