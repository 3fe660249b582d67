/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WPADM_ARRAY_H
#define WPADM_ARRAY_H

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#endif /* WPADM_ARRAY_H */
