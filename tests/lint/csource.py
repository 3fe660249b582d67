# SPDX-License-Identifier: GPL-2.0
"""C files in kernel style, read with as little as the checks need: comments apart from
code, functions, structures with their members, and accesses to members. And what the checks
share: complaints, and tables.

It is no compiler. Conditional parts are all read, macros are not expanded, and a variable
has the type that its declaration in the function, or else in the file, says.
"""
import os
import re

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
HEAD = re.compile(r'^[a-zA-Z_][^;{}]*\([^;{}]*$', re.M)
CHAIN = re.compile(r'(?<![\w.>])([A-Za-z_]\w*)((?:\[[^][]*\])*'
                   r'(?:(?:->|\.)[A-Za-z_]\w*(?:\[[^][]*\])*)+)')
LINK = re.compile(r'(->|\.)([A-Za-z_]\w*)((?:\[[^][]*\])*)')
ASSIGN = re.compile(r'\s*(?:=(?!=)|(?:[-+*/%&|^]|<<|>>)=|\+\+|--)')


def blank(text):
    """As long as text and with its lines, and otherwise empty."""
    return re.sub(r'[^\n]', ' ', text)


class Comment:
    def __init__(self, source, start, end):
        self.start, self.end = start, end
        self.line = source.line_at(start)
        self.raw = source.text[start:end]

    def text(self):
        """The words, in the lines of the file."""
        text = re.sub(r'^/\*+|\*+/$|^//', '', self.raw)
        return re.sub(r'^[ \t]*\*(?!/)', '', text, flags=re.M)

    def words(self):
        """The words in one line."""
        return ' '.join(self.text().split())


class Function:
    def __init__(self, name, head, body, line):
        self.name, self.head, self.body, self.line = name, head, body, line
        self.static = bool(re.match(r'static\b', head))
        self.inline = bool(re.search(r'\b(__always_)?inline\b', head))


class Member:
    """comment: right before it; trailing: behind it; outer: of the union or structure in
    the structure that it is in."""
    def __init__(self, name, line, code, comment, trailing, outer):
        self.name, self.line, self.code = name, line, code
        self.comment, self.trailing, self.outer = comment, trailing, outer
        found = re.match(r'(?:const )?(?:struct|union) (\w+)', code)
        self.type = found.group(1) if found else None
        self.is_array = bool(re.search(r'\b%s\s*\[' % re.escape(name), code))


class Struct:
    def __init__(self, name, path, line, members):
        self.name, self.path, self.line, self.members = name, path, line, members

    def member(self, name):
        return next((m for m in self.members if m.name == name), None)


class Access:
    """What is done to a member: its structure, or None if that is not known. part: only a
    member of it is touched."""
    def __init__(self, struct, member, path, line, function, base, local, part):
        self.struct, self.member = struct, member
        self.path, self.line, self.function = path, line, function
        self.base, self.local, self.part = base, local, part


