#include "tui/terminal/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
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
#include <wchar.h>

#include "tui/terminal/terminal_output.h"

static struct {
    bool is_open;
    struct termios before; // to put back after a crash
    char leave[256];       // what the terminal wants to hear then
    WINDOW *keys;          // a pad: reading from it draws nothing
    TerminalOutput output;
    bool is_lost;           // it takes no more bytes
    int errors, log;        // descriptors: the real standard error, and where it goes meanwhile; -1
    sigset_t while_waiting; // the signal mask for the wait for events; otherwise WAITED_FOR are blocked
    volatile sig_atomic_t asked_to_leave, was_resumed;
} terminal = {.errors = -1, .log = -1};

static const int CRASHES[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
static const int REQUESTS[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
static const int WAITED_FOR[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGWINCH, SIGCONT};

// ---- standard error -----------------------------------------------------------------------------

// What libraries print would stand in the middle of the screen. It goes to a file without a name until the
// screen is gone.
static void divert_errors(void) {
    char name[] = "/tmp/kvstep-log-XXXXXX";
    terminal.log = mkstemp(name);
    if (terminal.log < 0) return;
    unlink(name);
    terminal.errors = dup(STDERR_FILENO);
    if (terminal.errors >= 0)
        dup2(terminal.log, STDERR_FILENO);
    else // it could not be put back
        close(terminal.log);
}

// Puts standard error back and copies there what has come. Only calls that are allowed in a signal handler.
static void restore_errors(void) {
    char bytes[1024];
    ssize_t n;
    if (terminal.errors < 0) return;
    dup2(terminal.errors, STDERR_FILENO);
    lseek(terminal.log, 0, SEEK_SET);
    while ((n = read(terminal.log, bytes, sizeof bytes)) > 0)
        if (write(STDERR_FILENO, bytes, (size_t)n) != n) break;
    close(terminal.log);
    close(terminal.errors);
    terminal.log = terminal.errors = -1;
}

// ---- signals ------------------------------------------------------------------------------------

// Only calls that are allowed in a signal handler.
static void on_crash(int number) {
    if (terminal.is_open) {
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
        ssize_t ignored = write(STDOUT_FILENO, terminal.leave, strlen(terminal.leave));
        (void)ignored;
        restore_errors();
    }
    signal(number, SIG_DFL);
    raise(number);
}

static void on_request(int number) {
    terminal.asked_to_leave = number;
}

static void on_resume(int number) {
    terminal.was_resumed = number;
}

static void handle(const int *signals, size_t n, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < n; i++) sigaction(signals[i], &action, NULL);
}

// A signal that comes between a look at its flag and the wait would be overlooked until the next key: these
// are let in during the wait alone.
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

// The last two: the line wraps again, and the mouse is the terminal's own.
static void remember_how_to_leave(void) {
    static const char *const CAPABILITIES[] = {"sgr0", "cnorm", "rmkx", "smam", "rmcup"};
    snprintf(terminal.leave, sizeof terminal.leave, "%s", "\033[?1000l\033[?1006l");
    for (size_t i = 0; i < sizeof CAPABILITIES / sizeof *CAPABILITIES; i++) {
        const char *sequence = capability(CAPABILITIES[i]);
        size_t used = strlen(terminal.leave);
        if (sequence) snprintf(terminal.leave + used, sizeof terminal.leave - used, "%s", sequence);
    }
    terminal_output_strip_delays(terminal.leave);
}

static int count_colors(void) {
    const char *no_color = getenv("NO_COLOR"), *says = getenv("COLORTERM");
    int n = tigetnum("colors");
    if ((no_color && *no_color) || n < 8) return 0;
    bool is_exact = says && (strcmp(says, "truecolor") == 0 || strcmp(says, "24bit") == 0);
    if (is_exact || tigetflag("RGB") > 0 || tigetflag("Tc") > 0 || n >= TRUE_COLOR) return TRUE_COLOR;
    return n >= 256 ? 256 : n >= 16 ? 16 : 8;
}

static const char *with_numbers(const char *string, int first, int second) {
    static char sequence[64];
    snprintf(sequence, sizeof sequence, "%s", tiparm(string, first, second));
    terminal_output_strip_delays(sequence);
    return sequence;
}

static void learn_capabilities(Capabilities *can) {
    *can = (Capabilities){.n_colors = count_colors(),
                          .move = capability("cup"),
                          .reset = capability("sgr0"),
                          .bold = capability("bold"),
                          .dim = capability("dim"),
                          .reverse = capability("rev"),
                          .underline = capability("smul"),
                          .foreground = capability("setaf"),
                          .background = capability("setab"),
                          .with_numbers = with_numbers};
}

static void send(const char *bytes, size_t n) {
    while (n > 0 && !terminal.is_lost) {
        ssize_t sent = write(STDOUT_FILENO, bytes, n);
        if (sent < 0 && errno == EAGAIN)
            poll(&(struct pollfd){.fd = STDOUT_FILENO, .events = POLLOUT}, 1, 1000);
        else if (sent < 0 && errno != EINTR)
            terminal.is_lost = true;
        if (sent > 0) bytes += sent, n -= (size_t)sent;
    }
}

static void prepare_input(void) {
    cbreak();
    noecho();
    nonl();
    set_escdelay(25);
    curs_set(0);
    terminal.keys = newpad(1, 1);
    keypad(terminal.keys, TRUE);
    nodelay(terminal.keys, TRUE);
    mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
    mouseinterval(0);
    refresh(); // the one that switches to the program's own screen
    if (capability("rmam")) send(capability("rmam"), strlen(capability("rmam")));
}

bool terminal_open(Error *err) {
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return error_set(
            err, "the stepper needs a terminal for its keys and its screen; `kvstep run` works without one");
    tcgetattr(STDIN_FILENO, &terminal.before);
    if (!newterm(NULL, stdout, stdin)) {
        const char *name = getenv("TERM");
        return error_set(
            err,
            "the terminal type TERM=%s is not known here; set TERM to one that is, such as xterm-256color",
            name ? name : "");
    }
    if (!capability("cup")) {
        endwin();
        return error_set(err,
                         "a terminal of the type TERM=%s cannot move its cursor; `kvstep run` works there",
                         getenv("TERM"));
    }
    terminal.asked_to_leave = terminal.was_resumed = 0;
    terminal.is_lost = false;
    remember_how_to_leave();
    learn_capabilities(&terminal.output.can);
    prepare_input();
    divert_errors();
    terminal.is_open = true;
    handle(CRASHES, sizeof CRASHES / sizeof *CRASHES, on_crash);
    handle(REQUESTS, sizeof REQUESTS / sizeof *REQUESTS, on_request);
    handle((int[]){SIGCONT}, 1, on_resume);
    block_signals();
    return true;
}

void terminal_close(void) {
    if (!terminal.is_open) return;
    if (capability("smam")) send(capability("smam"), strlen(capability("smam")));
    delwin(terminal.keys);
    endwin();
    terminal_output_done(&terminal.output);
    terminal.is_open = false;
    restore_errors();
    pthread_sigmask(SIG_SETMASK, &terminal.while_waiting, NULL);
    handle(CRASHES, sizeof CRASHES / sizeof *CRASHES, SIG_DFL);
    handle(REQUESTS, sizeof REQUESTS / sizeof *REQUESTS, SIG_DFL);
    handle((int[]){SIGCONT}, 1, SIG_DFL);
}

bool terminal_has_utf8(void) {
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

void terminal_size(int *n_rows, int *n_columns) {
    getmaxyx(stdscr, *n_rows, *n_columns);
}

// "15;0" is white on black, "0;15" the other way round; terminals that do not say are taken for dark ones.
ThemeId terminal_theme(void) {
    const char *colors = getenv("COLORFGBG"), *background = colors ? strrchr(colors, ';') : NULL;
    int number = background ? (int)strtol(background + 1, NULL, 10) : 0;
    return number == 7 || number == 15 ? THEME_LIGHT : THEME_DARK;
}

void terminal_present(const Canvas *canvas, ThemeId theme) {
    TerminalOutput *output = &terminal.output;
    output->n = 0;
    terminal_output_draw(output, canvas, theme);
    send(output->bytes, output->n);
}

void terminal_redraw(void) {
    terminal_output_forget(&terminal.output);
}

// ---- keys ---------------------------------------------------------------------------------------

static bool name_function_key(int code, char key[16]) {
    static const struct {
        int code;
        const char *name;
    } NAMES[] = {
        {KEY_RIGHT, "Right"},         {KEY_LEFT, "Left"},      {KEY_UP, "Up"},        {KEY_DOWN, "Down"},
        {KEY_HOME, "Home"},           {KEY_END, "End"},        {KEY_ENTER, "Enter"},  {KEY_DC, "Delete"},
        {KEY_BACKSPACE, "Backspace"}, {KEY_NPAGE, "PageDown"}, {KEY_PPAGE, "PageUp"}, {KEY_BTAB, "BackTab"},
    };
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (NAMES[i].code == code) return snprintf(key, 16, "%s", NAMES[i].name) > 0;
    if (code >= KEY_F(1) && code <= KEY_F(12)) return snprintf(key, 16, "F%d", code - KEY_F(0)) > 0;
    return false;
}

static bool name_character(wint_t code, char key[16]) {
    static const struct {
        wint_t code;
        const char *name;
    } NAMES[] = {{' ', "Space"}, {27, "Escape"},     {'\r', "Enter"}, {'\n', "Enter"},
                 {'\t', "Tab"},  {127, "Backspace"}, {8, "Backspace"}};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (NAMES[i].code == code) return snprintf(key, 16, "%s", NAMES[i].name) > 0;
    if (code < ' ') return snprintf(key, 16, "Ctrl-%c", (int)code + '@') > 0;
    char bytes[MB_LEN_MAX];
    mbstate_t state = {0};
    size_t n = wcrtomb(bytes, (wchar_t)code, &state);
    if (n == (size_t)-1 || n >= 16) return false;
    memcpy(key, bytes, n);
    key[n] = '\0';
    return true;
}

static Event read_mouse(void) {
    MEVENT mouse;
    if (getmouse(&mouse) != OK) return (Event){.type = EVENT_NONE};
    Event event = {.type = EVENT_CLICK, .row = mouse.y, .column = mouse.x};
    if (mouse.bstate & (BUTTON4_PRESSED | BUTTON5_PRESSED)) {
        event.type = EVENT_WHEEL;
        event.n = mouse.bstate & BUTTON4_PRESSED ? -1 : 1;
    }
    return event;
}

static Event read_key(void) {
    Event event = {.type = EVENT_NONE};
    wint_t code;
    for (int kind; (kind = wget_wch(terminal.keys, &code)) != ERR;) {
        if (kind == KEY_CODE_YES && code == KEY_RESIZE) {
            terminal_redraw();
            return (Event){.type = EVENT_RESIZE};
        }
        if (kind == KEY_CODE_YES && code == KEY_MOUSE) return read_mouse();
        if (!(kind == KEY_CODE_YES ? name_function_key((int)code, event.key)
                                   : name_character(code, event.key)))
            continue;
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
    int n_ready =
        pselect(last + 1, &readable, NULL, NULL, timeout_ms < 0 ? NULL : &timeout, &terminal.while_waiting);
    return n_ready > 0 ? poll(fds, (nfds_t)n, 0) : n_ready;
}

// After a stop and a resume ncurses has drawn its own, empty screen.
static Event draw_again(void) {
    terminal.was_resumed = 0;
    terminal_redraw();
    return (Event){.type = EVENT_RESIZE};
}

Event terminal_next_event(int timeout_ms, int wake_fd) {
    if (terminal.asked_to_leave || terminal.is_lost) return (Event){.type = EVENT_CLOSED};
    Event event = read_key();
    if (event.type != EVENT_NONE) return event;
    struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = wake_fd, .events = POLLIN}};
    int n_ready = wait_for(fds, wake_fd >= 0 ? 2 : 1, timeout_ms);
    if (terminal.asked_to_leave) return (Event){.type = EVENT_CLOSED};
    if (terminal.was_resumed) return draw_again();
    if (n_ready < 0 && errno == EINTR) return read_key(); // a resize is waiting in ncurses
    if (n_ready == 0) return (Event){.type = EVENT_TIMEOUT};
    if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) return (Event){.type = EVENT_CLOSED};
    if (wake_fd >= 0 && (fds[1].revents & POLLIN)) return (Event){.type = EVENT_WAKE};
    return fds[0].revents & POLLIN ? read_key() : (Event){.type = EVENT_NONE};
}

int terminal_signal(void) {
    return terminal.asked_to_leave;
}
