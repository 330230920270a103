// kvstep: the command line. A first argument that names a subcommand goes there; anything else opens the stepper.
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} SUBCOMMANDS[] = {{"run", command_run}, {"view", command_view}};

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, ""); // numbers keep their point: LC_NUMERIC stays "C"
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        puts("kvstep " KVSTEP_VERSION);
        return EXIT_OK;
    }
    for (size_t i = 0; argc > 1 && i < sizeof SUBCOMMANDS / sizeof *SUBCOMMANDS; i++)
        if (strcmp(argv[1], SUBCOMMANDS[i].name) == 0) {
            argv[1] = argv[0]; // getopt's messages begin with the program's name
            return SUBCOMMANDS[i].run(argc - 1, argv + 1);
        }
    return command_step(argc, argv);
}
