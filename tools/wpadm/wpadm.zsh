#compdef wpadm
# SPDX-License-Identifier: GPL-2.0
# zsh completion for wpadm(8)

_wpadm_pools() {
	local -a pools
	pools=(${(f)"$(_call_program pools wpadm list --noheadings --raw --output NAME,MULTI 2>/dev/null |
		tr ' ' '\n' | grep -vx -e - | sort -u)"})
	compadd -a pools
}

# The columns that the help of a command lists.
_wpadm_columns() {
	local -a columns
	columns=(all ${(f)"$(_call_program columns wpadm help $1 2>/dev/null |
		sed -n '/^Columns/,/^$/s/^ [ *]\([A-Z][A-Z/-]*\) .*/\1/p')"})
	_values -s , column $columns
}

# The settings that the help of tune lists.
_wpadm_settings() {
	local -a settings
	settings=(${(f)"$(_call_program settings wpadm help tune 2>/dev/null |
		sed -n 's/^  \([a-z-]*=\)[A-Z].*/\1/p')"})
	compadd -S "" -a settings
}

_wpadm() {
	local curcontext=$curcontext state line
	local -a common json table
	local -A opt_args

	common=(
		'--device[the device]:device:_files'
		'(-h --help)'{-h,--help}'[explain]'
		'(-V --version)'{-V,--version}'[version of wpadm]'
	)
	json=('(-J --json)'{-J,--json}'[JSON, with plain numbers]')
	table=(
		'(-n --noheadings)'{-n,--noheadings}'[no line of headings]'
		'(-r --raw)'{-r,--raw}'[one space between the fields]'
	)

	_arguments -C $common '1:command:->command' '*::argument:->argument'

	case $state in
	command)
		local -a commands
		commands=(
			'list:show pools, one per line'
			'show:show everything about a pool'
			'tune:change a running pool'
			'release:close pools'
			'reboot:open closed pools again'
			'top:watch the pools'
			'prometheus:print all numbers for Prometheus'
			'version:show versions'
			'help:explain a command'
		)
		_describe command commands
		;;
	argument)
		case $words[1] in
		list)
			_arguments $common $json $table \
				'(-o --output)'{-o,--output}'[columns]:columns:_wpadm_columns list' \
				'*:pool:_wpadm_pools'
			;;
		show)
			_arguments $common $json \
				'(-o --output)'{-o,--output}'[columns]:columns:_wpadm_columns show' \
				'*:pool:_wpadm_pools'
			;;
		tune)
			_arguments $common $json '--dry-run[change nothing]' \
				'1:pool:_wpadm_pools' \
				'*:setting:_wpadm_settings'
			;;
		release)
			_arguments $common $json \
				'(-t --timeout)'{-t,--timeout}'[wait for the workers]:time:(1s 5s 30s forever)' \
				'*:pool:_wpadm_pools'
			;;
		reboot)
			_arguments $common $json '*:pool:_wpadm_pools'
			;;
		top)
			_arguments $common $json $table \
				'(-o --output)'{-o,--output}'[columns]:columns:_wpadm_columns top' \
				'(-d --delay)'{-d,--delay}'[time between samples]:seconds:' \
				'--iter[stop after so many samples]:number:' \
				'(-b --batch)'{-b,--batch}'[one table below the other]'
			;;
		prometheus)
			_arguments $common \
				'(-o --output)'{-o,--output}'[file to replace]:file:_files'
			;;
		version)
			_arguments $common $json \
				'(-o --output)'{-o,--output}'[columns]:columns:_wpadm_columns version'
			;;
		help)
			_arguments '1:command:(list show tune release reboot top prometheus version help)'
			;;
		esac
		;;
	esac
}

_wpadm "$@"
