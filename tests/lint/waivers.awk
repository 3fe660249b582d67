# SPDX-License-Identifier: GPL-2.0
#
# waivers.awk WAIVERS FILES MESSAGES: the messages, "FILE:LINE: LEVEL:TYPE: TEXT", but for
# those waived by a line "PATTERN TYPE REASON", and the waivers that nothing needs. FILES
# is a list of the files that were looked at.

FNR == 1 { part++ }

part == 1 && !/^#/ && NF {
	waiver[++n] = $1 " " $2
	if (NF < 3)
		complain("no reason for the waiver " waiver[n])
	pattern[n] = $1
	gsub(/\./, "\\.", pattern[n])
	gsub(/\*/, ".*", pattern[n])
	pattern[n] = "^" pattern[n] "$"
	type[n] = $2
}

part == 2 {
	for (i = 1; i <= n; i++)
		if ($0 ~ pattern[i])
			applies[i] = 1
}

part == 3 {
	split($0, field, ":")
	for (i = 1; i <= n; i++) {
		if (field[1] ~ pattern[i] && field[4] == type[i]) {
			needed[i] = 1
			next
		}
	}
	complain($0)
}

function complain(what)
{
	print what
	bad = 1
}

END {
	for (i = 1; i <= n; i++)
		if (applies[i] && !needed[i])
			complain("nothing needs the waiver " waiver[i])
	exit bad
}
