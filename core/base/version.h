// The version of kvstep: in `kvstep --version` and in traces.
#ifndef KVSTEP_VERSION_H
#define KVSTEP_VERSION_H

#define KVSTEP_VERSION "0.2"

#endif
