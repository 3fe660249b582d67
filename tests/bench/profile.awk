# SPDX-License-Identifier: GPL-2.0
#
# profile.awk -v nr=NR symbols few many: the instructions of each function that there are more
# of in the second count than in the first, divided by NR. The addresses are as wide as each
# other, so that their order is that of their text.

FNR == 1 { file++ }

file == 1 {
	address[++symbols] = $1
	name[symbols] = $3
	next
}

{ blocks[$1] += (file == 2 ? -1 : 1) * $2 * $3 }

# the last symbol that is not behind the address
function find(where,	low, high, middle)
{
	low = 1
	high = symbols
	while (low < high) {
		middle = int((low + high + 1) / 2)
		if (address[middle] "" > where "")
			high = middle - 1
		else
			low = middle
	}
	return name[low]
}

END {
	for (where in blocks)
		if (blocks[where] && where "" >= "ffffffff80000000") {
			count[find(where)] += blocks[where]
		}
	for (symbol in count)
		if (count[symbol] / nr >= 0.5) {
			printf "%10.1f  %s\n", count[symbol] / nr, symbol | "sort -rn"
			total += count[symbol]
		}
	close("sort -rn")
	printf "%10.1f  in all of these\n", total / nr
}
