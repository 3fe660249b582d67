/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The terminal, when it is drawn on as a whole.
 */
#ifndef WPADM_SCREEN_H
#define WPADM_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

/**
 * struct screen - the terminal
 * @saved: how it was before
 * @signals: where signals are read
 * @rows: its height
 * @cols: its width
 */
struct screen {
	struct termios saved;
	int signals;
	size_t rows;
	size_t cols;
};

/* What ends screen_wait(), other than a key. */
enum {
	SCREEN_TIMEOUT	= -1,
	SCREEN_RESIZED	= -2,
	SCREEN_END	= -3,	/* a signal, or the terminal is gone */
};

bool screen_possible(void);
int screen_open(struct screen *screen);
void screen_close(struct screen *screen);
void screen_measure(struct screen *screen);
void screen_draw(const struct screen *screen, const char *title,
		 const char *text);
int screen_wait(const struct screen *screen, double seconds);

#endif /* WPADM_SCREEN_H */
