"""Commands: flags become a `Config`, a report becomes an exit code. No logic."""

import gc

# A run of the command is one short breath: nearly all that it makes lives to its end, and looking for cycles among it,
# from the first import on, was a tenth of the time of a commit hook.
gc.disable()
