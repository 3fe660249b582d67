#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
render.py OUTPUT TITLE INPUT [NAME=PAGE]...

Writes the HTML page OUTPUT from INPUT, which is Markdown (*.md) or the
reStructuredText that the kernel's scripts/kernel-doc prints. The latter uses
directives and roles of Sphinx's C domain. A handful of them is enough, so that
docutils will do.

NAME=PAGE says on which page a name is documented: name() becomes a link.
"""

import html
import re
import sys

from docutils import nodes
from docutils.core import publish_string
from docutils.parsers.rst import Directive, directives, roles
from docutils.transforms import Transform
from docutils.writers import html5_polyglot

STYLE = """
body { max-width: 50em; margin: 2em auto; padding: 0 1em; font-family: sans-serif;
       line-height: 1.4; }
pre, code, tt { font-family: monospace; }
pre { background: #f4f4f4; padding: 0.6em; overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border: 1px solid #ccc; padding: 0.2em 0.6em; text-align: left; }
p.declaration { background: #e8eef4; padding: 0.4em; margin-top: 2em;
                font-family: monospace; font-weight: bold; }
"""

pages = {}


def anchor(name):
    return nodes.make_id(name)


class Declaration(Directive):
    """c:function, c:struct and their like: a headline that can be linked to."""

    has_content = True
    final_argument_whitespace = True
    optional_arguments = 1
    option_spec = {}

    def run(self):
        text = ' '.join(self.arguments[0].split())
        kind = self.name.split(':')[1]
        if kind == 'function':
            name = re.match(r'.*?([A-Za-z_]\w*) ?\(', text).group(1)
        else:
            name = text
        if kind in ('struct', 'enum', 'union'):
            text = kind + ' ' + text
        headline = nodes.paragraph(text, text, classes=['declaration'])
        ident = anchor(name if text == name or kind == 'function' else text)
        headline['ids'].append(ident)
        body = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, body)
        return [headline] + body.children


for kind_ in ('function', 'struct', 'enum', 'union', 'macro', 'type'):
    directives.register_directive('c:' + kind_, Declaration)


def c_role(_role, raw, text, _line, _inliner, _options=None, _content=None):
    """:c:type:`text <target>`: the text, as a link when the target is known."""
    match = re.match(r'(.*?)\s*<(.*)>$', text, re.S)
    shown, target = match.groups() if match else (text, text)
    for name in ('struct ' + target, 'enum ' + target, target):
        if name in pages:
            uri = pages[name] + '#' + anchor(name)
            return [nodes.reference(raw, shown, refuri=uri)], []
    return [nodes.literal(raw, shown)], []


for kind_ in ('type', 'func', 'macro', 'expr', 'member'):
    roles.register_local_role('c:' + kind_, c_role)


class LinkFunctions(Transform):
    """name() becomes a link to where name is documented."""

    default_priority = 900

    def apply(self):
        for text in list(self.document.findall(nodes.Text)):
            if isinstance(text.parent, (nodes.reference, nodes.literal_block)) or \
                    'declaration' in text.parent.get('classes', []):
                continue
            parts = self.split(text.astext())
            if len(parts) > 1:
                text.parent.replace(text, parts)

    @staticmethod
    def split(text):
        parts, end = [], 0
        for match in re.finditer(r'\b(\w+)\(\)', text):
            name = match.group(1)
            if name not in pages:
                continue
            parts.append(nodes.Text(text[end:match.start()]))
            uri = pages[name] + '#' + anchor(name)
            parts.append(nodes.reference('', match.group(0), refuri=uri))
            end = match.end()
        parts.append(nodes.Text(text[end:]))
        return parts


class Writer(html5_polyglot.Writer):
    def get_transforms(self):
        return super().get_transforms() + [LinkFunctions]


def rst_body(source, path):
    """The HTML of reStructuredText. A warning of docutils ends the program."""
    settings = {
        'halt_level': 5,
        'exit_status_level': 2,         # a warning, after all were shown
        'output_encoding': 'unicode',
        'file_insertion_enabled': False,
        'embed_stylesheet': False,
        'stylesheet_path': '',
        'initial_header_level': 2,
        'doctitle_xform': False,
    }
    page = publish_string(source, source_path=path, writer=Writer(),
                          settings_overrides=settings, enable_exit_status=True)
    return re.search(r'<body.*?>(.*)</body>', page, re.S).group(1)


def markdown_body(source):
    import markdown
    # the licence, and the title, which the page has already
    source = re.sub(r'\A<!--[^\n]*-->\s*# [^\n]*\n', '', source)
    body = markdown.markdown(source, extensions=['tables', 'fenced_code', 'toc'])
    return re.sub(r'href="(kernel/docs/)?([\w-]+)\.md(#[\w-]+)?"', r'href="\2.html\3"', body)


def main():
    output, title, path = sys.argv[1:4]
    pages.update(arg.rsplit('=', 1) for arg in sys.argv[4:])
    with open(path, encoding='utf-8') as file:
        source = file.read()
    body = markdown_body(source) if path.endswith('.md') else rst_body(source, path)
    with open(output, 'w', encoding='utf-8') as file:
        file.write(f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
                   f'<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n'
                   f'<body>\n<h1>{html.escape(title)}</h1>\n{body}\n</body>\n</html>\n')


main()
