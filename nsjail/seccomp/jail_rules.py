"""What the jail's filter refuses, and why. Everything else is allowed: a job is held by its namespaces and limits first.

Always an errno, never a kill: a library that probes for a call must be able to go on without it."""

from errno import EAFNOSUPPORT, ENOSYS, EPERM

# Calls from this number on came after Linux 5.16, which this list was checked against: as on an older kernel, they are
# not there. It covers the x32 ABI too, whose numbers have bit 30 set.
FIRST_UNKNOWN = 450

# (errno, calls, why). ENOSYS, "this kernel has no such call", where the kernel itself would say EPERM to an unprivileged
# process: so a test can tell the filter's answer from the kernel's, and each rule is proven to be in force.
REFUSED = (
    (EPERM, "ptrace process_vm_readv process_vm_writev process_madvise process_mrelease pidfd_getfd kcmp"
            " move_pages migrate_pages",
     "the job shares its uid with the jail's pid 1, whose memory and descriptors these reach"),
    (EPERM, "unshare setns", "a namespace of its own is where a job would get capabilities from"),
    (ENOSYS, "clone3", "its flags lie in memory, where no filter can see them; libc falls back on clone"),
    (EPERM, "mount umount2 chroot mount_setattr open_tree fsconfig", "the file tree stays as nsjail made it"),
    (ENOSYS, "pivot_root move_mount fsopen fsmount fspick", "likewise"),
    (EPERM, "name_to_handle_at", "a handle reaches files that no mount of the jail shows"),
    (ENOSYS, "open_by_handle_at", "likewise"),
    (EPERM, "keyctl add_key request_key", "keyrings belong to a uid and outlive the job"),
    (EPERM, "io_uring_setup io_uring_enter io_uring_register", "it makes calls that no filter sees"),
    (EPERM, "io_setup", "its contexts count against one limit of the whole host"),
    (EPERM, "perf_event_open userfaultfd", "kernel surface with a long record of escapes"),
    (ENOSYS, "bpf", "likewise"),
    (EPERM, "memfd_create memfd_secret", "memory without a process or a mount that it could be counted by"),
    (EPERM, "shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl"
            " mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr",
     "memory that outlives every process of the job, until the namespace goes"),
    (EPERM, "inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_init fanotify_mark",
     "watches see what happens to files shared with other jobs, and are a quota of the uid"),
    (EPERM, "sched_setaffinity sched_setattr", "affinity is the CPU limit"),
    (EPERM, "sync syncfs", "they make the host write its disks"),
    (ENOSYS, "kexec_load kexec_file_load init_module finit_module delete_module reboot swapon swapoff acct quotactl"
             " quotactl_fd syslog clock_settime settimeofday clock_adjtime adjtimex sethostname setdomainname vhangup"
             " iopl ioperm modify_ldt",
     "they are for whoever runs the host"),
)

# (errno, call, argument, how, values, why): refused where the low 32 bits of the argument are such. All of these are
# ints to the kernel, which ignores the rest too.
REFUSED_WITH = (
    (EPERM, "clone", 0, "any_bit", 0x7E020000, "CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET: see unshare"),
    (EAFNOSUPPORT, "socket", 0, "not", 1, "AF_UNIX, inside the job's own network namespace, is all it may have"),
    (EAFNOSUPPORT, "socketpair", 0, "not", 1, "see socket"),
    (EPERM, "prlimit64", 0, "not", 0, "the limits of another process, the jail's pid 1 for one"),
    (EPERM, "fcntl", 1, "one_of", (1031, 1026), "F_SETPIPE_SZ: pipe memory is a quota of the uid; F_NOTIFY: see inotify"),
    (EPERM, "ioctl", 1, "one_of", (0x5412, 0x541C), "TIOCSTI, TIOCLINUX: typing into someone's terminal"),
    (EPERM, "personality", 0, "not", 0xFFFFFFFF, "asking is allowed, changing the address layout is not"),
)