class Source:
    def __init__(self, path, text=None):
        self.path = path
        if text is None:
            with open(path, encoding='utf-8') as file:
                text = file.read()
        self.text = text
        self.comments = []
        self.code = TOKEN.sub(self._token, text)
        self.functions = list(self._functions())
        self._structs = None

    def line_at(self, offset):
        return self.text.count('\n', 0, offset) + 1

    def _token(self, found):
        token = found.group(0)
        if token.startswith('/'):
            self.comments.append(Comment(self, found.start(), found.end()))
            return blank(token)
        return token[0] + blank(token[1:-1]) + token[-1]

    def _functions(self):
        """A definition starts in column 0, and so do its braces."""
        code = re.sub(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', lambda m: blank(m.group(0)),
                      self.code, flags=re.M)
        for brace in re.finditer(r'^\{', code, re.M):
            before = code[:brace.start()]
            start = max(before.rfind(';\n'), before.rfind('}\n'), before.rfind('\n\n'))
            head = before[start + 1:].strip('};\n\t ')
            name = re.search(r'([A-Za-z_]\w*)\s*\(', head)
            end = code.find('\n}', brace.start())
            if not name or end < 0:
                continue
            # an attribute with an argument before the name
            for name in re.finditer(r'([A-Za-z_]\w*)\s*\(', head):
                if not name.group(1).startswith('__printf'):
                    break
            offset = before.rfind(head) if head in before else brace.start()
            yield Function(name.group(1), head, code[brace.start():end + 2],
                           self.line_at(offset))

    def structs(self):
        if self._structs is None:
            self._structs = list(self._find_structs())
        return self._structs

    def _find_structs(self):
        for head in re.finditer(r'^struct (\w+) \{', self.code, re.M):
            end = matching(self.code, head.end() - 1)
            members = list(self._members(head.end(), end))
            yield Struct(head.group(1), self.path, self.line_at(head.start()), members)

    def _members(self, start, end, outer=None):
        code = re.sub(r'^[ \t]*#[^\n]*', lambda m: blank(m.group(0)), self.code[:end],
                      flags=re.M)
        while True:
            while start < end and (code[start].isspace() or code[start] == ';'):
                start += 1
            if start >= end:
                return
            stop = start
            while stop < end and code[stop] != ';':
                stop = matching(code, stop) + 1 if code[stop] in '{(' else stop + 1
            decl = code[start:stop]
            comment = self._comment_before(start)
            trailing = self._comment_after(stop)
            nested = re.match(r'(?:struct|union)\b[^;({]*\{', decl)
            if nested:
                inner = start + nested.end() - 1
                close = matching(code, inner)
                yield from self._members(inner + 1, close, trailing or comment or outer)
                name = re.match(r'\s*(\w+)', code[close + 1:stop])
                if name and not name.group(1).startswith('__'):
                    yield Member(name.group(1), self.line_at(close), decl, comment, trailing,
                                 outer)
            else:
                for name in declared(decl):
                    yield Member(name, self.line_at(start), decl, comment, trailing, outer)
            start = stop + 1

    def _comment_before(self, offset):
        for comment in self.comments:
            if comment.end <= offset and not self.text[comment.end:offset].strip():
                # one that stands behind the member before is not of this one
                line = self.text.rfind('\n', 0, comment.start) + 1
                if not self.code[line:comment.start].strip():
                    return comment
        return None

    def _comment_after(self, offset):
        for comment in self.comments:
            if comment.start >= offset and '\n' not in self.text[offset:comment.start]:
                return comment
        return None


def matching(code, offset):
    """Where the bracket at offset is closed."""
    pair = {'{': '}', '(': ')'}[code[offset]]
    depth = 0
    for i in range(offset, len(code)):
        if code[i] == code[offset]:
            depth += 1
        elif code[i] == pair:
            depth -= 1
            if not depth:
                return i
    return len(code)


def declared(decl):
    """The names that a declaration of members declares."""
    macro = re.match(r'DECLARE_(HASHTABLE|BITMAP|KFIFO)\((\w+)', decl)
    if macro:
        return [macro.group(2)]
    macro = re.match(r'DECLARE_FLEX_ARRAY\([^,]*,\s*(\w+)', decl)
    if macro:
        return [macro.group(1)]
    pointer = re.search(r'\(\s*\*\s*(\w+)(?:\[[^]]*\])?\s*\)\s*\(', decl)
    if pointer:
        return [pointer.group(1)]
    names = []
    while re.search(r'\([^()]*\)', decl):
        decl = re.sub(r'\([^()]*\)', '', decl)
    for part in re.sub(r'\[[^]]*\]', '', decl).split(','):
        words = re.findall(r'\w+', part.split(':')[0])
        while words and words[-1].startswith('__'):
            words.pop()
        if words:
            names.append(words[-1])
    return names


