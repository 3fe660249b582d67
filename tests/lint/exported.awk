# SPDX-License-Identifier: GPL-2.0
#
# Each exported function has a kernel-doc comment with "Context:" and, unless it is void,
# "Return:". That of __name() may be at the macro name(), which passes THIS_MODULE.

/^\/\*\*$/ {
	in_doc = 1
	doc = ""
	next
}

in_doc && doc == "" && /^ \* [a-zA-Z_0-9]+\(\) - ./ {
	doc = $2
	sub(/\(\)/, "", doc)
	documented[doc] = 1
	next
}

in_doc && doc && /^ \* Context: ./ { context[doc] = 1 }
in_doc && doc && /^ \* Return: ./ { returns[doc] = 1 }
/^ \*\/$/ { in_doc = 0 }

/^[a-zA-Z_].*\(/ && !/^(static|#)/ {
	name = $0
	sub(/\(.*/, "", name)
	type = name
	sub(/.*[ *]/, "", name)
	function_of[name] = 1
	if (type ~ /^void( __noreturn)? /)
		is_void[name] = 1
}

/^EXPORT_SYMBOL(_GPL)?\(/ {
	name = $0
	sub(/^[^(]*\(/, "", name)
	sub(/\).*/, "", name)
	where[name] = FILENAME ":" FNR
}

function complain(name, what)
{
	print where[name] ": " name "(): " what
	bad = 1
}

END {
	for (name in where) {
		number++
		if (!(name in function_of))
			continue
		doc = name
		sub(/^__/, "", doc)
		if (!(doc in documented))
			complain(name, "has no kernel-doc comment")
		else if (!(doc in context))
			complain(name, "does not say its Context:")
		else if (!(doc in returns) && !(name in is_void))
			complain(name, "does not say what it returns, Return:")
	}
	if (!number) {
		print "no exported function found"
		bad = 1
	}
	exit bad
}
