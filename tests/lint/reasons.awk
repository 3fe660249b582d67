# SPDX-License-Identifier: GPL-2.0
#
# What is switched off of shellcheck has a reason, on the same line or in a comment before.

/^[ \t]*# shellcheck disable=/ && !/disable=[A-Z0-9,]+ # ./ && before !~ /^[ \t]*# ./ {
	print FILENAME ":" FNR ": no reason for this"
	bad = 1
}

{ before = $0 }
END { exit bad }
