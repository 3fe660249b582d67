# SPDX-License-Identifier: GPL-2.0
#
# targets.awk -v lane=LANE targets LANE.csv: what is to be reached in this lane, and what is.

function verdict(bound, value,	part)
{
	split(bound, part, " ")
	if (part[1] == "-")
		return ""
	if (part[1] == "<=")
		return value <= part[2] + 0 ? "met" : "MISSED"
	return value >= part[2] + 0 ? "met" : "MISSED"
}

FNR == 1 { file++ }

file == 1 && /^[^#]/ {
	split($0, field, "|")
	if (field[1] != lane)
		next
	nr++
	what[nr] = field[2]
	bound[nr] = field[3]
	number[nr] = field[4]
	divisor[nr] = field[5]
	next
}

file == 2 && FNR > 1 {
	split($0, field, ",")
	median[field[1] "," field[2] "," field[3]] = field[5]
}

END {
	if (!nr)
		exit
	printf "%-44s %10s %10s\n", "targets in lane " lane, "target", "reached"
	for (i = 1; i <= nr; i++) {
		if (!(number[i] in median) || (divisor[i] && !median[divisor[i]])) {
			printf "%-44s %10s %10s\n", what[i], bound[i], "not there"
			continue
		}
		value = median[number[i]]
		if (divisor[i])
			value /= median[divisor[i]]
		printf "%-44s %10s %10.2f %s\n", what[i], bound[i], value,
			verdict(bound[i], value)
	}
}