class Tree:
    """Several files, whose structures are known to each other."""
    def __init__(self, sources):
        self.sources = sources
        self.structs = {}
        for source in sources:
            for struct in source.structs():
                self.structs[struct.name] = struct

    def variables(self, text):
        """Which variables are of which structure, or point to it; and which are one."""
        types, objects = {}, set()
        for found in re.finditer(r'\bstruct (\w+)((?:\s+|\s*\*+\s*)\w+(?:\[[^]]*\])?'
                                 r'(?:\s*=[^,;]*)?(?:,\s*\*+\s*\w+)*)', text):
            for star, name in re.findall(r'(\**)\s*\b([A-Za-z_]\w*)',
                                         re.sub(r'=[^,;]*', '', found.group(2))):
                types[name] = found.group(1)
                if not star:
                    objects.add(name)
        return types, objects

    def accesses(self, source, find):
        """find(code) yields matches of CHAIN that are of interest; and for these all
        members that are touched: the last, and those that it is a part of."""
        globals_, global_objects = self.variables(source.code)
        for function in source.functions:
            types, objects = self.variables(function.head + '\n' + function.body)
            start = source.code.find(function.body)
            for chain in find(function.body):
                base = chain.group(1)
                known = types.get(base, globals_.get(base))
                local = base in objects and base in types
                line = source.line_at(start + chain.start())
                yield from self._touched(chain, known, source.path, line, function, local)

    def _touched(self, chain, known, path, line, function, local):
        links = []
        for arrow, name, index in LINK.findall(chain.group(2)):
            struct = self.structs.get(known)
            member = struct and struct.member(name)
            links.append((known, name, arrow, index, member))
            known = member.type if member else None
        whole = True
        for i, (struct, name, arrow, index, member) in reversed(list(enumerate(links))):
            if index and not (member and member.is_array):
                whole = False
            if whole:
                yield Access(struct, name, path, line, function, chain.group(1),
                             local and all(link[2] == '.' for link in links[:i + 1]),
                             i < len(links) - 1)
            if arrow == '->':
                return
            if index and not (member and member.is_array):
                return


def assigned(code):
    """Chains that are written to."""
    for chain in CHAIN.finditer(code):
        before = code[:chain.start()].rstrip()
        if ASSIGN.match(code, chain.end()) or before.endswith(('++', '--')) or \
           re.search(r'\b(WRITE_ONCE|smp_store_release|rcu_assign_pointer|xchg)\(\s*&?$',
                     before):
            yield chain


def assigned_plainly(code):
    """Of these, without one of the macros."""
    yield from (chain for chain in CHAIN.finditer(code) if ASSIGN.match(code, chain.end()) or
                code[:chain.start()].rstrip().endswith(('++', '--')))


def read_plainly(code):
    """Chains whose value is read, without READ_ONCE() and the like."""
    other = {chain.start() for chain in [*assigned(code), *read_once(code)]}
    for chain in CHAIN.finditer(code):
        before = code[:chain.start()].rstrip()
        if chain.start() not in other and not before.endswith('&') or before.endswith('&&'):
            yield chain


def read_once(code):
    """Chains in READ_ONCE() and in its stronger relatives."""
    for call in re.finditer(r'\b(READ_ONCE|smp_load_acquire|rcu_dereference\w*)\(', code):
        end = matching(code, call.end() - 1)
        yield from (chain for chain in CHAIN.finditer(code, call.end(), end))


def load(directories):
    """All .c and .h files below these, sorted."""
    paths = []
    for directory in directories:
        for where, _, names in os.walk(directory):
            paths += [os.path.join(where, name) for name in names
                      if name.endswith(('.c', '.h')) and not name.endswith('.mod.c')]
    return [Source(path) for path in sorted(paths)]


wrong = 0


def complain(what):
    """One line of what a check found; run() of a check returns whether there was any."""
    global wrong
    print(what)
    wrong = 1


def table(path, fields):
    """Lines of so many fields, the last of which is a text."""
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            words = line.split(None, fields - 1)
            if not words or words[0].startswith('#'):
                continue
            if len(words) < fields:
                complain(f'{path}:{number}: not {fields} fields')
                continue
            yield [word.strip() for word in words]
