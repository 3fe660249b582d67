// SPDX-License-Identifier: GPL-2.0
/*
 * The terminal, when it is drawn on as a whole. It takes five control sequences: a library
 * for terminals would take more code than it saves.
 */
#include <err.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "array.h"
#include "screen.h"

/* Control sequences that every terminal since the VT100 knows. */
#define TERM_ENTER	"\033[?1049h\033[?25l"	/* other screen, no cursor */
#define TERM_LEAVE	"\033[?25h\033[?1049l"
#define TERM_HOME	"\033[H"
#define TERM_CLEAR_LINE	"\033[K"
#define TERM_CLEAR_REST	"\033[J"

/* Is there a terminal for input and output, and does it know control sequences? */
bool screen_possible(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
	       term && *term && strcmp(term, "dumb");
}

/* Signals end what is shown, so that the terminal is restored. */
static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/**
 * screen_open() - take over the terminal
 * @screen: the result
 *
 * Return: 0, or -1 after a message.
 */
int screen_open(struct screen *screen)
{
	struct termios keys;

	if (!tcgetattr(STDIN_FILENO, &screen->saved))
		screen->signals = catch_signals();
	else
		screen->signals = -1;
	if (screen->signals < 0) {
		warn("cannot take over the terminal; try --batch");
		return -1;
	}
	keys = screen->saved;
	keys.c_lflag &= ~(ICANON | ECHO);
	keys.c_cc[VSUSP] = _POSIX_VDISABLE;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &keys);	/* what was typed ahead stays */
	fputs(TERM_ENTER, stdout);
	screen_measure(screen);
	return 0;
}

void screen_close(struct screen *screen)
{
	fputs(TERM_LEAVE, stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &screen->saved);
	close(screen->signals);
}

/* Find out how large the terminal is. */
void screen_measure(struct screen *screen)
{
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col ||
	    !size.ws_row) {
		size.ws_row = 24;
		size.ws_col = 80;
	}
	screen->rows = size.ws_row;
	screen->cols = size.ws_col;
}

static void draw_line(const struct screen *screen, const char *text, size_t len)
{
	printf("%.*s" TERM_CLEAR_LINE,
	       (int)(len < screen->cols ? len : screen->cols), text);
}

static size_t count_lines(const char *text)
{
	size_t nr = 0;

	for (; *text; nr++) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return nr;
}

/* Lines for which there is no room are counted, in the last line. */
static void draw_lines(const struct screen *screen, const char *text)
{
	size_t left = count_lines(text), rows = screen->rows - 1, len;
	char more[32];

	for (; left && rows; left--, rows--) {
		len = strcspn(text, "\n");
		fputs("\r\n", stdout);
		if (rows == 1 && left > 1) {
			snprintf(more, sizeof(more), "%zu more lines", left);
			draw_line(screen, more, strlen(more));
			return;
		}
		draw_line(screen, text, len);
		text += len + (text[len] == '\n');
	}
}

/**
 * screen_draw() - draw over what was drawn before
 * @screen: the terminal
 * @title: the first line
 * @text: the lines below it
 */
void screen_draw(const struct screen *screen, const char *title,
		 const char *text)
{
	fputs(TERM_HOME, stdout);
	draw_line(screen, title, strlen(title));
	draw_lines(screen, text);
	fputs(TERM_CLEAR_REST, stdout);
	fflush(stdout);
}

static int read_key(void)
{
	unsigned char key;

	return read(STDIN_FILENO, &key, 1) == 1 ? key : SCREEN_END;
}

static int read_signal(const struct screen *screen)
{
	struct signalfd_siginfo info;

	return read(screen->signals, &info, sizeof(info)) == sizeof(info) &&
	       info.ssi_signo == SIGWINCH ? SCREEN_RESIZED : SCREEN_END;
}

/* Wait for a key or a signal. Returns the key, or SCREEN_*. */
int screen_wait(const struct screen *screen, double seconds)
{
	struct pollfd inputs[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = screen->signals, .events = POLLIN },
	};

	if (poll(inputs, ARRAY_SIZE(inputs), ceil(fmax(seconds, 0) * 1000)) <= 0)
		return SCREEN_TIMEOUT;
	return inputs[1].revents ? read_signal(screen) : read_key();
}
