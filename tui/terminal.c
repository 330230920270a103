#include "terminal.h"

#include <errno.h>
#include <langinfo.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "theme.h"

static struct {
    bool is_open;
    struct termios before;  // to put back after a crash
    char leave[256];        // what the terminal wants to hear then
    int n_colors;           // as themes count them
    Canvas shown;           // what was sent last
    sigset_t while_waiting; // the signal mask for the wait for events; otherwise WAITED_FOR are blocked
    volatile sig_atomic_t asked_to_leave;
} terminal;

static const int CRASHES[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
static const int REQUESTS[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
static const int WAITED_FOR[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGWINCH};

// Only calls that are allowed in a signal handler.
static void on_crash(int number) {
    if (terminal.is_open) {
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
        ssize_t ignored = write(STDOUT_FILENO, terminal.leave, strlen(terminal.leave));
        (void)ignored;
    }
    signal(number, SIG_DFL);
    raise(number);
}

static void on_request(int number) {
    terminal.asked_to_leave = number;
}

static void handle(const int *signals, size_t n, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < n; i++) sigaction(signals[i], &action, NULL);
}

// A signal that comes between a look at its flag and the wait would be overlooked until the next key: these are let in
// during the wait alone.
static void block_signals(void) {
    sigset_t blocked;
    sigemptyset(&blocked);
    for (size_t i = 0; i < sizeof WAITED_FOR / sizeof *WAITED_FOR; i++) sigaddset(&blocked, WAITED_FOR[i]);
    pthread_sigmask(SIG_BLOCK, &blocked, &terminal.while_waiting);
}

// What the terminal wants to hear for this; NULL when it cannot do it.
static const char *capability(const char *name) {
    const char *sequence = tigetstr(name);
    return sequence == (const char *)-1 ? NULL : sequence;
}

static void remember_how_to_leave(void) {
    static const char *const CAPABILITIES[] = {"sgr0", "cnorm", "rmkx", "rmcup"};
    for (size_t i = 0; i < sizeof CAPABILITIES / sizeof *CAPABILITIES; i++) {
        const char *sequence = capability(CAPABILITIES[i]);
        if (!sequence) continue;
        size_t used = strlen(terminal.leave);
        snprintf(terminal.leave + used, sizeof terminal.leave - used, "%s", sequence);
    }
}

static void prepare_colors(void) {
    const char *no_color = getenv("NO_COLOR");
    terminal.n_colors = 0;
    if ((no_color && *no_color) || !has_colors()) return;
    start_color();
    use_default_colors();
    terminal.n_colors = COLORS >= 256 && COLOR_PAIRS > ROLE_COUNT ? 256 : COLORS >= 8 && COLOR_PAIRS > ROLE_COUNT ? 8 : 0;
    for (int role = 0; role < ROLE_COUNT && terminal.n_colors; role++) {
        Look look = theme_look((Role)role, terminal.n_colors);
        init_pair((short)(role + 1), look.foreground, look.background);
    }
}

bool terminal_open(Error *err) {
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return error_set(err, "the stepper needs a terminal for its keys and its screen; `kvstep run` works without one");
    tcgetattr(STDIN_FILENO, &terminal.before);
    if (!newterm(NULL, stdout, stdin)) {
        const char *name = getenv("TERM");
        return error_set(err, "the terminal type TERM=%s is not known here; set TERM to one that is, such as xterm-256color",
                         name ? name : "");
    }
    if (!capability("cup")) {
        endwin();
        return error_set(err, "a terminal of the type TERM=%s cannot move its cursor; `kvstep run` works there",
                         getenv("TERM"));
    }
    terminal.asked_to_leave = 0;
    remember_how_to_leave();
    prepare_colors();
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(25);
    curs_set(0);
    terminal.is_open = true;
    handle(CRASHES, sizeof CRASHES / sizeof *CRASHES, on_crash);
    handle(REQUESTS, sizeof REQUESTS / sizeof *REQUESTS, on_request);
    block_signals();
    return true;
}

void terminal_close(void) {
    if (!terminal.is_open) return;
    endwin();
    canvas_done(&terminal.shown);
    terminal.is_open = false;
    pthread_sigmask(SIG_SETMASK, &terminal.while_waiting, NULL);
    handle(CRASHES, sizeof CRASHES / sizeof *CRASHES, SIG_DFL);
    handle(REQUESTS, sizeof REQUESTS / sizeof *REQUESTS, SIG_DFL);
}

bool terminal_has_utf8(void) {
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

void terminal_size(int *n_rows, int *n_columns) {
    getmaxyx(stdscr, *n_rows, *n_columns);
}

static attr_t attributes_of(Role role) {
    Look look = theme_look(role, terminal.n_colors);
    return (look.bold ? A_BOLD : 0) | (look.reverse ? A_REVERSE : 0) | (look.dim ? A_DIM : 0) |
           (look.underline ? A_UNDERLINE : 0);
}

// In 256 colours a heat cell is its background: the shade that stands for it elsewhere would only blur it.
static bool is_shade(const Cell *cell) {
    return terminal.n_colors >= 256 && cell->role >= ROLE_HEAT &&
           (strcmp(cell->glyph, "░") == 0 || strcmp(cell->glyph, "▒") == 0 || strcmp(cell->glyph, "▓") == 0 ||
            strcmp(cell->glyph, "█") == 0);
}

// Whether the cell is what was sent for its place last time. Remembers it when it is not.
static bool is_shown(const Canvas *canvas, int row, int column) {
    Cell *shown = &terminal.shown.cells[row * canvas->n_columns + column];
    const Cell *cell = canvas_cell(canvas, row, column);
    if (shown->role == cell->role && shown->width == cell->width && strcmp(shown->glyph, cell->glyph) == 0) return true;
    *shown = *cell;
    return false;
}

void terminal_present(const Canvas *canvas) {
    bool same_size = canvas->n_rows == terminal.shown.n_rows && canvas->n_columns == terminal.shown.n_columns;
    bool remembers = same_size || canvas_resize(&terminal.shown, canvas->n_rows, canvas->n_columns);
    if (!same_size) clear(); // blanks, as a new canvas is
    for (int row = 0; row < canvas->n_rows; row++)
        for (int column = 0; column < canvas->n_columns; column++) {
            const Cell *cell = canvas_cell(canvas, row, column);
            bool shown = remembers && is_shown(canvas, row, column);
            if (shown || cell->width == 0) continue;
            attr_set(attributes_of((Role)cell->role), terminal.n_colors ? (short)(cell->role + 1) : 0, NULL);
            mvaddstr(row, column, is_shade(cell) ? " " : cell->glyph);
        }
    refresh();
}

static bool name_key(int code, char key[16]) {
    static const struct {
        int code;
        const char *name;
    } NAMES[] = {
        {KEY_RIGHT, "Right"}, {KEY_LEFT, "Left"},   {KEY_UP, "Up"},          {KEY_DOWN, "Down"},    {KEY_HOME, "Home"},
        {KEY_END, "End"},     {' ', "Space"},       {27, "Escape"},          {'\r', "Enter"},       {'\n', "Enter"},
        {'\t', "Tab"},        {KEY_ENTER, "Enter"}, {KEY_NPAGE, "PageDown"}, {KEY_PPAGE, "PageUp"},
    };
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (NAMES[i].code == code) return snprintf(key, 16, "%s", NAMES[i].name) > 0;
    if (code <= ' ' || code >= 127) return false;
    return snprintf(key, 16, "%c", code) > 0;
}

static Event read_key(void) {
    Event event = {.type = EVENT_NONE};
    int code;
    while ((code = getch()) != ERR) {
        if (code == KEY_RESIZE) return (Event){.type = EVENT_RESIZE};
        if (!name_key(code, event.key)) continue;
        event.type = EVENT_KEY;
        break;
    }
    return event;
}

// poll() that lets the blocked signals in while it waits; ppoll() would do it, where there is one.
static int wait_for(struct pollfd *fds, int n, int timeout_ms) {
    struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
    fd_set readable;
    int last = -1;
    FD_ZERO(&readable);
    for (int i = 0; i < n; i++) {
        FD_SET(fds[i].fd, &readable);
        if (fds[i].fd > last) last = fds[i].fd;
    }
    int n_ready = pselect(last + 1, &readable, NULL, NULL, timeout_ms < 0 ? NULL : &timeout, &terminal.while_waiting);
    return n_ready > 0 ? poll(fds, (nfds_t)n, 0) : n_ready;
}

Event terminal_next_event(int timeout_ms, int wake_fd) {
    if (terminal.asked_to_leave) return (Event){.type = EVENT_CLOSED};
    Event event = read_key();
    if (event.type != EVENT_NONE) return event;
    struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = wake_fd, .events = POLLIN}};
    int n_ready = wait_for(fds, wake_fd >= 0 ? 2 : 1, timeout_ms);
    if (terminal.asked_to_leave) return (Event){.type = EVENT_CLOSED};
    if (n_ready < 0 && errno == EINTR) return read_key(); // a resize is waiting in ncurses
    if (n_ready == 0) return (Event){.type = EVENT_TIMEOUT};
    if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) return (Event){.type = EVENT_CLOSED};
    if (wake_fd >= 0 && (fds[1].revents & POLLIN)) return (Event){.type = EVENT_WAKE};
    return fds[0].revents & POLLIN ? read_key() : (Event){.type = EVENT_NONE};
}

int terminal_signal(void) {
    return terminal.asked_to_leave;
}
