# SPDX-License-Identifier: GPL-2.0
#
# Rules about the functions of C files in kernel style:
#
#  - none is longer than 80 lines;
#  - one whose name ends in _locked has lockdep_assert_held() in it, or is static, and
#    each of its callers takes a lock or is a *_locked one itself.

function flush_file(	name, caller, i, n, calls)
{
	for (name in body) {
		if (name !~ /_locked$/ || body[name] ~ /lockdep_assert_held/)
			continue
		if (!is_static[name]) {
			complain(name, "needs lockdep_assert_held()")
			continue
		}
		for (caller in body)
			if (caller != name && caller !~ /_locked$/ &&
			    body[caller] ~ ("[^a-z_]" name "\\(") &&
			    body[caller] !~ /(lockdep_assert_held|spin_lock(_[a-z]+)?|mutex_lock|wp_pool_lock|guard)\(/)
				complain(name, caller "() calls it without a lock")
	}
	delete body
	delete is_static
	delete line
}

function complain(name, what)
{
	print file ":" line[name] ": " name "(): " what
	bad = 1
}

FNR == 1 {
	flush_file()
	file = FILENAME
	head = name = ""
}

# a definition starts in column 0 and has its name before the first parenthesis
!name && /^[a-zA-Z_].*[^;]$/ && /\(/ && !/^(typedef|struct [a-z_]+ \{)/ {
	head = $0
	head_line = FNR
}

/^\{/ && head {
	name = head
	sub(/\(.*/, "", name)
	sub(/.*[ *]/, "", name)
	is_static[name] = head ~ /^static/
	line[name] = head_line
	start = FNR
	next
}

/^\}/ {
	if (name && FNR - start > 80)
		complain(name, FNR - start " lines are too long")
	head = name = ""
}

name { body[name] = body[name] "\n" $0 }
/^[^ \t].*;$/ { head = "" }

END {
	flush_file()
	exit bad
}
