"""What the filter refuses beside jail_rules.py where a job has no namespaces, and why: what those would have kept from it.

Landlock holds it to its files; but it knows no process, no socket that has a path, and no attribute of a file."""

from errno import EAFNOSUPPORT, EOPNOTSUPP, EPERM

REFUSED = (
    (EPERM, "fork vfork", "one process: so it is whole in sight, and gone when it is killed"),
    (EAFNOSUPPORT, "socket", "every socket would be one of the machine's own network, or lead to one by its path"),
    (EPERM, "connect bind listen accept accept4 sendmsg sendmmsg", "a socketpair, which asyncio needs, could be led elsewhere"),
    (EPERM, "tkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open pidfd_send_signal", "it shares its uid with other processes"),
    (EPERM, "statfs fstatfs", "free space tells how much others submit meanwhile"),
    (EPERM, "setpriority ioprio_set sched_setscheduler sched_setparam", "likewise"),
    (EPERM, "chmod fchmod fchmodat chown fchown lchown fchownat utime utimes utimensat futimesat"
            " setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr",
     "Landlock lets these through for every file of its uid"),
)

REFUSED_WITH = (
    (EPERM, "clone", 0, "no_bit", 0x00010000, "CLONE_THREAD: threads are allowed, see fork"),
    (EPERM, "clone", 0, "no_bit", 0x00000400, "CLONE_FILES: what a thread has open is seen with its process'"),
    (EOPNOTSUPP, "fallocate", 1, "not", 0, "FALLOC_FL_KEEP_SIZE takes disk that RLIMIT_FSIZE does not see"),
    (EPERM, "prctl", 0, "one_of", (1,), "PR_SET_PDEATHSIG: a job ends with its slot's supervisor"),
    (EPERM, "close_range", 2, "any_bit", 2, "CLOSE_RANGE_UNSHARE: see clone"),
    (EPERM, "kill", 0, "not_self", None, "see tkill"),
    (EPERM, "tgkill", 0, "not_self", None, "see tkill"),
    (EPERM, "sendto", 4, "not_null", None, "see connect"),
    (EPERM, "fcntl", 1, "one_of", (8, 10, 15), "F_SETOWN, F_SETSIG, F_SETOWN_EX: signals by way of a file"),
    (EPERM, "ioctl", 1, "from_up_to", (0x8900, 0x8C00),
     "FIOSETOWN, SIOCSPGRP: likewise; and what a socketpair tells of the container's network devices"),
)
