# SPDX-License-Identifier: GPL-2.0
#
# compare.awk -v limit=PERCENT baseline icount.csv...: which scenario got dearer. Each result is a
# line: 0 or 1, 0 if it is good, and its name. Lines with # explain. Of several runs the cheapest
# counts.

function judge(key,	part, change)
{
	split(key, part, ",")
	change = base[key] ? 100 * (now[key] - base[key]) / base[key] : now[key] ? 100 : 0
	line = sprintf("# %s: %s: %d, was %d (%+.1f %%)\n", part[2], part[3], now[key], base[key], change)
	if (change > limit)
		dearer[part[1]] = dearer[part[1]] line
	else if (change < -limit)
		printf "%s", line
	if (!(part[1] in known)) {
		known[part[1]]
		scenarios[++nr] = part[1]
	}
}

BEGIN { FS = "," }
FNR == 1 { file++ }
/^#/ { next }
file == 1 && NF == 4 { base[$1 "," $2 "," $3] = $4; order[++keys] = $1 "," $2 "," $3; next }
file == 1 || FNR == 1 { next }

{
	key = $1 "," $2 "," $3
	if (key in base && (!(key in now) || $5 < now[key]))
		now[key] = $5
}

END {
	for (i = 1; i <= keys; i++) {
		if (order[i] in now)
			judge(order[i])
		else
			lost[++bad] = order[i]
	}
	for (i = 1; i in lost; i++)
		printf "1 %s is still measured\n", lost[i]
	for (i = 1; i <= nr; i++) {
		if (scenarios[i] in dearer) {
			printf "1 %s is dearer\n%s", scenarios[i], dearer[scenarios[i]]
			bad++
		} else {
			printf "0 %s is not dearer\n", scenarios[i]
		}
	}
	exit bad > 0
}
