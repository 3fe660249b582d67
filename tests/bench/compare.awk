# SPDX-License-Identifier: GPL-2.0
#
# compare.awk -v limit=PERCENT baseline icount.csv...: which scenario got dearer, as KTAP. Of
# several runs the cheapest counts.

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
			lost = lost sprintf("not ok %d %s is still measured\n", ++bad, order[i])
	}
	tests = bad
	printf "%s", lost
	for (i = 1; i <= nr; i++) {
		if (scenarios[i] in dearer) {
			printf "not ok %d %s is dearer\n%s", ++tests, scenarios[i], dearer[scenarios[i]]
			bad++
		} else {
			printf "ok %d %s is not dearer\n", ++tests, scenarios[i]
		}
	}
	printf "1..%d\n", tests
	printf "%d passed, %d failed, 0 skipped\n", tests - bad, bad
	exit bad > 0
}
